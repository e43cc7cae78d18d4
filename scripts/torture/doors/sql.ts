// The doors of SQL: filters, custom queries and audience tables, judged in DuckDB.

import {UserError} from "../../../lib/errors.js";
import {checkFilter, checkQuery} from "../../../lib/sql-filter.js";
import {dialects, tableName} from "../../../lib/templates/dialects.js";
import type {DialectName} from "../../../lib/warehouse/connector.js";
import type {Door, Outcome} from "./door.js";
import {canary, nodesIn, withoutPlaces, type Engine, type Tree} from "./engine.js";
import {hostileCondition, hostileQuery, hostileTable} from "./sql-texts.js";

/** Returns the text as it goes on; "refused" where a person is told; how it failed where it breaks otherwise. */
async function let_in(check: () => Promise<string> | string): Promise<{sql: string} | Outcome> {
  try {
    return {sql: await check()};
  } catch (error) {
    if (error instanceof UserError) return "refused";
    return {escaped: `it breaks: ${String(error)}`};
  }
}

/** Where accepted SQL goes: what stands around it, what it may be in there, and what DuckDB must not give back. */
export type Place = {
  around: (sql: string) => string;
  /** Takes what was put in out of a tree and returns it; null where it is not where it belongs. */
  taken: (tree: Tree) => Tree | null;
  problem: (inner: Tree, engine: Engine) => string | null;
  /** A query that gives no row, whatever the text is; and one whose rows may be looked at. */
  empty: ((sql: string) => string) | null;
  shown: ((sql: string) => string) | null;
};

const harmless = "country = 'US'";

/** Returns a door whose check lets texts into a place. */
export function sqlDoor(
  name: string,
  {
    engine,
    inputs,
    place,
    check,
    model
  }: {
    engine: Engine;
    inputs: Door<string>["inputs"];
    place: Place;
    check: (text: string) => Promise<string> | string;
    model: string;
  }
): Door<string> {
  return {
    name,
    inputs,
    async judge(texts) {
      const let_ins = await Promise.all(texts.map((text) => let_in(() => check(text))));
      const accepted = let_ins.flatMap((each) =>
        typeof each === "object" && "sql" in each ? [each.sql] : []
      );
      const judged = await judgeSql(accepted, {engine, place, model});
      return let_ins.map((each) => (typeof each === "object" && "sql" in each ? judged.shift()! : each));
    }
  };
}

/** Returns what became of each accepted text where it was put. */
export async function judgeSql(
  texts: string[],
  {engine, place, model}: {engine: Engine; place: Place; model: string}
): Promise<Outcome[]> {
  const [lawful, ...trees] = await engine.trees([model, ...texts].map(place.around));
  const frame = outer(lawful, place);
  const outcomes: Outcome[] = [];
  for (const [i, tree] of trees.entries()) {
    const reason = problemOf(tree, {engine, place, frame}) ?? (await ranAway(texts[i], {engine, place}));
    outcomes.push(reason ? {escaped: `${reason}, as ${texts[i]}`} : "kept");
  }
  const changed = await engine.changed();
  if (changed) throw new Error(`SQL has changed something: ${changed}`);
  return outcomes;
}

function problemOf(
  tree: Tree | null,
  {engine, place, frame}: {engine: Engine; place: Place; frame: string | null}
): string | null {
  // What DuckDB cannot read has no effect in it; what it reads as several statements would have.
  if (!tree) return null;
  const inner = place.taken(structuredClone(tree));
  if (!inner || outer(tree, place) !== frame) return "it reaches beyond its place";
  return place.problem(inner, engine);
}

function outer(tree: Tree, place: Place): string | null {
  const copy = structuredClone(tree);
  return place.taken(copy) ? withoutPlaces(copy) : null;
}

async function ranAway(sql: string, {engine, place}: {engine: Engine; place: Place}): Promise<string | null> {
  const rows = place.empty && (await engine.run(place.empty(sql)));
  if (rows && rows !== "[]") return `it lets rows through that nothing may: ${rows}`;
  const shown = place.shown && (await engine.run(place.shown(sql)));
  return shown?.includes(canary) ? "it gives back what it must not read" : null;
}

/** Beside another condition, which it must not weaken. */
export const conditionPlace: Place = {
  around: (sql) => `select unit_id from units where unit_id = 1 and ${sql}`,
  taken(tree) {
    const {where_clause: where} = tree;
    if (where?.type !== "CONJUNCTION_AND" || !withoutPlaces(where.children[0]).includes('"unit_id"'))
      return null;
    delete tree.where_clause;
    return where.children.slice(1);
  },
  problem: (inner, engine) => strangersIn(inner, engine, {tables: false}),
  empty: (sql) => `select unit_id from units where false and ${sql}`,
  shown: (sql) => `select unit_id, cast(${sql} as varchar) from units`
};

/** A relation of its own, which may read any table but nothing else. */
export const queryPlace: Place = {
  around: (sql) => `select unit_id from (${sql}) as assignments where unit_id = 1`,
  taken(tree) {
    const {from_table: from} = tree;
    if (from?.type !== "SUBQUERY") return null;
    const inner = from.subquery;
    delete from.subquery;
    return inner;
  },
  problem: (inner, engine) => strangersIn(inner, engine, {tables: true}),
  empty: null,
  shown: (sql) => `select * from (${sql.replaceAll(/\bcanary\b(?!\.)/gi, "units")}) as assignments`
};

/** A relation that is named. */
export const tablePlace: Place = {
  around: (sql) => `select unit_id from units where unit_id = 1 and unit_id in (select unit_id from ${sql})`,
  taken(tree) {
    const subquery = tree.where_clause?.children?.at(-1)?.subquery?.node;
    if (subquery?.from_table?.type !== "BASE_TABLE") return null;
    const table = subquery.from_table;
    delete subquery.from_table;
    return table;
  },
  problem: (table, engine) => strangersIn(table, engine, {tables: true}),
  empty: null,
  shown: (sql) => (/^"?canary"?$/i.test(sql) ? "select 1" : `select * from ${sql}`)
};

function strangersIn(inner: Tree, {plainFunctions}: Engine, {tables}: {tables: boolean}): string | null {
  for (const node of nodesIn(inner)) {
    if (node.class === "SUBQUERY" && !tables) return "it holds a subquery";
    if (node.type === "TABLE_FUNCTION") return `it calls ${node.function?.function_name} for a table`;
    if (node.type === "BASE_TABLE" && !tables) return `it reads ${node.table_name}`;
    const name = node.class === "FUNCTION" ? String(node.function_name) : null;
    if (name && /^\w+$/.test(name) && !plainFunctions.has(name.toLowerCase())) return `it calls ${name}`;
  }
  return null;
}

/** Returns the doors of SQL, all in one engine. */
export function sqlDoors(engine: Engine, dialect: DialectName = "duckdb"): Door<string>[] {
  return [
    sqlDoor("filters", {
      engine,
      inputs: hostileCondition,
      place: conditionPlace,
      model: harmless,
      check: (text) => checkFilter(text, {dialect})
    }),
    sqlDoor("custom queries", {
      engine,
      inputs: hostileQuery,
      place: queryPlace,
      model: "select 1 as unit_id",
      check: (text) => checkQuery(text, {dialect})
    }),
    sqlDoor("audience tables", {
      engine,
      inputs: hostileTable,
      place: tablePlace,
      model: "units",
      check: (text) => tableName(text, dialects[dialect])
    })
  ];
}
