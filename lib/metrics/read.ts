import {nearest} from "../errors.js";
import type {MetricType} from "../stats/types.js";
import type {DeclaredAggregation, Metric, Place, UserAggregation} from "../types.js";
import {kindOf, parseYaml, reportUnknownFields} from "../yaml-file.js";
import type {Report, YamlFields, YamlNode} from "../yaml-file.js";
import {aggregationFields, fileFields, formulaFields, goals} from "./fields.js";
import {isReserved, metricFields, missings, templateColumns} from "./fields.js";
import {defaultMissing, formulaProblems} from "./formula.js";
import {declaredSql} from "./declared.js";
import {isDeclared, readDeclared} from "./read-declared.js";
import {readCap, readFormat, readQuantile, readShare} from "./read-options.js";
import {choiceOf, mapOf, optionalText, textOf} from "./values.js";
import type {Asked, Text} from "./values.js";

/** An aggregation with the place where its formula stands. */
export type PlacedAggregation = UserAggregation & {place: Place; sqlPlace: Place};

/** A metric as it stands in its file: null where something in it is wrong, which does not touch its neighbours. */
export type PlacedMetric = {alias: Text | null; metric: Metric | null; aggregations: PlacedAggregation[]};

/** Returns the metrics of one file's text; whatever is wrong or odd is reported. */
export function readMetricFile(text: string, file: string, report: Report): PlacedMetric[] {
  let isBroken = false;
  const root = parseYaml(text, file, (severity, ...rest) => {
    isBroken ||= severity === "error";
    report(severity, ...rest);
  });
  const start = {file, line: 1, column: 1};
  if (!root && !isBroken)
    report("error", start, "the file is empty", "a metric file starts with metric_group_name");
  if (!root) return [];
  const fields = mapOf(root, "a metric file", report);
  if (!fields) return [];
  reportUnknownFields(fields, fileFields, {of: "a metric file", severity: "warning", report});
  const group = textOf(fields, "metric_group_name", {of: "a metric file", place: root.place, report});
  if (group && group.text.length > 140)
    report("error", group.place, longer("metric_group_name", 140, group.text));
  readUnusedAggregations(fields.get("user_aggregations")?.node, report);
  return metricNodes(fields, root, report).map((node) => readMetric(node, group?.text ?? "", report));
}

function metricNodes(fields: YamlFields, root: YamlNode, report: Report): YamlNode[] {
  const node = fields.get("metrics")?.node;
  if (!node) report("error", root.place, "metrics is missing", "metrics: is a list of metrics");
  else if (!Array.isArray(node.value))
    report("error", node.place, `metrics must be a list, not ${kindOf(node)}`);
  else if (node.value.length === 0) report("warning", node.place, "the list of metrics is empty");
  else return node.value;
  return [];
}

// Each is read once more where a metric uses it; the same problem at the same place is told once (metrics.ts).
function readUnusedAggregations(node: YamlNode | undefined, report: Report): void {
  if (!node || node.value === null) return;
  const fields = mapOf(node, "user_aggregations", report);
  for (const [name, field] of fields ?? []) readAggregation(field.node, {of: name, missing: null, report});
}

