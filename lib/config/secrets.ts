import {readFileSync, realpathSync} from "node:fs";
import {homedir} from "node:os";
import {isAbsolute, join, relative, resolve} from "node:path";
import {UserError} from "../errors.js";
import type {Place} from "../types.js";
import type {Report, YamlNode} from "../yaml-file.js";

export type Environment = Record<string, string | undefined>;

/** Where secrets are looked for: the environment first, then a file outside of the project's folder. */
export type SecretSource = {
  file: string | null;
  place: Place | null;
  folder: string;
  environment: Environment;
};

const secretNames = [
  "EXPANTO_ASSISTANT_API_KEY",
  "EXPANTO_POSTGRES_PASSWORD",
  "EXPANTO_SNOWFLAKE_PASSPHRASE",
  "EXPANTO_TAVILY_API_KEY",
  "EXPANTO_WEBHOOK_SECRET"
] as const;

/** Returns a secret by its name, or null where it is not set; throws a UserError for a secrets file that is not lawful. */
export function secretOf(
  name: (typeof secretNames)[number],
  {file, place, folder, environment}: SecretSource
): string | null {
  const named = environment.EXPANTO_SECRETS || file;
  if (environment[name]) return environment[name];
  if (!named) return null;
  const where = environment.EXPANTO_SECRETS ? null : place;
  const path = absolutePath(named, folder, environment);
  return readSecrets(path, {named, place: where, folder})[name] || null;
}

/** Returns an absolute path: ~ is the home folder, everything else is relative to the project's folder. */
export function absolutePath(path: string, folder: string, environment: Environment): string {
  const home = environment.HOME || homedir();
  return resolve(folder, path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path);
}

/** Returns whether a field of this name would hold a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/-/g, "_");
  return /(^|_)(api_?key|private_key|secret_key|access_key|password|passwd|passphrase|token|secret|credentials?)$/.test(
    plain
  );
}

/** Returns a way to take every secret of a configuration out of a text, wherever it stands in it. */
export function redactor(config: object): (text: string) => string {
  // As it is, and as it stands inside of JSON. A shorter one would be found in every other word.
  const secrets = secretsIn(config)
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}

function secretsIn(config: object): string[] {
  return Object.entries(config).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? secretsIn(value)
      : typeof value === "string" && isSecretName(name)
        ? [value]
        : []
  );
}

/** Reports every field of the configuration that looks like a secret, and says where it belongs. */
export function reportSecrets(node: YamlNode, report: Report): void {
  if (Array.isArray(node.value)) for (const each of node.value) reportSecrets(each, report);
  if (!(node.value instanceof Map)) return;
  for (const [name, field] of node.value) {
    if (isSecretName(name))
      report("error", field.key, `a secret must not stand in this file: ${name}`, elsewhere);
    else reportSecrets(field.node, report);
    if (name === "base_url" && /^\w+:\/\/[^/]*@/.test(String(field.node.value))) {
      report(
        "error",
        field.node.place,
        "a secret must not stand in this file: base_url has a password",
        elsewhere
      );
    }
  }
}

const elsewhere = `set an environment variable (${secretNames.join(", ")}), or a line NAME=… in a file outside of the project named by EXPANTO_SECRETS or secrets:`;

function readSecrets(
  path: string,
  {named, place, folder}: {named: string; place: Place | null; folder: string}
): Record<string, string> {
  try {
    if (isInside(path, folder) || isInside(realpathSync(path), realpathSync(folder))) {
      const hint = "keep it where version control cannot see it, such as ~/.config/expanto/secrets.env";
      throw new UserError(`the secrets file must be outside of the project: ${named}`, hint, place);
    }
    return keyValues(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
    throw new UserError(
      `the secrets file ${reason}: ${named}`,
      `write lines such as ${secretNames[0]}=… into it`,
      place
    );
  }
}

function isInside(path: string, folder: string): boolean {
  const steps = relative(folder, path);
  return steps === "" || (!/^\.\.([/\\]|$)/.test(steps) && !isAbsolute(steps));
}

// util.parseEnv came with Node 20.12 and we promise 20.11.
function keyValues(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[ \t]*(.*?)\s*$/gm)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, unquoted(value)]));
}

function unquoted(value: string): string {
  return /^(["'`])(.*)\1$/s.exec(value)?.[2] ?? value;
}
