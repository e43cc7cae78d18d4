// The judge of SQL is DuckDB: its own parser says what a text is part of, its own run says what was touched.

import {mkdtemp, readdir, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance, type DuckDBConnection} from "@duckdb/node-api";

/** What nobody's SQL may give back: it stands in a table and in a file. */
export const canary = "CANARY-5e1f";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- trees of a parser are looked at, not typed
export type Tree = any;

export type Engine = {
  /** Returns the syntax tree of each text, or null where it is not one SELECT that DuckDB can read. */
  trees: (texts: string[]) => Promise<(Tree | null)[]>;
  /** Returns the rows of a query as text; null where the engine refuses it. */
  run: (sql: string) => Promise<string | null>;
  /** Functions whose value depends on their arguments alone. */
  plainFunctions: Set<string>;
  /** Returns what has changed of tables and files since the engine was opened; null where nothing has. */
  changed: () => Promise<string | null>;
  close: () => Promise<void>;
};

/** Opens a DuckDB that may do everything, in a folder with a file that it could read. */
export async function openEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "expanto-hostile-"));
  const names = ["canary.csv", "arms.csv"];
  for (const name of names) await writeFile(join(folder, name), `secret,user_id\n${canary},1\n`);
  const instance = await DuckDBInstance.create(":memory:", {threads: "1", memory_limit: "500MB"});
  const connection = await instance.connect();
  await connection.run(`set file_search_path = '${folder}'`);
  await connection.run(setup);
  const before = await stateOf(connection, folder);
  const stable = await connection.runAndReadAll(
    "select distinct function_name from duckdb_functions() where function_type in ('scalar', 'aggregate', 'macro') and stability is distinct from 'VOLATILE'"
  );
  return {
    trees: (texts) => treesOf(connection, texts),
    run: (sql) => rowsOf(connection, sql),
    plainFunctions: new Set(
      stable
        .getRowsJson()
        .map(([name]) => String(name))
        .filter((name) => !telling.test(name))
    ),
    async changed() {
      const after = await stateOf(connection, folder);
      return after === before ? null : `${before} became ${after}`;
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, {recursive: true});
    }
  };
}

const setup = `
  create table units as select * from (values
    (1, 23, 'US', 'ios', timestamp '2025-10-01 10:00:00', true),
    (2, -3, 'it''s', '%x', null, null),
    (3, null, '', 'a\\b', timestamp '2025-12-31 23:59:59', false)) as t(unit_id, age, country, platform, seen, active);
  create table arms as from units;
  create table canary as select '${canary}' as secret, 1 as user_id;
`;

// These tell of the machine, of files, of settings or of the session, or run a text.
const telling =
  /env|^read_|^write_|^parquet_|^pg_|^current_|^in_|^txid|^getvar|setting|version|^query|^json_execute|^json_serialize_plan|^error$|^nextval|^currval|_user$|^user$|^glob$|^sniff|^now$|^today$|^get_current|^transaction|^(has_|inet|format_pg|obj_|col_|shobj_|set_)/;

async function treesOf(connection: DuckDBConnection, texts: string[]): Promise<(Tree | null)[]> {
  const nul = texts.find((text) => text.includes("\0"));
  if (nul !== undefined) throw new Error(`a NUL, which ends a text for the engine: ${JSON.stringify(nul)}`);
  const rows = texts.map((text, i) => `(${i}, '${text.replaceAll("'", "''")}')`).join(", ");
  const reader = await connection.runAndReadAll(
    `select json_serialize_sql(text) from (values ${rows}) as t(i, text) order by i`
  );
  return reader.getRowsJson().map(([json]) => {
    const {error, statements} = JSON.parse(String(json)) as {error: boolean; statements?: Tree[]};
    return error || statements?.length !== 1 ? null : statements[0].node;
  });
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<string | null> {
  try {
    const reader = await connection.runAndReadUntil(sql, 1000);
    return JSON.stringify(reader.getRowsJson());
  } catch {
    return null;
  }
}

async function stateOf(connection: DuckDBConnection, folder: string): Promise<string> {
  const reader = await connection.runAndReadAll(
    "select (select string_agg(table_name || estimated_size, ' ' order by table_name) from duckdb_tables()), (select sum(hash(units)) from units), (select min(secret) from canary), (select value from duckdb_settings() where name = 'enable_external_access'), (select string_agg(database_name, ' ' order by database_name) from duckdb_databases())"
  );
  const files = await Promise.all(
    (await readdir(folder))
      .sort()
      .map(async (name) => `${name} ${await readFile(join(folder, name), "utf8")}`)
  );
  return JSON.stringify([...reader.getRowsJson(), files]);
}

/** Returns every object below a node. */
export function* nodesIn(node: Tree): Generator<Tree> {
  if (!node || typeof node !== "object") return;
  if (!Array.isArray(node)) yield node;
  for (const value of Object.values(node)) yield* nodesIn(value);
}

/** Returns a tree as text, without where its parts stood. */
export const withoutPlaces = (tree: Tree): string =>
  JSON.stringify(tree, (key, value) =>
    key === "query_location" || key === "span" || key.endsWith("_token") ? undefined : value
  );
