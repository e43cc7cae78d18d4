import {readFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import type {z} from "zod";
import {absolutePath, secretOf, isSecretName, reportSecrets} from "./config/secrets.js";
import type {Environment, SecretSource} from "./config/secrets.js";
import {limitsOf, sizeOf, warehouseOf, warehouseProblems} from "./config/warehouse.js";
import {builtInTemplates, fieldsAt, schema, sections} from "./config/schema.js";
import type {Settings} from "./config/schema.js";
import {describeProblem, nearest, UserError} from "./errors.js";
import type {Problem} from "./errors.js";
import type {Config} from "./config/types.js";
import type {Place} from "./types.js";
import {displayPath, inReadingOrder, kindOf, parseYaml, plainValue, reportInto} from "./yaml-file.js";
import type {Report, YamlFields, YamlNode} from "./yaml-file.js";

/**
 * Returns the configuration of a project folder: its expanto.config.yaml over the documented defaults, paths
 * absolute, secrets from the environment or a file outside. Throws a UserError that lists everything wrong.
 */
export async function loadConfig(start: string, environment: Environment = process.env): Promise<Config> {
  const folder = resolve(start);
  const file = join(folder, "expanto.config.yaml");
  const problems: Problem[] = [];
  const report = reportInto(problems);
  const root = parseYaml(await textOf(file), displayPath(file), report);
  const settings = problems.length === 0 ? readSettings(root, displayPath(file), report) : null;
  if (!settings || problems.length > 0) throw listing(problems);
  const secrets = {file: settings.secrets, place: placeOf(root, ["secrets"]), folder, environment};
  return configOf(settings, {file, secrets});
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new UserError(`${displayPath(file)} cannot be read: ${error.message}`);
  });
}

function readSettings(root: YamlNode | null, file: string, report: Report): Settings | null {
  if (root && !(root.value instanceof Map)) {
    const hint = `its fields are ${fieldsAt([]).join(", ")}`;
    report("error", root.place, `the configuration must be a map, not ${kindOf(root)}`, hint);
    return null;
  }
  if (root) reportSecrets(root, report);
  const result = schema.safeParse(withSections(root ? plainValue(root) : {}), {reportInput: true});
  for (const issue of result.error?.issues ?? []) reportIssue(issue, {root, file, report});
  if (root && result.success) reportWarehouse(root, result.data.warehouse, report);
  reportUnknownScenario(root, report);
  return result.success ? result.data : null;
}

function reportWarehouse(root: YamlNode, written: Settings["warehouse"], report: Report): void {
  const section = nodeAt(root, ["warehouse"])?.node;
  const given = section?.value instanceof Map ? [...section.value.keys()] : [];
  for (const {field, message, hint} of warehouseProblems(written, given)) {
    const place = field ? nodeAt(root, ["warehouse", field])!.key : placeOf(root, ["warehouse", "type"])!;
    report("error", place, message, hint);
  }
}

function reportUnknownScenario(root: YamlNode | null, report: Report): void {
  const node = nodeAt(root, ["scenarios", "default"])?.node;
  if (typeof node?.value !== "string") return;
  const own = nodeAt(root, ["scenarios", "templates"])?.node.value;
  const names = [...new Set([...Object.keys(builtInTemplates), ...(own instanceof Map ? own.keys() : [])])];
  if (names.includes(node.value)) return;
  const near = nearest(node.value, names);
  const hint = near ? `did you mean ${near}?` : `scenarios.templates has ${names.join(", ")}`;
  report("error", node.place, `scenarios.default: unknown scenario ${node.value}`, hint);
}

// An empty section (`server:` and nothing below) stands for its defaults.
function withSections(plain: unknown): Record<string, unknown> {
  const given = plain as Record<string, unknown>;
  return {...given, ...Object.fromEntries(sections.map((name) => [name, given[name] ?? {}]))};
}

type Issues = {root: YamlNode | null; file: string; report: Report};

function reportIssue(issue: z.core.$ZodIssue, {root, file, report}: Issues): void {
  const path = issue.path.map(String);
  const place = placeOf(root, path) ?? {file, line: 1, column: 1};
  if (issue.code !== "unrecognized_keys") report("error", place, `${path.join(".")}: ${ruleOf(issue)}`);
  else
    for (const name of issue.keys.filter((key) => !isSecretName(key)))
      reportUnknown(name, path, {root, place, report});
}