function readMetric(node: YamlNode, group: string, outer: Report): PlacedMetric {
  let isSound = true;
  const report: Report = (severity, ...rest) => {
    isSound &&= severity !== "error";
    outer(severity, ...rest);
  };
  const fields = mapOf(node, "a metric", report);
  if (!fields) return {alias: null, metric: null, aggregations: []};
  const alias = textOf(fields, "alias", {of: "a metric", place: node.place, report});
  if (alias) checkName(alias, {of: "alias", longest: 50, report});
  const of = `metric ${alias?.text ?? "without alias"}`;
  reportUnknownFields(fields, metricFields, {of, severity: "warning", report});
  const source = alias?.place ?? node.place;
  const written = readType(fields, {of, place: source, report});
  const missing = choiceOf(fields, "missing", missings, report);
  const formula = readFormula(fields, {of, place: source, missing, report});
  const kind = written && formula ? kindFor(written, formula, {of, report}) : null;
  const common = {
    alias: alias?.text ?? "",
    title: readTitle(fields, {of, place: source, report}),
    type: kind?.type ?? "mean",
    group,
    description: optionalText(fields, "description", report),
    owner: optionalText(fields, "owner", report),
    tags: readTags(fields, report),
    goal: choiceOf(fields, "goal", goals, report),
    margin: readShare(fields, "margin", report),
    cap: readCap(fields, kind?.type ?? null, report),
    quantile: readQuantile(fields, written, {of, place: source, report}),
    format: readFormat(fields, written, report),
    source
  };
  const aggregations = usedIn(formula, kind);
  if (!isSound || !formula?.numerator || !kind) return {alias, metric: null, aggregations};
  const denominator = kind.denominator && bare(kind.denominator);
  return {alias, metric: {...common, numerator: bare(formula.numerator), denominator}, aggregations};
}

type Kind = {type: MetricType; denominator: PlacedAggregation | null};

// Those of a metric that is not sound are checked as well.
function usedIn(formula: Formula | null, kind: Kind | null): PlacedAggregation[] {
  const denominator = kind ? kind.denominator : formula?.denominator;
  return [formula?.numerator, denominator].filter((each) => !!each);
}

function bare({alias, sql, missing, declared}: PlacedAggregation): UserAggregation {
  return {alias, sql, missing, ...(declared ? {declared} : {})};
}

const types: Record<string, MetricType> = {
  avg: "mean",
  mean: "mean",
  ratio: "ratio",
  proportion: "proportion",
  quantile: "quantile"
};

function readType(fields: YamlFields, asked: Asked): MetricType | null {
  const written = textOf(fields, "type", asked);
  if (!written) return null;
  if (Object.hasOwn(types, written.text)) return types[written.text];
  const near = nearest(written.text, Object.keys(types));
  const hint = near ? `did you mean ${near}?` : "a type is avg, ratio, proportion or quantile";
  asked.report("error", written.place, `unknown type of ${asked.of}: ${written.text}`, hint);
  return null;
}

function kindFor(
  type: MetricType,
  {denominator, place}: Formula,
  {of, report}: {of: string; report: Report}
): Kind | null {
  if (type === "ratio" && !denominator) {
    report(
      "error",
      place,
      `${of} is a ratio without a denominator`,
      "add formula.denominator, or make it avg"
    );
    return null;
  }
  if (type === "proportion" && denominator) {
    const hint = "write type: ratio, or drop the denominator to count units";
    report("warning", denominator.place, `${of}, a proportion with a denominator, is read as a ratio`, hint);
    return {type: "ratio", denominator};
  }
  if (type === "ratio" || !denominator) return {type, denominator};
  const hint = "write type: ratio to divide by it";
  const word = type === "mean" ? "an avg" : "a quantile";
  report("warning", denominator.place, `${of} is ${word}: its denominator is not used`, hint);
  return {type, denominator: null};
}

type Formula = {numerator: PlacedAggregation | null; denominator: PlacedAggregation | null; place: Place};
type Missing = UserAggregation["missing"] | null;

function readFormula(
  fields: YamlFields,
  {of, place, missing, report}: Asked & {missing: Missing}
): Formula | null {
  const field = fields.get("formula");
  if (!field) {
    report(
      "error",
      place,
      `formula of ${of} is missing`,
      "formula: {numerator: {alias, sql}, denominator: null}"
    );
    return null;
  }
  const parts = mapOf(field.node, `formula of ${of}`, report);
  if (!parts) return null;
  reportUnknownFields(parts, formulaFields, {of: `formula of ${of}`, severity: "warning", report});
  const read = (name: "numerator" | "denominator"): PlacedAggregation | null => {
    const node = parts.get(name)?.node;
    if (node && node.value !== null) return readAggregation(node, {of: `${name} of ${of}`, missing, report});
    if (name === "numerator") report("error", node?.place ?? field.key, `numerator of ${of} is missing`);
    return null;
  };
  // A denominator that is there but broken is reported already: say no more of it.
  const numerator = read("numerator");
  const denominator = read("denominator");
  const isBroken = !denominator && !!parts.get("denominator")?.node.value;
  return isBroken ? null : {numerator, denominator, place: parts.get("denominator")?.key ?? field.key};
}

