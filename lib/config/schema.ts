import {z} from "zod";
import {logLevels} from "./types.js";
import {roles} from "../types.js";

const text = z.string().trim().min(1);
const share = z.number().gt(0).lt(1);
const size = z.string().regex(/^\d+(\.\d+)?\s*([KMGT]i?B|B)$/i, "must be a size such as 2GB or 512MB");
const address = z.url({
  protocol: /^https?$/,
  error: "must be an address such as https://models.example.com/v1"
});
const webhook = text.refine(isWebhook, {
  error:
    "must be an https address without a password, such as https://hooks.example.com/expanto, or http on 127.0.0.1"
});
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, {error: 'must be a time of day in UTC, such as "03:00"'});
const atLeastOne = z.int().min(1).nullable().default(null);
const templatePath = text.refine((path) => !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(path), {
  error: "must be a path inside folders.queries"
});
const scenarioName = z.string().regex(/^[a-z_][a-z0-9_-]*$/i, "must be a name of letters, digits, _ and -");

/** The scenarios that are there without any configuration, each with its entry template. */
export const builtInTemplates = {
  duckdb: "events/__entry__.sql",
  postgres: "events/__entry__.sql",
  bigquery: "events/__entry__.sql",
  snowflake: "events/__entry__.sql",
  file: "file/__entry__.sql"
};

const ipAddress = z.union([z.ipv4(), z.ipv6()], "must be an address such as 127.0.0.1");
const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/, "must be a header's name, such as X-Forwarded-User");

const none = text.nullable().default(null);

/** Which fields only some types of a warehouse have, and which of them a type cannot do without. */
export const warehouseFields = {
  duckdb: {own: ["path", "memory_limit", "threads"], needed: []},
  postgres: {own: ["host", "port", "database", "user", "ssl"], needed: ["database", "user"]},
  bigquery: {own: ["project", "location", "dataset", "key_file", "endpoint"], needed: ["project"]},
  snowflake: {
    own: ["account", "user", "role", "warehouse", "database", "schema", "private_key_file", "endpoint"],
    needed: ["account", "user", "private_key_file"]
  }
} as const;

const warehouse = z.strictObject({
  type: z
    .enum(["duckdb", "postgres", "bigquery", "snowflake"], "must be duckdb, postgres, bigquery or snowflake")
    .default("duckdb"),
  path: text.default(".expanto/demo"),
  memory_limit: size.default("2GB"),
  threads: z.int().min(1).nullable().default(null),
  host: text.default("127.0.0.1"),
  port: z.int().min(1).max(65535).default(5432),
  database: none,
  user: none,
  ssl: z.boolean().default(false),
  project: none,
  location: none,
  dataset: none,
  key_file: none,
  account: none,
  role: none,
  warehouse: none,
  schema: none,
  private_key_file: none,
  endpoint: address.nullable().default(null),
  results: z.enum(["units", "moments"]).default("units"),
  time_limit_seconds: z.number().gt(0).nullable().default(null),
  byte_limit: size.nullable().default(null)
});

/** What expanto.config.yaml may hold, with the default of every field. */
export const schema = z.strictObject({
  folders: z.strictObject({
    metrics: text.default("metrics"),
    queries: text.default("queries"),
    data: text.default(".expanto")
  }),
  warehouse,
  cache: z.strictObject({limit: size.nullable().default(null)}),
  scenarios: z.strictObject({
    default: text.nullable().default(null),
    templates: z
      .record(scenarioName, templatePath)
      .nullable()
      .default(null)
      .transform((own): Record<string, string> => ({...builtInTemplates, ...own}))
  }),
  statistics: z.strictObject({
    confidence: share.default(0.95),
    power: share.default(0.8),
    srm_threshold: share.default(0.001),
    sequential_units: z.int().min(100).default(10_000)
  }),
  reports: z.strictObject({minimum_units: z.int().min(1).default(20)}),
  server: z.strictObject({
    host: text.default("127.0.0.1"),
    port: z.int().min(0).max(65535).default(3000),
    url: z
      .url({protocol: /^https?$/, error: "must be an address such as https://expanto.example.com"})
      .refine((url) => new URL(url).href === `${new URL(url).origin}/`, "must end after the host and port")
      .nullable()
      .default(null),
    proxies: z.array(ipAddress).default([]),
    jobs_at_once: z.int().min(1).default(2),
    shutdown_seconds: z.number().min(0).default(10),
    log: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("warn")
  }),
  auth: z.strictObject({
    login: z.boolean().default(false),
    session_hours: z
      .number()
      .positive()
      .max(24 * 31)
      .default(12),
    proxy: z
      .strictObject({
        header: headerName,
        role_header: headerName.nullable().default(null),
        role: z.enum(roles, `must be one of ${roles.join(", ")}`).default("viewer"),
        trusted: z.array(ipAddress).min(1)
      })
      .nullable()
      .default(null)
  }),
  assistant: z.strictObject({
    base_url: address.nullable().default(null),
    model: text.nullable().default(null),
    models: z
      .strictObject({
        fast: text.nullable().default(null),
        agentic: text.nullable().default(null),
        thinker: text.nullable().default(null)
      })
      .nullable()
      .default(null),
    time_limit_seconds: z.number().positive().max(3600).default(60),
    embeddings_model: text.nullable().default(null),
    chroma_url: address.nullable().default(null)
  }),
  schedule: z.strictObject({
    at: z
      .union([time, z.array(time).min(1)], {
        error: 'must be a time of day in UTC, such as "03:00", or a list of them'
      })
      .default("03:00")
      .transform((at) => [at].flat()),
    webhook: webhook.nullable().default(null)
  }),
  retention: z.strictObject({jobs: atLeastOne, jobs_days: atLeastOne, trail_days: atLeastOne}),
  secrets: text.nullable().default(null)
});

export type Settings = z.infer<typeof schema>;

/** The fields that hold fields. */
export const sections = [
  "folders",
  "warehouse",
  "cache",
  "scenarios",
  "statistics",
  "reports",
  "server",
  "auth",
  "assistant",
  "schedule",
  "retention"
] as const;

// What is sent tells of experiments: it leaves this machine encrypted, or not at all.
function isWebhook(written: string): boolean {
  if (!URL.canParse(written)) return false;
  const {protocol, hostname, username, password} = new URL(written);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return !username && !password && (protocol === "https:" || (protocol === "http:" && isHere));
}

/** Returns the names of the fields at a path: of the top, or of a section. */
export function fieldsAt(path: string[]): string[] {
  const section = sections.find((name) => name === path[0]);
  return Object.keys(section ? schema.shape[section].shape : schema.shape);
}

/** Returns every field there is, sections first, as a dotted path. */
export function allFields(): string[] {
  const within = sections.flatMap((section) => fieldsAt([section]).map((field) => `${section}.${field}`));
  return [...within, ...fieldsAt([]).filter((name) => !sections.some((section) => section === name))];
}
