import {createHash} from "node:crypto";
import {readdir, readFile, stat} from "node:fs/promises";
import {join, resolve} from "node:path";
import {describeProblem, nearest, UserError} from "./errors.js";
import type {Problem} from "./errors.js";
import {parsedFormulaProblems} from "./metrics/parsed-formula.js";
import {normalised} from "./metrics/formula.js";
import {readMetricFile} from "./metrics/read.js";
import type {PlacedAggregation, PlacedMetric} from "./metrics/read.js";
import type {MetricType} from "./stats/types.js";
import type {Metric, Place, UserAggregation} from "./types.js";
import {displayPath, inReadingOrder, reportInto} from "./yaml-file.js";
import type {Report} from "./yaml-file.js";

/** Every metric there is. */
export type Registry = {metrics: Metric[]; byAlias: Map<string, Metric>};

/** What to keep: a metric must satisfy each criterion that is given, and one of its values. */
export type MetricCriteria = {types?: MetricType[]; tags?: string[]; groups?: string[]; aliases?: string[]};

/**
 * Returns the sound metrics of every YAML file below a folder, in order of path and line, and whatever is
 * wrong or odd in any of them. Formulas are checked by their words; validateMetrics parses them too.
 * Throws a UserError where the folder cannot be read.
 */
export async function loadMetrics(folder: string): Promise<{metrics: Metric[]; problems: Problem[]}> {
  const {placed, problems} = await readFolder(folder);
  return {metrics: soundOf(placed), problems: inReadingOrder(problems)};
}

/** Returns what loadMetrics returns, with every formula parsed as SQL: slower by about a second. */
export async function validateMetrics(folder: string): Promise<{metrics: Metric[]; problems: Problem[]}> {
  const {placed, problems} = await readFolder(folder);
  const found = await checkFormulas(placed.flatMap(({aggregations}) => aggregations));
  return {metrics: soundOf(placed), problems: inReadingOrder([...problems, ...found])};
}

/** Returns what validateMetrics returns, of one text; problems name it as its file. */
export async function validateMetricText(
  text: string,
  name: string
): Promise<{metrics: Metric[]; problems: Problem[]}> {
  const problems: Problem[] = [];
  const report = reportOnce(reportInto(problems));
  const placed = withoutDuplicates(readMetricFile(text, name, report), report);
  checkSharedAggregations(placed, report);
  const found = await checkFormulas(placed.flatMap(({aggregations}) => aggregations));
  return {metrics: soundOf(placed), problems: inReadingOrder([...problems, ...found])};
}

/** Returns the registry of a folder; throws a UserError that lists every error where there is any. */
export async function requireMetrics(folder: string): Promise<Registry> {
  const {metrics, problems} = await loadMetrics(folder);
  const errors = problems.filter(({severity}) => severity === "error");
  if (errors.length > 0) {
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    const lines = errors.map((problem) => `\n  ${describeProblem(problem)}`).join("");
    throw new UserError(`${count} in metrics:${lines}`, "mend these lines; expanto validate checks again");
  }
  return {metrics, byAlias: new Map(metrics.map((metric) => [metric.alias, metric]))};
}

/** Returns the metrics that satisfy all criteria, in their order; throws a UserError for an unknown alias. */
export function filterMetrics(
  metrics: Metric[],
  {types, tags, groups, aliases}: MetricCriteria = {}
): Metric[] {
  for (const alias of aliases ?? []) requireAlias(alias, metrics);
  return metrics.filter(
    (metric) =>
      (!types || types.includes(metric.type)) &&
      (!tags || metric.tags.some((tag) => tags.includes(tag))) &&
      (!groups || groups.includes(metric.group)) &&
      (!aliases || aliases.includes(metric.alias))
  );
}

/** Returns the aggregations that metrics need, each once, in the order of first use. */
export function aggregationsOf(metrics: Metric[]): UserAggregation[] {
  const byAlias = new Map<string, UserAggregation>();
  for (const {numerator, denominator} of metrics) {
    for (const each of denominator ? [numerator, denominator] : [numerator]) {
      if (!byAlias.has(each.alias)) byAlias.set(each.alias, each);
    }
  }
  return [...byAlias.values()];
}

/** Returns the name of the column that holds an aggregation from before exposure. */
export function twinOf(alias: string): string {
  return `pre__${alias}`;
}

