// The private page of a demo user: one file with its style inside, because a sandboxed page loads nothing of its reader's.

/** A whole page for the user of this name. */
export function privatePage(username: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Private folder of ${username}</title>
    <style>
      body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1.05rem/1.6 system-ui, sans-serif; }
    </style>
  </head>
  <body>
    <h1>This is ${username}'s own page</h1>
    <p>Everybody opens the same address, <code>/me/</code>, and everybody gets a folder of their own. Nobody reads another's, not by its real key either.</p>
    <p><a href="/">Back to the gate</a></p>
  </body>
</html>
`;
}
