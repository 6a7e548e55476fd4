// A browser in small: keeps cookies by host, path and name, follows no redirect unless told to.

import { createHash, randomBytes } from "node:crypto";

interface Cookie {
  readonly hostname: string;
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** One browser profile; its state is the cookies. */
export class Browser {
  #cookies: readonly Cookie[] = [];

  async get(url: string): Promise<Response> {
    return await this.#send(url, { method: "GET" });
  }

  async post(url: string, form: Record<string, string>): Promise<Response> {
    return await this.#send(url, { method: "POST", body: new URLSearchParams(form) });
  }

  /** Follows redirects until a page, or until a URL that starts with `stop`. */
  async follow(url: string, stop: string): Promise<{ readonly url: string; readonly response: Response }> {
    let response = await this.get(url);
    let at = url;
    for (let hop = 0; hop < 10 && response.headers.has("location"); hop += 1) {
      at = new URL(response.headers.get("location") ?? "", at).href;
      if (at.startsWith(stop)) return { url: at, response };
      response = await this.get(at);
    }
    return { url: at, response };
  }

  cookie(hostname: string, name: string): string | undefined {
    return this.#cookies.find((cookie) => cookie.hostname === hostname && cookie.name === name)?.value;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const sent = this.#cookies
      .filter((cookie) => cookie.hostname === hostname && pathname.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`);
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie: sent.join("; ") } });
    for (const line of response.headers.getSetCookie()) this.#keep(hostname, line);
    return response;
  }

  #keep(hostname: string, line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? "/";
    const gone = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line);
    const others = this.#cookies.filter((c) => c.hostname !== hostname || c.name !== name || c.path !== path);
    this.#cookies = gone ? others : [...others, { hostname, name, value, path }];
  }
}

/** A PKCE pair (RFC 7636). */
export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}
