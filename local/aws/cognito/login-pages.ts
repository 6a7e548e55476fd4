// The pages of the managed login: plain HTML, no script, readable on a phone.

/** What the sign-in form shows. */
export interface LoginForm {
  readonly action: string;
  /** Why the last attempt failed. */
  readonly problem?: string;
  /** What was typed then. */
  readonly username?: string;
  /** A line for people trying the local stack, such as its users. */
  readonly hint?: string | undefined;
}

/** The sign-in form. */
export function loginPage({ action, problem, username = "", hint }: LoginForm): string {
  const alert = problem === undefined ? "" : `<p role="alert">${escapeHtml(problem)}</p>`;
  const [focusName, focusPassword] = username === "" ? [" autofocus", ""] : ["", " autofocus"];
  return page(
    "Sign in",
    `<h1>Sign in</h1>
      ${alert}
      <form method="post" action="${escapeHtml(action)}">
        <label for="username">User name</label>
        <input id="username" name="username" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${focusName} />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required${focusPassword} />
        <button type="submit">Sign in</button>
      </form>
      ${hint === undefined ? "" : `<p><small>${escapeHtml(hint)}</small></p>`}`,
  );
}

/** What went wrong with the request itself; there is nowhere safe to send the browser. */
export function errorPage(code: string, description: string): string {
  return page(
    "Something is wrong",
    `<h1>This sign-in link does not work</h1>
      <p>${escapeHtml(description)}</p>
      <p><code>${escapeHtml(code)}</code></p>`,
  );
}

/** Text that is safe in HTML, in quoted attributes too. */
export function escapeHtml(text: string): string {
  const named: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => named[character] ?? character);
}

/** A whole page around some HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)}</title>
    <link rel="icon" href="data:," />
    <style>${STYLE}</style>
  </head>
  <body>
    <main>
      ${body}
    </main>
  </body>
</html>
`;
}

const STYLE = `
      :root { color-scheme: light dark; --ground: light-dark(#eef0f4, #10131a); --card: light-dark(#fff, #1a1f29);
        --ink: light-dark(#1b2230, #e8ebf1); --quiet: light-dark(#576074, #a3acbd); --line: light-dark(#aab2c2, #475067);
        --accent: light-dark(#1f4f8f, #9cc4ff); }
      * { box-sizing: border-box; }
      body { margin: 0; min-height: 100vh; display: grid; align-content: center; padding: 1.5rem 1rem;
        background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
      main { width: 100%; max-width: 25rem; margin: 0 auto; padding: clamp(1.5rem, 7vw, 2.5rem); background: var(--card);
        border-radius: 0.9rem; box-shadow: 0 1rem 3rem #00000022; }
      h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1.25rem; }
      small { display: block; color: var(--quiet); font-size: 0.9rem; }
      p:last-child { margin: 1.5rem 0 0; }
      label { display: block; margin: 1rem 0 0.25rem; }
      input { width: 100%; padding: 0.65rem 0.75rem; font: inherit; color: inherit; background: var(--card);
        border: 1px solid var(--line); border-radius: 0.5rem; }
      button { width: 100%; margin-top: 1.5rem; padding: 0.7rem 1.2rem; font: inherit; font-weight: 600; cursor: pointer;
        border: 0; border-radius: 0.5rem; background: var(--accent); color: var(--card); }
      :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
      [role="alert"] { margin: 0; padding: 0.6rem 0.8rem; border-left: 4px solid light-dark(#b3261e, #ff8a80);
        background: light-dark(#fbe9e7, #3a2226); }
      code { overflow-wrap: anywhere; }
    `;