// No more than this, so that a problem of an anchor reads the same wherever the anchor is used.
const aggregation = "an aggregation";

function readAggregation(
  node: YamlNode,
  {of, missing, report}: {of: string; missing: Missing; report: Report}
): PlacedAggregation | null {
  const fields = mapOf(node, of, report);
  if (!fields) return null;
  reportUnknownFields(fields, aggregationFields, {of: aggregation, severity: "warning", report});
  const alias = textOf(fields, "alias", {of: aggregation, place: node.place, report});
  const formula = formulaOf(fields, {of: aggregation, place: node.place, report});
  const own = choiceOf(fields, "missing", missings, report);
  if (alias) checkName(alias, {of: `alias of ${aggregation}`, longest: 63, report});
  if (alias && templateColumns.includes(alias.text.toLowerCase())) {
    const hint = `templates use ${templateColumns.join(", ")} for columns of their own`;
    report("error", alias.place, `an aggregation must not be called ${alias.text}`, hint);
  }
  if (!alias || !formula) return null;
  const {text, place, declared} = formula;
  const common = {alias: alias.text, sql: text, missing: own ?? missing ?? defaultMissing(text)};
  return {...common, ...(declared ? {declared} : {}), place: node.place, sqlPlace: place};
}

type WrittenFormula = Text & {declared: DeclaredAggregation | null};

function formulaOf(fields: YamlFields, asked: Asked): WrittenFormula | null {
  if (isDeclared(fields)) {
    const declared = readDeclared(fields, asked);
    const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const text = declared && declaredSql(declared, {column: "event_name", literal});
    return text === null ? null : {text, place: asked.place, declared};
  }
  const sql = textOf(fields, "sql", asked);
  const problems = sql ? formulaProblems(sql.text) : [];
  for (const {message, hint} of problems) asked.report("error", sql?.place ?? asked.place, message, hint);
  return sql && !problems.length ? {text: sql.text.trim(), place: sql.place, declared: null} : null;
}

function checkName(
  {text, place}: Text,
  {of, longest, report}: {of: string; longest: number; report: Report}
): void {
  const proposal = text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^(?=[0-9])/, "_")
    .slice(0, longest);
  if (!/^[a-z_][a-z0-9_]*$/.test(text)) {
    const hint = `lower case letters, digits and _, such as ${proposal}`;
    report("error", place, `bad ${of}: ${text}`, hint);
  } else if (text.length > longest) report("error", place, longer(of, longest, text));
  else if (isReserved(text)) {
    report("error", place, `bad ${of}: ${text} is a reserved word of SQL`, `such as ${text}_count`);
  }
}

function longer(of: string, longest: number, text: string): string {
  return `${of} is longer than ${longest} characters: ${text.length}`;
}

function readTitle(fields: YamlFields, asked: Asked): string {
  const title = textOf(fields, "display_name", asked);
  if (!title) return "";
  const {text, place} = title;
  if (text.length > 60) asked.report("warning", place, longer("display_name", 60, text), "pages may cut it");
  return text;
}

function readTags(fields: YamlFields, report: Report): string[] {
  const node = fields.get("tags")?.node;
  if (!node || node.value === null) return [];
  if (!Array.isArray(node.value)) {
    report("error", node.place, `tags must be a list, not ${kindOf(node)}`, "tags: [a, b]");
    return [];
  }
  const wrong = node.value.filter(({value}) => typeof value !== "string" && typeof value !== "number");
  for (const tag of wrong) report("error", tag.place, `a tag must be text, not ${kindOf(tag)}`);
  return [...new Set(node.value.map(({value}) => String(value)))];
}
