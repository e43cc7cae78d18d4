import {nearest, UserError} from "../errors.js";
import type {Metric} from "../types.js";
import type {Column} from "../warehouse/duckdb.js";

/** A question about a file with one row a unit: columns by name, ratios as "NUM/DEN". */
export type Question = {
  file: string;
  unit?: string;
  variant: string;
  control: string;
  means: string[];
  proportions: string[];
  ratios: string[];
  lowerIsBetter: string[];
  confidence: number;
  /** Expected shares by variant; equal where absent. */
  allocation?: Record<string, number>;
  /** Sum the rows of a unit instead of refusing a unit with several. */
  aggregate?: boolean;
};

/** A column that is read, under an alias of our own. */
export type Measure = {alias: string; column: string; kind: "mean" | "proportion"; isBoolean: boolean};

/** A question whose names have been found in the file. */
export type Asked = Question & {metrics: Metric[]; measures: Measure[]; columns: Column[]};

/** Returns the columns of a question that are names, never numbers. */
export const labelsOf = ({unit, variant}: Question): string[] => [
  ...(unit === undefined ? [] : [unit]),
  variant
];

/** Throws a UserError where a question cannot be answered whatever the file holds. */
export function checkQuestion({means, proportions, ratios, confidence, lowerIsBetter}: Question) {
  checkConfidence(confidence);
  for (const asked of [means, proportions, ratios]) {
    const twice = asked.find((name, i) => asked.indexOf(name) !== i);
    if (twice) throw new UserError(`${twice} is asked for twice`, "name each metric once");
  }
  const names = [...means, ...proportions, ...ratios];
  for (const name of lowerIsBetter) {
    if (!names.includes(name)) throw unknownName("metric", name, names, "--lower-is-better");
  }
}

/** Throws a UserError where a confidence is no fraction between 0 and 1. */
export function checkConfidence(confidence: number) {
  if (confidence > 0 && confidence < 1) return;
  throw new UserError(
    `confidence is a fraction between 0 and 1, not ${confidence}`,
    "for 95% write --confidence 0.95"
  );
}

/** Returns a question with its metrics and the columns they read; throws a UserError for a column that is not there. */
export function resolveColumns(question: Question, columns: Column[]): Asked {
  const {unit, variant} = question;
  const names = columns.map(({name}) => name);
  const wanted = wantedOf(question, names);
  const labels = [...(unit === undefined ? [] : [[unit, "--unit"]]), [variant, "--variant"]];
  for (const [name, option] of [
    ...labels,
    ...wanted.flatMap(({columns, option}) => columns.map((name) => [name, option]))
  ]) {
    if (!names.includes(name)) throw unknownName("column", name, names, option);
  }
  if (!wanted.length) {
    throw new UserError(
      "no metric is asked for",
      `add --mean, --proportion or --ratio with a column: ${names.join(", ")}`
    );
  }
  const measures = measuresOf(wanted, columns);
  let next = 0;
  const metrics = wanted.map((one) =>
    metricOf(
      one,
      question,
      one.columns.map(() => measures[next++].alias)
    )
  );
  return {...question, metrics, measures, columns};
}

/** A metric as it was asked for, with the columns it reads. */
type Wanted = {name: string; type: Metric["type"]; columns: string[]; option: string};

function wantedOf({means, proportions, ratios}: Question, names: string[]): Wanted[] {
  return [
    ...means.map((name) => ({name, type: "mean" as const, columns: [name], option: "--mean"})),
    ...proportions.map((name) => ({
      name,
      type: "proportion" as const,
      columns: [name],
      option: "--proportion"
    })),
    ...ratios.map((name) => ({
      name,
      type: "ratio" as const,
      columns: ratioColumns(name, names),
      option: "--ratio"
    }))
  ];
}

function measuresOf(wanted: Wanted[], columns: Column[]): Measure[] {
  const isBoolean = (column: string) => columns.find(({name}) => name === column)!.type === "BOOLEAN";
  return wanted
    .flatMap(({type, columns}) => columns.map((column) => ({type, column})))
    .map(({type, column}, i) => ({
      alias: `measure_${i}`,
      column,
      kind: type === "proportion" ? "proportion" : "mean",
      isBoolean: isBoolean(column)
    }));
}

/** Returns the error for a name that is not among those known, with the nearest of them. */
export function unknownName(what: string, name: string, known: string[], option: string) {
  const near = nearest(name, known);
  return new UserError(
    `${option}: there is no ${what} ${name}`,
    near ? `did you mean ${near}?` : `there are ${known.join(", ")}`
  );
}

// A column's own name may hold a slash: the split is the one whose two sides are columns.
function ratioColumns(name: string, names: string[]): string[] {
  const parts = name.split("/");
  if (parts.length < 2)
    throw new UserError(
      `--ratio ${name} has no denominator`,
      "write it as NUMERATOR/DENOMINATOR, two columns"
    );
  const splits = parts
    .slice(1)
    .map((_, i) => [parts.slice(0, i + 1).join("/"), parts.slice(i + 1).join("/")]);
  return splits.find((pair) => pair.every((side) => names.includes(side))) ?? splits[0];
}

function metricOf(
  {name, type}: Wanted,
  {lowerIsBetter, file}: Question,
  [numerator, denominator]: string[]
): Metric {
  const aggregation = (alias: string) => ({alias, sql: alias, missing: "exclude" as const});
  return {
    alias: name,
    title: name,
    type,
    group: "",
    description: null,
    owner: null,
    tags: [],
    goal: lowerIsBetter.includes(name) ? "decrease" : "increase",
    format: {},
    numerator: aggregation(numerator),
    denominator: denominator === undefined ? null : aggregation(denominator),
    source: {file, line: 1, column: 1}
  };
}