/** Returns a hexadecimal SHA-256 of what decides a metric's numbers: its type, formulas, missing values, cap and quantile. */
export function definitionHash({type, numerator, denominator, cap, quantile}: Metric): string {
  const part = ({sql, missing}: UserAggregation): string[] => [normalised(sql), missing];
  const definition = [
    type,
    part(numerator),
    denominator && part(denominator),
    cap ?? null,
    ...(quantile ? [quantile] : [])
  ];
  return createHash("sha256").update(JSON.stringify(definition)).digest("hex");
}

function soundOf(placed: PlacedMetric[]): Metric[] {
  return placed.map(({metric}) => metric).filter((metric) => metric !== null);
}

async function readFolder(folder: string): Promise<{placed: PlacedMetric[]; problems: Problem[]}> {
  const files = await yamlFiles(folder);
  const problems: Problem[] = [];
  const report = reportOnce(reportInto(problems));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch((error: Error) => error)));
  const found = texts.flatMap((text, at) => {
    const file = displayPath(files[at]);
    if (typeof text === "string") return readMetricFile(text, file, report);
    report("error", {file, line: 1, column: 1}, `the file cannot be read: ${text.message}`);
    return [];
  });
  const placed = withoutDuplicates(found, report);
  checkSharedAggregations(placed, report);
  return {placed, problems};
}

/** Returns what tells whether any metric file below a folder was changed: their names, sizes and times. */
export async function metricFilesSeen(folder: string): Promise<string> {
  const files = await yamlFiles(folder);
  const facts = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  return files.map((file, i) => `${file} ${facts[i]?.size} ${facts[i]?.mtimeMs}`).join("\n");
}

async function yamlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, {recursive: true}).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "does not exist" : `cannot be read: ${error.message}`;
    const hint = "create it, or set folders.metrics in expanto.config.yaml";
    throw new UserError(`the metrics folder ${reason}: ${displayPath(resolve(folder))}`, hint);
  });
  const isMetricFile = (name: string): boolean => /\.ya?ml$/.test(name) && !/(^|[/\\])\./.test(name);
  return names
    .filter(isMetricFile)
    .toSorted()
    .map((name) => join(resolve(folder), name));
}

// An anchor is read where it is defined and wherever it is used.
function reportOnce(report: Report): Report {
  const told = new Set<string>();
  return (severity, place, message, hint) => {
    const key = JSON.stringify([place, message]);
    if (told.has(key)) return;
    told.add(key);
    report(severity, place, message, hint);
  };
}

function withoutDuplicates(found: PlacedMetric[], report: Report): PlacedMetric[] {
  const first = new Map<string, Place>();
  return found.filter(({alias}) => {
    const other = alias && first.get(alias.text);
    if (alias && !other) first.set(alias.text, alias.place);
    if (!other) return true;
    const message = `duplicate alias: ${alias.text} is already defined at ${position(other)}`;
    report("error", alias.place, message, "an alias is unique over all files; rename one");
    return false;
  });
}

function checkSharedAggregations(placed: PlacedMetric[], report: Report): void {
  const first = new Map<string, PlacedAggregation>();
  for (const each of placed.flatMap(({aggregations}) => aggregations)) {
    const other = first.get(each.alias);
    if (!other) first.set(each.alias, each);
    else if (normalised(other.sql) !== normalised(each.sql)) {
      const message = `aggregation ${each.alias} has another sql at ${position(other.sqlPlace)}`;
      report(
        "error",
        each.sqlPlace,
        message,
        "use the same sql through an anchor, or give it an alias of its own"
      );
    } else if (other.missing !== each.missing) {
      const message = `aggregation ${each.alias} has missing: ${other.missing} at ${position(other.place)}, ${each.missing} here`;
      report("error", each.place, message, "give one of them an alias of its own");
    }
  }
}

async function checkFormulas(aggregations: PlacedAggregation[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const report = reportInto(problems);
  const byPlace = new Map(aggregations.map((each) => [position(each.sqlPlace), each]));
  for (const {sql, sqlPlace} of byPlace.values()) {
    for (const {message, hint} of await parsedFormulaProblems(sql)) report("error", sqlPlace, message, hint);
  }
  return problems;
}

function requireAlias(alias: string, metrics: Metric[]): void {
  if (metrics.some((metric) => metric.alias === alias)) return;
  const known = metrics.map((metric) => metric.alias);
  const near = nearest(alias, known);
  throw new UserError(
    `unknown metric: ${alias}`,
    near ? `did you mean ${near}?` : `metrics: ${known.join(", ")}`
  );
}

function position({file, line, column}: Place): string {
  return `${file}:${line}:${column}`;
}
