import {z} from "zod";

const text = z.string().trim().min(1);
const share = z.number().gt(0).lt(1);
const size = z.string().regex(/^\d+(\.\d+)?\s*([KMGT]i?B|B)$/i, "must be a size such as 2GB or 512MB");
const address = z.url({
  protocol: /^https?$/,
  error: "must be an address such as https://models.example.com/v1"
});
const templatePath = text.refine((path) => !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(path), {
  error: "must be a path inside folders.queries"
});
const scenarioName = z.string().regex(/^[a-z_][a-z0-9_-]*$/i, "must be a name of letters, digits, _ and -");

/** The scenarios that are there without any configuration, each with its entry template. */
export const builtInTemplates = {duckdb: "duckdb/__entry__.sql", file: "file/__entry__.sql"};

/** What expanto.config.yaml may hold, with the default of every field. */
export const schema = z.strictObject({
  folders: z.strictObject({
    metrics: text.default("metrics"),
    queries: text.default("queries"),
    data: text.default(".expanto")
  }),
  warehouse: z.strictObject({
    type: z.literal("duckdb", "must be duckdb").default("duckdb"),
    path: text.default(".expanto/demo"),
    memory_limit: size.default("2GB"),
    threads: z.int().min(1).nullable().default(null)
  }),
  scenarios: z.strictObject({
    default: text.default("duckdb"),
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
  server: z.strictObject({
    host: text.default("127.0.0.1"),
    port: z.int().min(0).max(65535).default(3000)
  }),
  assistant: z.strictObject({
    base_url: address.nullable().default(null),
    model: text.nullable().default(null)
  }),
  secrets: text.nullable().default(null)
});

export type Settings = z.infer<typeof schema>;

/** The fields that hold fields. */
export const sections = ["folders", "warehouse", "scenarios", "statistics", "server", "assistant"] as const;

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