function reportUnknown(
  name: string,
  path: string[],
  {root, place, report}: {root: YamlNode | null; place: Place; report: Report}
): void {
  const known = fieldsAt(path);
  const near = nearest(name, known);
  const hint = near ? `did you mean ${near}?` : `it may have ${known.join(", ")}`;
  const key = nodeAt(root, [...path, name])?.key ?? place;
  report("error", key, `unknown field: ${[...path, name].join(".")}`, hint);
}

const kinds: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  object: "a map",
  record: "a map"
};

// The rule in words, then the value that breaks it.
function ruleOf(issue: z.core.$ZodIssue): string {
  const written = issue.input === undefined ? "" : `, not ${JSON.stringify(issue.input)}`;
  if (issue.code === "invalid_type") return `must be ${kinds[issue.expected] ?? issue.expected}${written}`;
  if (issue.code === "too_small" && issue.origin === "string") return "must not be empty";
  if (issue.code === "too_small")
    return `must be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}${written}`;
  if (issue.code === "too_big")
    return `must be ${issue.inclusive ? "at most" : "below"} ${issue.maximum}${written}`;
  if (issue.code === "invalid_key") return `must be a name of letters, digits, _ and -`;
  return `${issue.message}${written}`;
}

function listing(problems: Problem[]): UserError {
  const lines = inReadingOrder(problems).map((problem) => `\n  ${describeProblem(problem)}`);
  const count = lines.length === 1 ? "1 error" : `${lines.length} errors`;
  return new UserError(
    `${count} in the configuration:${lines.join("")}`,
    "docs/configuration.md describes every field"
  );
}

function placeOf(root: YamlNode | null, path: string[]): Place | null {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(root, path.slice(0, length));
    if (found) return found.node.place;
  }
  return root?.place ?? null;
}

function nodeAt(root: YamlNode | null, path: string[]): {key: Place; node: YamlNode} | null {
  const first: YamlFields | null = root?.value instanceof Map ? root.value : null;
  const field = first?.get(path[0]) ?? null;
  return field && path.length > 1 ? nodeAt(field.node, path.slice(1)) : field;
}

function configOf(settings: Settings, {file, secrets}: {file: string; secrets: SecretSource}): Config {
  const {folders, warehouse, cache, scenarios, statistics, reports, server, auth, assistant} = settings;
  const {schedule, retention} = settings;
  const absolute = (path: string): string => absolutePath(path, secrets.folder, secrets.environment);
  return {
    file,
    folders: {
      metrics: absolute(folders.metrics),
      queries: absolute(folders.queries),
      data: absolute(folders.data)
    },
    warehouse: warehouseOf(warehouse, secrets),
    limits: limitsOf(warehouse),
    results: warehouse.results,
    cache: {limit: cache.limit === null ? null : sizeOf(cache.limit)},
    scenarios: {...scenarios, default: scenarios.default ?? warehouse.type},
    statistics: {
      confidence: statistics.confidence,
      power: statistics.power,
      srmThreshold: statistics.srm_threshold,
      sequentialUnits: statistics.sequential_units
    },
    reports: {minimumUnits: reports.minimum_units},
    server: {
      host: server.host,
      port: server.port,
      url: server.url,
      jobsAtOnce: server.jobs_at_once,
      proxies: server.proxies,
      shutdownSeconds: server.shutdown_seconds,
      log: server.log
    },
    auth: {
      login: auth.login,
      sessionHours: auth.session_hours,
      proxy: auth.proxy && {
        header: auth.proxy.header,
        roleHeader: auth.proxy.role_header,
        role: auth.proxy.role,
        trusted: auth.proxy.trusted
      }
    },
    assistant: {
      baseUrl: assistant.base_url,
      model: assistant.model,
      models: assistant.models ?? {fast: null, agentic: null, thinker: null},
      timeLimitMs: assistant.time_limit_seconds * 1000,
      embeddingsModel: assistant.embeddings_model,
      chromaUrl: assistant.chroma_url,
      apiKey: secretOf("EXPANTO_ASSISTANT_API_KEY", secrets),
      tavilyKey: secretOf("EXPANTO_TAVILY_API_KEY", secrets)
    },
    schedule: {...schedule, secret: secretOf("EXPANTO_WEBHOOK_SECRET", secrets)},
    retention: {jobs: retention.jobs, jobsDays: retention.jobs_days, trailDays: retention.trail_days}
  };
}
