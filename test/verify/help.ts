// The text of `--help`.

/** How to use it. */
export const HELP = `Checks a Gatehouse from outside, wherever it runs. Nothing is changed or uploaded.

  npm run verify -- --url https://assets.example.com [options]

The user's ID token, from one of
  --token-file <file>         a file that holds it
  GATEHOUSE_TOKEN             the environment
  --token <token>             the command line, which other users of this machine may see
  --user-pool-region <region> --client-id <id>
                              Cognito, for GATEHOUSE_USERNAME and GATEHOUSE_PASSWORD of the environment; the client
                              must allow ALLOW_USER_PASSWORD_AUTH
  GATEHOUSE_REFRESH_TOKEN     beside a token, for the check of renewal: used once, and gone then if the client rotates

Objects, as paths in a URL; what is not given is looked for: at /, in its links, and in listings
  --path /photo.jpg           one that the user may read
  --cold-path /other.jpg      one that is not in the cache yet; may be given again
  --odd-path /a%20b%2Bc.jpg   one with an odd name; may be given again
  --group-path /team/x        one that the user may read as a member of a group
  --owner-path /me/x          one of the user's own
  --forbidden-path /board/x   one that the user may not read
  --public-path /logo.svg     one that everybody may read

  --bucket <name> --region <region> [--origin-path /site]
                              whether the bucket itself is closed
  --origin https://app.example.com
                              a configured CORS origin
  --base-path /.gatehouse/    where the gate's own endpoints are
  --s3-endpoint <url>         instead of https://<bucket>.s3.<region>.amazonaws.com

  --json                      for programs
  --help                      this text

Exit code 0: nothing failed; 1: something did; 2: the command line does not fit.`;
