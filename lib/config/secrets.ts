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

/** Every secret that is looked for by its name; key files are fields of the warehouse. */
export const secretNames = [
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
  const secret = foundSecret(name, {file, place, folder, environment});
  if (secret) rememberSecret(secret);
  return secret;
}

function foundSecret(
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
  const forms = formsOf(secretsIn(config));
  return (text) => without(redacted(text), forms);
}

const remembered = new Set<string>();
let rememberedForms: string[] = [];

/** Remembers a secret that this process has read, so that redacted() takes it out of whatever it says. */
export function rememberSecret(secret: string): void {
  if (remembered.has(secret)) return;
  remembered.add(secret);
  rememberedForms = formsOf([...remembered]);
}

/** Remembers every secret of a key's text: the text itself, its lines, and the fields of JSON that are called so. */
export function rememberKey(text: string): void {
  const lines = text.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
  for (const secret of [text.trim(), ...lines]) rememberSecret(secret);
  try {
    for (const secret of secretsIn(JSON.parse(text) as object)) rememberKey(secret);
  } catch {
    // It is no JSON, and has no fields.
  }
}

/** Returns a text without any secret that this process has read. */
export const redacted = (text: string): string => without(text, rememberedForms);

const without = (text: string, forms: string[]) =>
  forms.reduce((left, form) => left.replaceAll(form, "[secret]"), text);

// As it is, inside of JSON, in an address and in a header. A shorter one would be found in every other word.
function formsOf(secrets: string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => {
      const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
      const inJson = JSON.stringify(secret).slice(1, -1);
      const url = encodeURIComponent(Buffer.from(secret).toString());
      return [
        secret,
        inJson,
        JSON.stringify(inJson).slice(1, -1),
        url,
        base64,
        Buffer.from(secret).toString("base64url")
      ];
    });
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
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
    if (/^\w+:\/\/[^/]*@/.test(String(field.node.value)))
      report(
        "error",
        field.node.place,
        `a secret must not stand in this file: ${name} has a password`,
        elsewhere
      );
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
