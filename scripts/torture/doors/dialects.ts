// Engines that do not run here: what is let in for them is read by a parser of another origin than the one that wrote it.

import {init, parse} from "@guanmingchiu/sqlparser-ts";
import fc from "fast-check";
import {UserError} from "../../../lib/errors.js";
import {checkFilter, checkQuery} from "../../../lib/sql-filter.js";
import {nodesIn, withoutPlaces, type Tree} from "./engine.js";
import {hostileCondition, hostileQuery} from "./sql-texts.js";

export type Parsed = "bigquery" | "snowflake";

/** Distinct shapes judged; refused and unread are texts that a person is told of, or that the second parser does not know. */
export type ShapeFigures = {
  shapes: number;
  tried: number;
  refused: number;
  unread: number;
  escapes: string[];
};

type Place = {
  check: typeof checkFilter | typeof checkQuery;
  around: (sql: string) => string;
  /** Takes what was put in out of a tree and returns it; null where it is not where it belongs. */
  taken: (query: Tree) => Tree | null;
  model: string;
};

const condition: Place = {
  check: checkFilter,
  model: "(country = 'US')",
  around: (sql) => `select unit_id from units where unit_id = 1 and ${sql}`,
  taken(query) {
    const operation = query.body?.Select?.selection?.BinaryOp;
    if (operation?.op !== "And" || !operation.right?.Nested) return null;
    const {right} = operation;
    delete operation.right;
    return right;
  }
};

const relation: Place = {
  check: checkQuery,
  model: "select 1",
  around: (sql) => `select unit_id from (${sql}) as assignments where unit_id = 1`,
  taken(query) {
    const derived = query.body?.Select?.from?.[0]?.relation?.Derived;
    const inner = derived?.subquery;
    if (inner) delete derived.subquery;
    return inner ?? null;
  }
};

const doors = [
  {place: condition, inputs: hostileCondition},
  {place: relation, inputs: hostileQuery}
];

/** Pushes texts through filters and custom queries of a dialect until so many distinct shapes were judged. */
export async function tryDialect(
  dialect: Parsed,
  {seed, shapes: wanted}: {seed: number; shapes: number}
): Promise<ShapeFigures> {
  await init();
  const figures: ShapeFigures = {shapes: 0, tried: 0, refused: 0, unread: 0, escapes: []};
  for (const {place, inputs} of doors) {
    const seen = new Set<string>();
    for (let round = 0; seen.size < wanted / doors.length && round < 40; round++)
      for (const text of fc.sample(inputs, {seed: seed + round, numRuns: wanted})) {
        if (seen.size >= wanted / doors.length) break;
        await tryText(text, {dialect, place, seen, figures});
      }
    figures.shapes += seen.size;
  }
  return figures;
}

type Trying = {dialect: Parsed; place: Place; seen: Set<string>; figures: ShapeFigures};

async function tryText(text: string, {dialect, place, seen, figures}: Trying): Promise<void> {
  figures.tried++;
  try {
    const sql = await place.check(text, {dialect});
    const {shape, problem} = judgeShape(sql, {dialect, place});
    if (problem) figures.escapes.push(`${JSON.stringify(text)}: ${problem}, as ${sql}`);
    else if (shape) seen.add(shape);
    else figures.unread++;
  } catch (error) {
    if (error instanceof UserError) figures.refused++;
    else figures.escapes.push(`${JSON.stringify(text)}: it breaks: ${String(error)}`);
  }
}

/** Returns the shape of a condition that stays beside another, or how it does not; neither where the parser does not know it. */
export const judgeCondition = (sql: string, dialect: Parsed) => judgeShape(sql, {dialect, place: condition});

function judgeShape(
  sql: string,
  {dialect, place}: {dialect: Parsed; place: Place}
): {shape: string | null; problem: string | null} {
  const trees = readBy(dialect, place.around(sql));
  if (!trees) return {shape: null, problem: null};
  const query = trees[0]?.Query;
  if (trees.length !== 1 || !query) return {shape: null, problem: `${trees.length} statements`};
  const inner = place.taken(query);
  const [lawful] = readBy(dialect, place.around(place.model))!;
  place.taken(lawful.Query);
  if (!inner || withoutPlaces(query) !== withoutPlaces(lawful.Query))
    return {shape: null, problem: "it reaches beyond its place"};
  return {shape: shapeOf(inner), problem: strangerIn(inner, place)};
}

function readBy(dialect: Parsed, sql: string): Tree[] | null {
  try {
    return parse(sql, dialect) as Tree[];
  } catch {
    return null;
  }
}

function strangerIn(inner: Tree, place: Place): string | null {
  for (const node of nodesIn(inner)) {
    const within = ["Subquery", "InSubquery", "Exists"].find((kind) => kind in node);
    if (within && place === condition) return "it holds a subquery";
    if (node.TableFunction || node.Table?.args) return "it reads a table of a function";
    if (node.Function && telling.test(withoutPlaces(node.Function.name)))
      return `it calls ${withoutPlaces(node.Function.name)}`;
  }
  return null;
}

const telling =
  /system\$|external_query|current_|session_|_user|rand|uuid|getdate|sysdate|result_scan|get_ddl|error|read_|env|\.ml\b|keys\./i;

// Names and values are no part of a shape.
const shapeOf = (tree: Tree) =>
  withoutPlaces(tree).replace(
    /"(value|[A-Za-z]*String|Number)":("(?:[^"\\]|\\.)*"|\["[^"]*",\w+\])/g,
    '"$1":0'
  );
