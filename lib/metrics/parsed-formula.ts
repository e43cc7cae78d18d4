// What can be said of a formula only by parsing it as SQL. The parser takes about a second to load.

import {isAggregate} from "./formula.js";

type Found = {message: string; hint: string | null};
type Parser = typeof import("@polyglot-sql/sdk");

let loading: Promise<Parser> | null = null;

/** Returns what is wrong with a formula as DuckDB's SQL; empty where it is one aggregate expression. */
export async function parsedFormulaProblems(sql: string): Promise<Found[]> {
  const {parse, Dialect} = await (loading ??= import("@polyglot-sql/sdk"));
  // A line of its own: the parser counts columns within it.
  const result = parse(`select\n${sql}\nas formula_value`, Dialect.DuckDB);
  if (!result.success) return [{message: `the formula is not SQL: ${fromFormula(result.error)}`, hint: null}];
  return expressionProblems(result.ast);
}

// The parser counts our own first line.
function fromFormula(error: string | undefined): string {
  const text = (error ?? "it cannot be parsed").replace(/^Parse error( at)?\s*/i, "");
  return text.replace(/^line (\d+), column (\d+):\s*/, (_, line) =>
    Number(line) > 2 ? `line ${line - 1}: ` : ""
  );
}

function expressionProblems(ast: unknown): Found[] {
  const statements = Array.isArray(ast) ? ast : [ast];
  const select = statements.length === 1 && isObject(statements[0]) ? statements[0].select : null;
  if (!isObject(select) || !Array.isArray(select.expressions) || select.expressions.length !== 1)
    return [notOne];
  const clauses = ["from", "where_clause", "group_by", "having", "qualify", "order_by", "limit", "with"];
  if (clauses.some((clause) => select[clause])) return [notOne];
  const found = new Map<string, Found>();
  walk(select.expressions[0], {inside: null, tell: (problem) => found.set(problem.message, problem)});
  return [...found.values()];
}

const notOne = {
  message: "a formula is one expression, not a statement",
  hint: "write what stands after SELECT"
};

// inside: the kind of the aggregate around a node.
type Walk = {inside: string | null; tell: (problem: Found) => void};

function walk(node: unknown, {inside, tell}: Walk): void {
  if (Array.isArray(node)) for (const each of node) walk(each, {inside, tell});
  if (!isObject(node)) return;
  for (const [kind, child] of Object.entries(node)) {
    const isAggregation = isAggregateNode(kind, child);
    const problem = problemOf(kind, child, {inside, isAggregation});
    if (problem) tell(problem);
    else walk(child, {inside: isAggregation ? kind : inside, tell});
  }
}

const groupings = ["aggregate_function", "bitwise_or_agg", "bitwise_and_agg", "bitwise_xor_agg"];

function isAggregateNode(kind: string, child: unknown): boolean {
  if (!isObject(child)) return false;
  if (kind === "function") return isAggregate(String(child.name));
  const isNamed = "this" in child || "args" in child;
  return groupings.includes(kind) || kind === "within_group" || (isNamed && isAggregate(kind));
}

function problemOf(
  kind: string,
  child: unknown,
  {inside, isAggregation}: {inside: string | null; isAggregation: boolean}
): Found | null {
  if (!isObject(child)) return null;
  if (["select", "subquery", "union", "intersect", "except"].includes(kind)) {
    return {message: "a formula must not hold a sub-select", hint: "only the columns of events can be used"};
  }
  if (kind === "window_function") {
    return {
      message: "a formula must not be a window function",
      hint: "a unit's events are one group; drop OVER (…)"
    };
  }
  if (kind === "column" && !inside) {
    const hint = "wrap it in an aggregate, such as SUM(…) or MAX(…)";
    return {message: `column ${columnName(child)} stands outside of any aggregate`, hint};
  }
  if (isAggregation && inside && inside !== "within_group") {
    return {
      message: "an aggregate must not stand inside another aggregate",
      hint: "a unit is one group of events"
    };
  }
  return null;
}

function columnName({name}: Record<string, unknown>): string {
  return isObject(name) ? String(name.name) : String(name);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
