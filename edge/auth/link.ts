// `POST link`: a URL that opens a file, or all of a folder, for a time, without a session. And what such a URL opens.

import { originOf } from "../answer/own-origin.ts";
import { jsonAnswer } from "../answer/respond.ts";
import { basePathOf } from "../config/aws-names.ts";
import { GROUP } from "../config/owner.ts";
import { GateError } from "../errors.ts";
import type { ResponseResult, ViewerRequest } from "../request/cloudfront.ts";
import { canonicalPath } from "../request/path.ts";
import type { AssetRoute } from "../request/route.ts";
import type { Hmac } from "../s3/hmac.ts";
import { SIGNATURE_SECONDS } from "../s3/sign.ts";
import { openedLink, sealLink } from "../session/link.ts";
import { MAX_CHARACTERS, sealingKeys } from "../session/seal.ts";
import type { Linked, SignIn, SignInParts } from "../sign-in.ts";
import { type Asked, asked, pathIn, sessionFor } from "./asked.ts";

/** CloudFront takes 8,192 bytes of URL; the rest is room for the scheme and host, and for a query. */
const MAX_PATH = 7_600;

/**
 * Answers with the URL and when it ends. The body is `{"path": "/films/x/film.m3u8", "seconds": 3600}`, with
 * `"prefix": "/films/x/"` for all files below that folder, which players of playlists need. A link ends with the token
 * and the credentials that it is made with: nobody can read longer by it than its maker could.
 * @throws GateError `access_denied` where the area has no links; `invalid_request`, `invalid_path`, `uri_too_long`
 */
export async function link(
  request: ViewerRequest,
  parts: SignInParts,
  deadline: number,
): Promise<ResponseResult> {
  const { config, areas, now } = parts;
  const wanted = await asked(request, parts, deadline);
  const { token, path, access, body } = wanted;
  const { links } = access.area;
  if (!links) throw new GateError("access_denied");
  const { seconds } = body;
  if (typeof seconds !== "number" || !Number.isSafeInteger(seconds) || seconds < 1)
    throw new GateError("invalid_request");
  const folder = folderIn(wanted);
  const session = await sessionFor(wanted, request, parts, deadline);
  const expiresAt = Math.floor(
    Math.min(
      now() / 1000 + Math.min(seconds, links.maxSeconds),
      token.expiresAt,
      session.credentials.expiresAt - SIGNATURE_SECONDS,
    ),
  );
  const { sub, issuedAt, names, pool } = token;
  const { group = access.names[GROUP] ?? "", roleArn = "" } = access;
  const made = { sub, issuedAt, expiresAt, group, roleArn, names, session };
  const sealed = sealLink(made, folder ?? path, sealedBy(areas.gateId, pool), sealingKeys(config));
  const address = `${basePathOf(config)}link/${sealed}${path}`;
  if (sealed.length > MAX_CHARACTERS || address.length > MAX_PATH) throw new GateError("uri_too_long");
  return jsonAnswer(200, { url: originOf(request) + address, expires: expiresAt }, request, config);
}

/** Whose link it is: another pool's is no link of the gate's once the pool is none of its. */
function sealedBy(gateId: string, pool: string | undefined): string {
  return pool === undefined ? gateId : `${gateId} ${pool}`;
}

/** The folder that is asked for, around the path. */
function folderIn({ body: { prefix }, path }: Asked): string | undefined {
  if (prefix === undefined) return undefined;
  const page = pathIn(prefix);
  const folder = page.slice(0, -"index.html".length);
  if (typeof prefix !== "string" || !prefix.endsWith("/") || !path.startsWith(folder))
    throw new GateError("invalid_request");
  return folder;
}

/** What is sealed is longer than a path may be, and no part of it. */
export function createLinkOf(parts: SignInParts): SignIn["linkOf"] {
  const { config } = parts;
  const keys = sealingKeys(config);
  const start = `${basePathOf(config)}link/`;
  if (!config.areas.some(({ links }) => links)) return () => undefined;
  return (request) => {
    const { method, uri } = request;
    if (!uri.startsWith(start) || (method !== "GET" && method !== "HEAD")) return undefined;
    const end = uri.indexOf("/", start.length);
    if (end < 0) return undefined;
    const path = canonicalPath(uri.slice(end));
    if (path.startsWith(basePathOf(config))) throw new GateError("not_found");
    return {
      request: { ...request, uri: path },
      open: () => opened(uri.slice(start.length, end), { kind: "asset", method, path }, keys, parts),
    };
  };
}

/**
 * What a link opens: files of areas that still have links, for the one group by which its maker may read, or none. What
 * is wrong with one that is not good is not said.
 */
function opened(
  sealed: string,
  page: AssetRoute,
  keys: readonly Hmac[],
  { config, areas, now }: SignInParts,
): Linked {
  const pools = [undefined, ...config.userPools.map(({ id }) => id)];
  const [link] = pools.flatMap((pool) => {
    const found = openedLink(sealed, page.path, sealedBy(areas.gateId, pool), keys);
    return found ? [{ ...found, pool }] : [];
  });
  if (!link || link.expiresAt <= now() / 1000 || link.issuedAt < (config.auth?.notBefore ?? 0))
    throw new GateError("link_ended");
  const { pool, sub, group, roleArn, names, session } = link;
  const member = { pool, groups: group ? [group] : [], roles: roleArn ? [roleArn] : [], names };
  const access = areas.accessTo(page.path, member);
  const { area } = access;
  if (!area.links || (access.roleArn ?? "") !== roleArn) throw new GateError("access_denied");
  // A link is to a file as it is: who has it must not look for versions.
  return { sub, page, access: { ...access, area: { ...area, versions: false } }, session };
}
