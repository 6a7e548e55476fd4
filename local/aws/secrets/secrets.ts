// Secrets with their versions: the newest is AWSCURRENT, the one before it AWSPREVIOUS.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html

import { randomUUID } from "node:crypto";

/** One version of a secret. */
export interface SecretVersion {
  readonly versionId: string;
  readonly text: string;
}

/** One secret. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
}

/** The secrets of an account, by ARN; its state outlives a deployment, as an account does. */
export class Secrets {
  readonly #secrets = new Map<string, Secret>();

  /** Makes a secret; one that is there already stays as it is, which is what a second deployment does. */
  create(arn: string, name: string, text: string): Secret {
    return this.find(arn) ?? this.#keep({ arn, name, versions: [{ versionId: randomUUID(), text }] });
  }

  /**
   * Adds a version, as rotation or PutSecretValue does.
   * @throws when there is no such secret.
   */
  rotate(secretId: string, text: string): SecretVersion {
    return this.put(secretId, { versionId: randomUUID(), text });
  }

  /**
   * Adds a version by its id, unless it is there already.
   * @throws when there is no such secret, and for another text under that id.
   */
  put(secretId: string, version: SecretVersion): SecretVersion {
    const secret = this.find(secretId);
    if (!secret) throw new Error(`no secret ${secretId}`);
    const same = secret.versions.find(({ versionId }) => versionId === version.versionId);
    if (same && same.text !== version.text) throw new Error("ResourceExistsException");
    if (!same) this.#keep({ ...secret, versions: [...secret.versions, version] });
    return version;
  }

  /** Deletes a secret at once, as CloudFormation does: without a period in which it could come back. */
  remove(secretId: string): void {
    const secret = this.find(secretId);
    if (secret) this.#secrets.delete(secret.arn);
  }

  /** All secrets, in the order of creation. */
  get all(): readonly Secret[] {
    return [...this.#secrets.values()];
  }

  /** A secret by ARN or name. */
  find(secretId: string): Secret | undefined {
    return this.#secrets.get(secretId) ?? this.all.find(({ name }) => name === secretId);
  }

  #keep(secret: Secret): Secret {
    this.#secrets.set(secret.arn, secret);
    return secret;
  }
}

/** The staging labels of versions; those without one are deprecated and have none. */
export function stagesOf({ versions }: Secret): Readonly<Record<string, readonly string[]>> {
  const [current, previous] = versions.toReversed();
  return {
    ...(current && { [current.versionId]: ["AWSCURRENT"] }),
    ...(previous && { [previous.versionId]: ["AWSPREVIOUS"] }),
  };
}
