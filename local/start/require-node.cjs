// Runs before the scripts that start TypeScript directly: one clear message on a Node that cannot.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Gatehouse's tools need Node 22.18 or newer and found ${process.version} at ${process.execPath}.\n` +
      "`npm ci` brings Node 24 along on Linux and macOS; if it was installed with --omit=optional, run `npm ci` again without it, or install Node 24.",
  );
  process.exit(1);
}
