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
      :root { color-scheme: light dark; --line: light-dark(#b9b1a1, #4a4d66); --link: light-dark(#8a3b1f, #ffb38a); }
      * { box-sizing: border-box; }
      body { margin: 0; padding: 3rem 1rem; font: 1rem/1.55 system-ui, sans-serif;
        background: light-dark(#faf8f4, #14151d); color: light-dark(#26221c, #ece9e2); }
      main { max-width: 26rem; margin: 0 auto; }
      h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
      h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
      a { color: var(--link); }
      label { display: block; margin: 1rem 0 0.25rem; }
      input { width: 100%; padding: 0.6rem; font: inherit; color: inherit; background: light-dark(#fff, #1e2029);
        border: 1px solid var(--line); border-radius: 0.4rem; }
      button, .button { display: inline-block; margin-top: 1.25rem; padding: 0.6rem 1.2rem; font: inherit; cursor: pointer;
        border: 0; border-radius: 0.4rem; text-decoration: none; background: light-dark(#8a3b1f, #ffb38a); color: light-dark(#fff, #14151d); }
      [role="alert"] { padding: 0.6rem 0.8rem; border-left: 4px solid light-dark(#b3261e, #ff8a80);
        background: light-dark(#fbe9e7, #3a2226); }
      .quiet { background: none; color: inherit; border: 1px solid var(--line); }
      code { overflow-wrap: anywhere; }
      dl { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1rem; }
      dd { margin: 0; overflow-wrap: anywhere; }
    `;
