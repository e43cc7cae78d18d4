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
  if (!(confidence > 0 && confidence < 1)) {
    throw new UserError(
      `confidence is a fraction between 0 and 1, not ${confidence}`,
      "for 95% write --confidence 0.95"
    );
  }
  for (const asked of [means, proportions, ratios]) {
    const twice = asked.find((name, i) => asked.indexOf(name) !== i);
    if (twice) throw new UserError(`${twice} is asked for twice`, "name each metric once");
  }
  const names = [...means, ...proportions, ...ratios];
  for (const name of lowerIsBetter) {
    if (!names.includes(name)) throw unknownName("metric", name, names, "--lower-is-better");
  }
}

/** Returns a question with its metrics and the columns they read; throws a UserError for a column that is not there. */
export function resolveColumns(question: Question, columns: Column[]): Asked {
  const {means, proportions, ratios, unit, variant} = question;
  const named = (name: string, option: string) => {
    if (!columns.some((column) => column.name === name)) {
      throw unknownName(
        "column",
        name,
        columns.map((d) => d.name),
        option
      );
    }
    return name;
  };
  if (unit !== undefined) named(unit, "--unit");
  named(variant, "--variant");
  if (!means.length && !proportions.length && !ratios.length) {
    throw new UserError(
      "no metric is asked for",
      `add --mean, --proportion or --ratio with a column: ${columns.map((d) => d.name).join(", ")}`
    );
  }
  const measures: Measure[] = [];
  const measure = (column: string, kind: Measure["kind"], option: string) => {
    const type = columns.find((d) => d.name === named(column, option))!.type;
    const alias = `measure_${measures.length}`;
    measures.push({alias, column, kind, isBoolean: type === "BOOLEAN"});
    return alias;
  };
  const metrics = [
    ...means.map((name) => metricOf(name, "mean", question, measure(name, "mean", "--mean"))),
    ...proportions.map((name) =>
      metricOf(name, "proportion", question, measure(name, "proportion", "--proportion"))
    ),
    ...ratios.map((name) => {
      const [numerator, denominator] = ratioColumns(name, columns);
      return metricOf(
        name,
        "ratio",
        question,
        measure(numerator, "mean", "--ratio"),
        measure(denominator, "mean", "--ratio")
      );
    })
  ];
  return {...question, metrics, measures, columns};
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
function ratioColumns(name: string, columns: Column[]): [string, string] {
  const parts = name.split("/");
  if (parts.length < 2)
    throw new UserError(
      `--ratio ${name} has no denominator`,
      "write it as NUMERATOR/DENOMINATOR, two columns"
    );
  const splits = parts
    .slice(1)
    .map((_, i): [string, string] => [parts.slice(0, i + 1).join("/"), parts.slice(i + 1).join("/")]);
  return splits.find((pair) => pair.every((side) => columns.some((d) => d.name === side))) ?? splits[0];
}

function metricOf(
  name: string,
  type: Metric["type"],
  {lowerIsBetter, file}: Question,
  numerator: string,
  denominator?: string
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
    denominator: denominator ? aggregation(denominator) : null,
    source: {file, line: 1, column: 1}
  };
}
