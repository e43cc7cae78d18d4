// The same observation gives the same numbers on every engine, whichever way they are calculated.

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {aggregateUnits, shapeOf, type Aggregated, type UnitShape} from "../../lib/aggregate.js";
import {aggregateCells} from "../../lib/aggregate/cells.js";
import {aggregateThere} from "../../lib/aggregate/there.js";
import {calculatePieces} from "../../lib/calculate-pieces.js";
import {builtInTemplates} from "../../lib/config/schema.js";
import {piecePlanOf} from "../../lib/sql-of.js";
import type {Config} from "../../lib/config/types.js";
import type {Metric} from "../../lib/types.js";
import {openBigQuery} from "../../lib/warehouse/bigquery.js";
import type {Connector, DialectName} from "../../lib/warehouse/connector.js";
import {literal, openDuckDB} from "../../lib/warehouse/duckdb.js";
import {openConnector} from "../../lib/warehouse/open.js";
import {isEmbedded, writeParquet} from "../../lib/warehouse/parquet.js";
import {openPostgres} from "../../lib/warehouse/postgres.js";
import {openSnowflake} from "../../lib/warehouse/snowflake.js";
import {startBigQuery} from "../fixtures/bigquery-server.js";
import {compare, comparedValues, engines, equal, type Path} from "../fixtures/held-to.js";
import {judge, unitsCrossing, type Question} from "../fixtures/oracle.js";
import {startPostgres} from "../fixtures/postgres-server.js";
import {makeShop, shopTables} from "../fixtures/shop.js";
import {
  cases,
  declaredMetrics,
  definitions,
  metrics,
  renderCase,
  seen,
  type Case
} from "../fixtures/shop-questions.js";
import {makeKeys, startSnowflake} from "../fixtures/snowflake-server.js";
import {queries} from "../queries/render.js";

const shop = makeShop();
const folder = mkdtempSync(join(tmpdir(), "expanto-proof-"));
const stops: (() => Promise<unknown> | void)[] = [];
const connectors = {} as Record<DialectName, Connector>;

beforeAll(async () => {
  const setup = shopTables(shop);
  connectors.duckdb = await openShopFile(setup);
  const server = await startPostgres();
  // Without statistics the planner may choose a loop over all pairs.
  for (const sql of [...setup, "analyze"]) await server.run(sql);
  connectors.postgres = await openPostgres({type: "postgres", ssl: false, ...server});
  const bigquery = await startBigQuery({setup});
  const google = {type: "bigquery", project: "p", location: null, dataset: null, keyFile: null} as const;
  connectors.bigquery = await openBigQuery({...google, endpoint: bigquery.endpoint});
  const keys = makeKeys();
  const snowflake = await startSnowflake({setup, publicKey: keys.publicKey});
  connectors.snowflake = await openSnowflake({
    type: "snowflake",
    account: "acme",
    user: "expanto",
    role: null,
    warehouse: null,
    database: null,
    schema: null,
    privateKeyFile: keys.privateKeyFile,
    passphrase: null,
    endpoint: snowflake.endpoint
  });
  stops.push(
    ...Object.values(connectors).map((each) => () => each.close()),
    () => server.stop(),
    () => bigquery.stop(),
    () => snowflake.stop()
  );
});

afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, {recursive: true});
  console.log(`Values compared, each equal to the oracle's:\n${comparedValues()}`);
});

async function openShopFile(setup: string[]): Promise<Connector> {
  const path = join(folder, "shop.duckdb");
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of setup) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  const warehouse = {type: "duckdb", path, memoryLimit: "1GB", threads: null} as const;
  return openConnector(warehouse, {writable: [folder]});
}

