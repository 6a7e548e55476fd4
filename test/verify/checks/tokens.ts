// The user's token opens the object, wherever it travels, and nothing that only looks like it does.
import { codeOf, isHit, summary } from "../answer.ts";
import { type Check, type Demand, judge, Skipped } from "../check.ts";
import { diagnosis, FROM_CACHE } from "../diagnosis.ts";
import { ask, askAsBrowser, askAsUser, objectOf, type Subject, tokenCookie } from "../subject.ts";

async function inHeader(subject: Subject) {
  const { path } = subject.places.object;
  const answer = await askAsUser(subject, path);
  return judge(
    summary(answer),
    [[`200 for ${path}`, answer.status === 200]],
    diagnosis(answer, subject.places),
  );
}

async function inCookie(subject: Subject) {
  const { path } = objectOf(subject);
  const { answers } = await askAsBrowser(subject, path, tokenCookie(subject));
  const last = answers.at(-1);
  return judge(
    answers.map(summary).join(", "),
    [["200", last?.status === 200]],
    last && diagnosis(last, subject.places),
  );
}

/** With `placement: "split"` browsers have a pass, which a CloudFront Function checks. */
async function otherPass(subject: Subject) {
  const { path } = objectOf(subject);
  const { cookie } = await askAsBrowser(subject, path, tokenCookie(subject));
  const [, name, pass] = PASS.exec(cookie) ?? [];
  if (!name || !pass) throw new Skipped("this gate gives no passes");
  const [header = "", claims = "", signature = ""] = pass.split(".");
  const changed = cookie.replace(pass, otherSignature([header, claims, signature]).join("."));
  const answer = await ask(subject, path, { headers: { cookie: changed } });
  const alone = await ask(subject, path, { headers: { cookie: `${name}=${pass}` } });
  return judge(`${summary(answer)}; without its token ${summary(alone)}`, [
    ["307, to another pass", answer.status === 307],
    ["401 without its token", alone.status === 401],
  ]);
}

const PASS = /(__(?:Host|Secure)-gatehouse-pass)=([^;]+)/;

async function accessToken(subject: Subject) {
  const { accessToken } = subject.user;
  if (accessToken === undefined) throw new Skipped("needs a user to sign in, whose access token is tried");
  return await refusedWith(subject, accessToken, "id_token_required");
}

async function refusedWith(subject: Subject, token: string, code: string) {
  const { path } = objectOf(subject);
  const answer = await ask(subject, path, { headers: { authorization: `Bearer ${token}` } });
  const demands: readonly Demand[] = [
    ["401", answer.status === 401],
    [`the code ${code}`, codeOf(answer) === code],
  ];
  return judge(summary(answer), demands, isHit(answer) ? FROM_CACHE : {});
}

/** Header, claims and signature of a token, as text. */
type Parts = readonly [header: string, claims: string, signature: string];

function tampered(change: (parts: Parts) => Parts): Check["run"] {
  return async (subject) => {
    objectOf(subject);
    const [header = "", claims = "", signature = ""] = subject.user.idToken.split(".");
    return await refusedWith(subject, change([header, claims, signature]).join("."), "token_invalid");
  };
}

/** A character from the middle of the signature, where every bit counts, becomes another. */
function otherSignature([header, claims, signature]: Parts): Parts {
  const at = Math.floor(signature.length / 2);
  const other = signature[at] === "A" ? "B" : "A";
  return [header, claims, signature.slice(0, at) + other + signature.slice(at + 1)];
}

function otherClaims([header, claims, signature]: Parts): Parts {
  const given: object = Object(JSON.parse(Buffer.from(claims, "base64url").toString()));
  return [header, encoded({ ...given, "cognito:groups": ["everything"] }), signature];
}

function unsigned([header, claims]: Parts): Parts {
  const given: object = Object(JSON.parse(Buffer.from(header, "base64url").toString()));
  return [encoded({ ...given, alg: "none" }), claims, "AAAA"];
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

const MEANS = "tokens are not verified";
const SET = "nothing: do not use this deployment; the function is not the one that was built";

/** In the order in which they are made. */
export const TOKENS: readonly Check[] = [
  {
    id: "token.header",
    does: "reads the object with the token in Authorization",
    means: "the user does not get the object",
    set: "see the function's log",
    run: inHeader,
  },
  {
    id: "token.cookie",
    does: "reads the object with the token in the gate's cookie",
    means: "the user's browser does not get the object",
    set: "cookies",
    run: inCookie,
  },
  { id: "token.access", does: "tries the access token", means: MEANS, set: SET, run: accessToken },
  {
    id: "tamper.signature",
    does: "changes a character of the signature",
    means: MEANS,
    set: SET,
    run: tampered(otherSignature),
  },
  {
    id: "tamper.claims",
    does: "puts the user into another group",
    means: MEANS,
    set: SET,
    run: tampered(otherClaims),
  },
  { id: "tamper.pass", does: "changes a character of the pass", means: MEANS, set: SET, run: otherPass },
  { id: "tamper.none", does: 'says alg "none"', means: MEANS, set: SET, run: tampered(unsigned) },
];
