// A stand-in for Cognito identity pools on loopback, over TLS where openssl makes a certificate; counts what it is asked.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { setDefaultCACertificates } from "node:tls";
import type { Session } from "../edge/session/exchange.ts";

/** A running stand-in. */
export interface IdentityPoolServer {
  readonly url: string;
  /** The certificate that callers must trust; undefined when it speaks plain HTTP. */
  readonly certificateFile: string | undefined;
  /** Connections and requests since the last call. */
  readonly takeCounts: () => Counts;
  readonly close: () => void;
}

export interface Counts {
  readonly connections: number;
  readonly requests: number;
}

/** Starts the stand-in: whoever asks gets this session. Its certificate is all that this process trusts from then on. */
export async function startIdentityPool(folder: string, session: Session): Promise<IdentityPoolServer> {
  const tls = certificate(folder);
  if (tls) setDefaultCACertificates([tls.options.cert.toString()]);
  const counts = { connections: 0, requests: 0 };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    counts.requests += 1;
    request.resume().on("end", () => {
      const body = JSON.stringify(answerTo(String(request.headers["x-amz-target"]), session));
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(body);
    });
  };
  const server = tls ? createHttpsServer(tls.options, answer) : createHttpServer(answer);
  server.on("connection", () => {
    counts.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    certificateFile: tls?.file,
    takeCounts: () => {
      const taken = { ...counts };
      Object.assign(counts, { connections: 0, requests: 0 });
      return taken;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answerTo(target: string, { identityId, credentials }: Session): object {
  if (target.endsWith(".GetId")) return { IdentityId: identityId };
  return {
    IdentityId: identityId,
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: credentials.expiresAt,
    },
  };
}

function certificate(folder: string): { options: { key: Buffer; cert: Buffer }; file: string } | undefined {
  const [keyFile, file] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", keyFile, "-out", file];
  try {
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...names, ...files],
      {
        stdio: "ignore",
      },
    );
    return { options: { key: readFileSync(keyFile), cert: readFileSync(file) }, file };
  } catch {
    return undefined;
  }
}
