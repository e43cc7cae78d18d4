import {UserError} from "../errors.js";
import type {QueryLimits, Warehouse} from "./types.js";
import {warehouseFields, type Settings} from "./schema.js";
import {absolutePath, secretOf, type SecretSource} from "./secrets.js";

type Written = Settings["warehouse"];

/** Returns what is wrong with a warehouse's fields as a whole: one it cannot do without, one of another type. */
export function warehouseProblems(
  {type, ...fields}: Written,
  given: string[]
): {field: string | null; message: string; hint: string}[] {
  const {own, needed} = warehouseFields[type];
  const isOwn = (field: string) => (own as readonly string[]).includes(field);
  const others = Object.values(warehouseFields).flatMap((each) => [...each.own] as string[]);
  const foreign = given.filter((field) => others.includes(field) && !isOwn(field));
  const missing = needed.filter((field) => fields[field as keyof typeof fields] === null);
  const lists = `${type} has ${own.join(", ")}`;
  return [
    ...foreign.map((field) => ({
      field,
      message: `warehouse.${field} is no field of a ${type} warehouse`,
      hint: lists
    })),
    ...missing.map((field) => ({
      field: null,
      message: `warehouse.${field} is missing: a ${type} warehouse needs it`,
      hint: lists
    }))
  ];
}

/** Returns the warehouse of checked fields, with its password or passphrase from the environment or the secrets file. */
export function warehouseOf(written: Written, source: SecretSource): Warehouse {
  const absolute = (path: string) => absolutePath(path, source.folder, source.environment);
  switch (written.type) {
    case "duckdb":
      return {
        type: "duckdb",
        path: absolute(written.path),
        memoryLimit: written.memory_limit,
        threads: written.threads
      };
    case "postgres":
      return {
        type: "postgres",
        host: written.host,
        port: written.port,
        database: written.database!,
        user: written.user!,
        password: secretOf("EXPANTO_POSTGRES_PASSWORD", source),
        ssl: written.ssl
      };
    case "bigquery":
      return {
        type: "bigquery",
        project: written.project!,
        location: written.location,
        dataset: written.dataset,
        keyFile: written.key_file && outside(absolute(written.key_file), "key_file", source),
        endpoint: written.endpoint
      };
    case "snowflake":
      return {
        type: "snowflake",
        account: written.account!,
        user: written.user!,
        role: written.role,
        warehouse: written.warehouse,
        database: written.database,
        schema: written.schema,
        privateKeyFile: outside(absolute(written.private_key_file!), "private_key_file", source),
        passphrase: secretOf("EXPANTO_SNOWFLAKE_PASSPHRASE", source),
        endpoint: written.endpoint
      };
  }
}

/** Returns the limits of every query: milliseconds and bytes. */
export function limitsOf({time_limit_seconds: seconds, byte_limit: bytes}: Written): QueryLimits {
  return {
    timeLimitMs: seconds === null ? null : Math.round(seconds * 1000),
    byteLimit: bytes === null ? null : sizeOf(bytes)
  };
}

/** Returns a size such as 2GB or 512 MiB in bytes; throws a UserError for anything else. */
export function sizeOf(size: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)$/i.exec(size.trim());
  if (!found) throw new UserError(`not a size: ${size}`, "write it as 2GB or 512MB");
  const [, number, unit] = found;
  const base = /iB$/.test(size) ? 1024 : 1000;
  return Math.round(Number(number) * base ** " KMGT".indexOf(unit.toUpperCase() || " "));
}

// A key in the project would be in version control sooner or later.
function outside(file: string, field: string, {folder}: SecretSource): string {
  if (!file.startsWith(`${folder}/`)) return file;
  throw new UserError(
    `warehouse.${field} must be outside of the project: ${file}`,
    "keep it where version control cannot see it, such as ~/.config/expanto/"
  );
}