describe.each(engines)("%s", (dialect) => {
  async function prepared({isPlanning, keepsAssignment, keepsEvent, ...asked}: Case, used = metrics) {
    const {sql, observation} = await renderCase({isPlanning, ...asked}, used, dialect);
    const question = {observation, isPlanning, keepsAssignment, keepsEvent};
    return {sql, observation, verdict: judge(shop, definitions, question)};
  }

  test.each(Object.keys(cases))("a row a unit: %s", async (name) => {
    const {sql, observation, verdict} = await prepared(cases[name]);
    const file = join(folder, `${dialect}-${name.replace(/\W/g, "-")}.parquet`);
    await writeParquet(connectors[dialect], sql, {file, exact: ["unit_id"]});
    const duckdb = await openDuckDB();
    const relation = `read_parquet(${literal(file)})`;
    const columns = await duckdb.columns(`select * from ${relation}`);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    const aggregated = await aggregateUnits(duckdb, relation, {shape, metrics, columns});
    const {dimensions} = observation;
    const cells = dimensions.length
      ? await aggregateCells(duckdb, {units: relation, kindRows: null}, {shape, columns, metrics, dimensions})
      : null;
    compare({engine: dialect, way: "a row a unit, by formulas"}, {...aggregated, cells}, verdict);
    duckdb.close();
  });

  test.each(Object.keys(cases))("declared metrics by SQL: %s", async (name) => {
    const {sql, observation, verdict} = await prepared(cases[name], declaredMetrics);
    const columns = await connectors[dialect].columns(sql);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    const question = {sql, shape, columns, observation, metrics};
    const {aggregated} = await aggregateThere(connectors[dialect], question, {});
    compare({engine: dialect, way: "moments alone, declared"}, aggregated, verdict);
  });

  test.each(Object.keys(cases))("moments alone: %s", async (name) => {
    const {sql, observation, verdict} = await prepared(cases[name]);
    const columns = await connectors[dialect].columns(sql);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    const question = {sql, shape, columns, observation, metrics};
    const {aggregated} = await aggregateThere(connectors[dialect], question, {});
    compare({engine: dialect, way: "moments alone, by formulas"}, aggregated, verdict);
  });
});

test.each(Object.keys(cases).filter((name) => !cases[name].isPlanning))(
  "duckdb, in pieces: %s",
  async (name) => {
    const {changes, isPlanning, keepsAssignment, keepsEvent} = cases[name];
    const observation = {...seen, ...changes};
    const question = {observation, isPlanning, keepsAssignment, keepsEvent};
    const verdict = judge(shop, definitions, question);
    const connector = connectors.duckdb;
    if (!isEmbedded(connector)) throw new Error("the embedded engine was expected");
    const config = {
      warehouse: {type: "duckdb"},
      folders: {queries},
      scenarios: {templates: builtInTemplates}
    } as unknown as Config;
    const cache = join(folder, "cache");
    const ask = async (used: Metric[]) => {
      const pieces = (await piecePlanOf(config, observation, {metrics: used, followed: used}))!;
      const engine = {duckdb: connector.engine, cache, options: {}};
      return calculatePieces(engine, {pieces, source: "shop", observation, metrics: used});
    };
    const some = await ask(declaredMetrics.slice(0, 3));
    expect(some.cacheHit).toBe(false);
    const {aggregated} = await ask(declaredMetrics);
    const way = "in pieces, some found, all found";
    compare({engine: "duckdb", way}, aggregated, verdict);
    if (!observation.horizonDays) compareDays(aggregated, question);
    const again = await ask(declaredMetrics.toReversed());
    expect(again.cacheHit).toBe(true);
    compare({engine: "duckdb", way}, again.aggregated, verdict);
  }
);

const dayMs = 86_400_000;
const endOf = (day: string, end: string | null) => {
  const next = new Date(Date.parse(day) + dayMs).toISOString();
  return end && end < next ? end : next;
};

// Until the end of a day: the same question over shorter windows. Who crosses over later is left out all the same.
function compareDays({series = []}: Aggregated, question: Question) {
  const path: Path = {engine: "duckdb", way: "until the end of each day"};
  const {observation} = question;
  const crossed = unitsCrossing(shop, question);
  const settled = {...shop, assignments: shop.assignments.filter(({unit}) => !crossed.has(unit))};
  const days = [...new Set(series.map(({day}) => day))];
  expect(days.length).toBeGreaterThan(10);
  for (const day of days) {
    const [exposureEnd, calcEnd] = [observation.exposureEnd, observation.calcEnd].map((end) =>
      endOf(day, end)
    );
    const verdict = judge(settled, definitions, {
      ...question,
      observation: {...observation, exposureEnd, calcEnd, preDays: 0}
    });
    for (const {metric: alias, variant, moments} of series.filter((row) => row.day === day)) {
      const expected = verdict.moments[`${alias} ${variant}`];
      equal(path, moments.n, expected?.n ?? 0);
      if (moments.n < 2) continue;
      for (const [k, value] of moments.means.entries()) equal(path, value, expected.means[k]);
      for (const [k, values] of moments.covariance.entries())
        for (const [l, value] of values.entries()) equal(path, value, expected.covariance[k][l]);
    }
  }
}
