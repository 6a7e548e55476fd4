// The private page of a demo user: one file with its style inside, because a sandboxed page loads nothing of its reader's.

/** A whole page for the user of this name. */
export function privatePage(username: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Private folder of ${username}</title>
    <link rel="icon" href="data:," />
    <style>
      :root { color-scheme: light dark; --brick: light-dark(#8a3b1f, #ffb38a); }
      body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem 1rem; box-sizing: border-box;
        background: light-dark(#f7f3ea, #12131c); color: light-dark(#25221e, #ebe7de); font: 1.05rem/1.6 system-ui, sans-serif; }
      main { box-sizing: border-box; width: min(100%, 30rem); padding: clamp(6rem, 30vw, 11rem) clamp(1.5rem, 8vw, 3rem) 2rem;
        border: 2px solid light-dark(#ddd4c3, #33364a); border-bottom: 0.7rem solid var(--brick);
        border-radius: 15rem 15rem 0 0; background: light-dark(#fffdf8, #1b1d2b); }
      h1 { margin: 0 0 1rem; font: 500 2rem/1.2 "Iowan Old Style", "Palatino Linotype", Palatino, P052, Georgia, serif; }
      a { color: var(--brick); text-underline-offset: 0.2em; }
      :focus-visible { outline: 3px solid; outline-offset: 3px; }
    </style>
  </head>
  <body>
    <main>
      <h1>This is ${username}’s own room</h1>
      <p>Everybody opens the same address, <code>/me/</code>, and everybody gets a folder of their own. Nobody reads another’s, not by its real key either.</p>
      <p>What people keep in it may be anything, so it runs no script and loads nothing in your name.</p>
      <p><a href="/">Back to the gate</a></p>
    </main>
  </body>
</html>
`;
}
