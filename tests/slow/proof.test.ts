// The same observation gives the same numbers on every engine, whichever way they are calculated.

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {aggregateUnits, shapeOf, type Aggregated, type UnitShape} from "../../lib/aggregate.js";
import {aggregateThere, momentsThereSql} from "../../lib/aggregate/there.js";
import {calculatePieces} from "../../lib/calculate-pieces.js";
import {builtInTemplates} from "../../lib/config/schema.js";
import {aggregationsOf} from "../../lib/metrics.js";
import {piecePlanOf} from "../../lib/sql-of.js";
import {renderObservation} from "../../lib/templates.js";
import type {Config, DeclaredAggregation, Metric, Observation, UserAggregation} from "../../lib/types.js";
import {openBigQuery} from "../../lib/warehouse/bigquery.js";
import type {Connector, DialectName} from "../../lib/warehouse/connector.js";
import {literal, openDuckDB} from "../../lib/warehouse/duckdb.js";
import {openConnector} from "../../lib/warehouse/open.js";
import {isEmbedded, writeParquet} from "../../lib/warehouse/parquet.js";
import {openPostgres} from "../../lib/warehouse/postgres.js";
import {openSnowflake} from "../../lib/warehouse/snowflake.js";
import {startBigQuery} from "../fixtures/bigquery-server.js";
import {hasGoogleSql, startGoogleSql, type GoogleSql} from "../fixtures/googlesql.js";
import {judge, unitsCrossing, type Definition, type Question, type Verdict} from "../fixtures/oracle.js";
import {startPostgres} from "../fixtures/postgres-server.js";
import {makeShop, shopTables, type ShopEvent} from "../fixtures/shop.js";
import {makeKeys, startSnowflake} from "../fixtures/snowflake-server.js";
import {observation as example, queries} from "../queries/render.js";

const shop = makeShop();
const folder = mkdtempSync(join(tmpdir(), "expanto-proof-"));
const stops: (() => Promise<unknown> | void)[] = [];
const connectors = {} as Record<DialectName, Connector>;

beforeAll(async () => {
  const setup = shopTables(shop);
  connectors.duckdb = await openShopFile(setup);
  const server = await startPostgres();
  for (const sql of setup) await server.run(sql);
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
  console.log(
    ["values compared", ...Object.entries(compared).map(([path, n]) => `${path}: ${n}`)].join("\n  ")
  );
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

const named = (events: ShopEvent[], name: string) => events.filter((event) => event.name === name);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => (values.length ? sum(values) / values.length : null);

const declare = (
  agg: DeclaredAggregation["agg"],
  event: string | null,
  {value = null, where = null}: {value?: string | null; where?: string | null} = {}
): DeclaredAggregation => ({agg, event, value, where});

const aggregations = {
  revenue: {
    sql: "SUM(CASE WHEN event_name = 'purchase' THEN event_value ELSE 0 END)",
    declared: declare("sum", "purchase", {value: "event_value"}),
    missing: "zero",
    of: (events: ShopEvent[]) => sum(named(events, "purchase").map(({value}) => value ?? 0))
  },
  orders: {
    sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)",
    declared: declare("count", "purchase"),
    missing: "zero",
    of: (events: ShopEvent[]) => named(events, "purchase").length
  },
  all_events: {
    sql: "COUNT(*)",
    declared: declare("count", null),
    missing: "zero",
    of: (events: ShopEvent[]) => events.length
  },
  visits_in_s1: {
    sql: "COUNT(CASE WHEN event_name = 'visit' AND session_id = 's1' THEN 1 END)",
    declared: declare("count", "visit", {where: "session_id = 's1'"}),
    missing: "zero",
    of: (events: ShopEvent[]) => named(events, "visit").filter(({session}) => session === "s1").length
  },
  buyer: {
    sql: "MAX(CASE WHEN event_name = 'purchase' THEN 1 ELSE 0 END)",
    declared: declare("flag", "purchase"),
    missing: "zero",
    of: (events: ShopEvent[]) => Number(named(events, "purchase").length > 0)
  },
  sessions: {
    sql: "COUNT(DISTINCT session_id)",
    declared: declare("distinct", null, {value: "session_id"}),
    missing: "zero",
    of: (events: ShopEvent[]) => new Set(events.map(({session}) => session)).size
  },
  satisfaction: {
    sql: "AVG(CASE WHEN event_name = 'survey' THEN event_value END)",
    declared: null,
    missing: "exclude",
    of: (events: ShopEvent[]) => mean(named(events, "survey").map(({value}) => value!))
  },
  best: {
    sql: "MAX(CASE WHEN event_name = 'survey' THEN event_value END)",
    declared: declare("max", "survey", {value: "event_value"}),
    missing: "exclude",
    of: (events: ShopEvent[]) => {
      const values = named(events, "survey").map(({value}) => value!);
      return values.length ? Math.max(...values) : null;
    }
  }
} as const;
type Alias = keyof typeof aggregations;

const aggregation = (alias: Alias) => {
  const {sql, missing} = aggregations[alias];
  return {alias, sql, missing};
};
const metric = (alias: string, type: Metric["type"], numerator: Alias, denominator?: Alias): Metric => ({
  alias,
  title: alias,
  type,
  group: "shop",
  description: null,
  owner: null,
  tags: [],
  goal: null,
  format: {},
  numerator: aggregation(numerator),
  denominator: denominator ? aggregation(denominator) : null,
  source: {file: "", line: 1, column: 1}
});
const metrics = [
  metric("revenue_per_user", "mean", "revenue"),
  metric("events_per_user", "mean", "all_events"),
  metric("conversion", "proportion", "buyer"),
  metric("order_value", "ratio", "revenue", "orders"),
  metric("satisfaction", "mean", "satisfaction"),
  metric("satisfaction_per_session", "ratio", "satisfaction", "sessions"),
  metric("orders_per_visit", "ratio", "orders", "visits_in_s1"),
  metric("visits", "mean", "visits_in_s1"),
  metric("best", "mean", "best")
];
const declaredMetrics = metrics.map((each) => ({
  ...each,
  numerator: declaredOf(each.numerator),
  denominator: each.denominator && declaredOf(each.denominator)
}));

function declaredOf(aggregation: UserAggregation): UserAggregation {
  const {declared} = aggregations[aggregation.alias as Alias];
  return declared ? {...aggregation, sql: "no formula is needed", declared} : aggregation;
}
const definitions: Definition[] = metrics.map(({alias, numerator, denominator}) => ({
  alias,
  parts: [numerator, ...(denominator ? [denominator] : [])].map((part) => ({
    of: aggregations[part.alias as Alias].of,
    isZeroWithout: part.missing === "zero"
  }))
}));

const seen: Observation = {
  ...example,
  dbExperimentName: "the mayor's \\ test",
  exposureStart: "2025-01-02T00:00:00Z",
  exposureEnd: "2025-01-11T00:00:00Z",
  calcStart: "2025-01-02T00:00:00Z",
  calcEnd: "2025-01-18T12:00:00Z",
  preDays: 7
};

type Case = Omit<Question, "observation"> & {
  changes?: Partial<Observation>;
  backslashed?: Partial<Observation>;
};

const cases: Record<string, Case> = {
  "as it is": {},
  "by dimensions": {changes: {dimensions: ["country", "os"]}},
  "an exposure event with apostrophes": {changes: {exposureEvent: "saw 'new' page"}},
  "a horizon": {changes: {horizonDays: 5}},
  "no covariate": {changes: {preDays: 0}},
  "a filter with OR and an apostrophe": {
    changes: {filters: ["country = 'Côte d''Ivoire' or os = 'ios'", "os <> 'web'"]},
    backslashed: {filters: ["country = 'Côte d\\'Ivoire' or os = 'ios'", "os <> 'web'"]},
    keepsAssignment: ({country, os}) => country === "Côte d'Ivoire" || os === "ios"
  },
  "a filter on events": {
    changes: {eventFilters: ["event_value > 5 or event_name = 'visit'"]},
    keepsEvent: ({value, name}) => (value !== null && value > 5) || name === "visit"
  },
  "an audience with repeated units": {changes: {audienceTables: ["vips"]}},
  "calculation after exposure": {changes: {calcStart: "2025-01-08T06:00:00Z"}},
  "open windows": {changes: {exposureStart: null, exposureEnd: null, calcStart: null, calcEnd: null}},
  "a query of one's own": {
    changes: {
      customTestIdsQuery:
        "select user_id, group_name, assigned_at, country, os from assignments where os = 'ios' and experiment_name <> 'other'"
    },
    keepsAssignment: ({os}) => os === "ios"
  },
  planning: {isPlanning: true}
};

const compared: Record<string, number> = {};

function equal(path: string, actual: unknown, expected: unknown): void {
  compared[path] = (compared[path] ?? 0) + 1;
  const isClose =
    typeof actual === "number" &&
    typeof expected === "number" &&
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  if (!isClose) expect(actual).toBe(expected);
}

function compare(path: string, found: Aggregated, verdict: Verdict) {
  equal(path, found.crossovers, verdict.crossovers);
  const exposures = Object.fromEntries(
    found.exposures.map(({variant, day, units}) => [`${variant} ${day}`, units])
  );
  const splits = Object.fromEntries(
    found.splits.map(({dimension, value, variant, units}) => [`${dimension} ${value} ${variant}`, units])
  );
  for (const [counts, expected] of [
    [exposures, verdict.exposures],
    [splits, verdict.splits]
  ]) {
    expect(Object.keys(counts).sort()).toEqual(Object.keys(expected).sort());
    for (const key of Object.keys(expected)) equal(path, counts[key], expected[key]);
  }
  expect(found.refused).toEqual({});
  const keys = found.precomputes.map(({metric, variant}) => `${metric} ${variant}`);
  expect(keys.sort()).toEqual(Object.keys(verdict.moments).sort());
  for (const row of found.precomputes) {
    const {n, means, covariance} = verdict.moments[`${row.metric} ${row.variant}`];
    equal(path, row.n, n);
    equal(path, row.numeratorMean, means[0]);
    equal(path, row.numeratorVariance, covariance[0][0]);
    if (row.type === "ratio") {
      equal(path, row.denominatorMean, means[1]);
      equal(path, row.denominatorVariance, covariance[1][1]);
      equal(path, row.covariance, covariance[1][0]);
    }
    for (const [k, value] of row.full?.means.entries() ?? []) equal(path, value, means[k]);
    for (const [k, values] of row.full?.covariance.entries() ?? [])
      for (const [l, value] of values.entries()) equal(path, value, covariance[k][l]);
    expect(row.full !== undefined).toBe(covariance.length > (row.type === "ratio" ? 2 : 1));
  }
}

describe.each(["duckdb", "postgres", "bigquery", "snowflake"] as const)("%s", (dialect) => {
  const isBackslashed = dialect === "bigquery" || dialect === "snowflake";

  async function prepared({changes, backslashed, isPlanning, ...judged}: Case, used = metrics) {
    const observation = {...seen, ...changes};
    const sql = await renderObservation({
      folder: queries,
      entry: "events/__entry__.sql",
      observation: {...observation, ...(isBackslashed ? backslashed : {})},
      metrics: used,
      aggregations: aggregationsOf(used),
      purpose: isPlanning ? "planning" : "regular",
      dialect
    });
    return {sql, observation, verdict: judge(shop, definitions, {observation, isPlanning, ...judged})};
  }

  test.each(Object.keys(cases))("a row a unit: %s", async (name) => {
    const {sql, verdict} = await prepared(cases[name]);
    const file = join(folder, `${dialect}-${name.replace(/\W/g, "-")}.parquet`);
    await writeParquet(connectors[dialect], sql, {file, exact: ["unit_id"]});
    const duckdb = await openDuckDB();
    const relation = `read_parquet(${literal(file)})`;
    const columns = await duckdb.columns(`select * from ${relation}`);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    compare(
      `${dialect}, a row a unit`,
      await aggregateUnits(duckdb, relation, {shape, metrics, columns}),
      verdict
    );
    duckdb.close();
  });

  test.each(Object.keys(cases))("a parser of the dialect reads all of it: %s", async (name) => {
    const {sql} = await prepared(cases[name], declaredMetrics);
    const {parse} = await import("@polyglot-sql/sdk");
    const parser = dialect === "postgres" ? "postgresql" : dialect;
    const {success, error, ast} = parse(sql, parser as Parameters<typeof parse>[1]);
    expect([success, error ?? null, (ast as unknown[])?.length]).toEqual([true, null, 1]);
  });

  test.each(Object.keys(cases))("declared metrics by SQL: %s", async (name) => {
    const {sql, observation, verdict} = await prepared(cases[name], declaredMetrics);
    const columns = await connectors[dialect].columns(sql);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    const question = {sql, shape, columns, observation, metrics};
    const {aggregated} = await aggregateThere(connectors[dialect], question, {});
    compare(`${dialect}, declared metrics by SQL`, aggregated, verdict);
  });

  test.each(Object.keys(cases))("moments alone: %s", async (name) => {
    const {sql, observation, verdict} = await prepared(cases[name]);
    const columns = await connectors[dialect].columns(sql);
    const shape = shapeOf(columns, "user_id") as UnitShape;
    const question = {sql, shape, columns, observation, metrics};
    const {aggregated} = await aggregateThere(connectors[dialect], question, {});
    compare(`${dialect}, moments alone`, aggregated, verdict);
  });
});

describe.skipIf(!hasGoogleSql)("Google's own analyser", () => {
  let analyser: GoogleSql;
  beforeAll(async () => {
    const time = {assigned_at: "TIMESTAMP", country: "STRING", os: "STRING"} as const;
    const event = {event_name: "STRING", event_value: "FLOAT64", session_id: "STRING"} as const;
    analyser = await startGoogleSql({
      assignments: {experiment_name: "STRING", user_id: "INT64", group_name: "STRING", ...time},
      events: {user_id: "INT64", ...event, event_timestamp: "TIMESTAMP"},
      vips: {user_id: "INT64"}
    });
  });
  afterAll(() => analyser?.stop());

  async function rendered({changes, backslashed, isPlanning}: Case, used: Metric[]) {
    const observation = {...seen, ...changes};
    const sql = await renderObservation({
      folder: queries,
      entry: "events/__entry__.sql",
      observation: {...observation, ...backslashed},
      metrics: used,
      aggregations: aggregationsOf(used),
      purpose: isPlanning ? "planning" : "regular",
      dialect: "bigquery"
    });
    return {sql, observation};
  }

  test.each(Object.keys(cases))("finds nothing wrong, and the types that are meant: %s", async (name) => {
    for (const used of [metrics, declaredMetrics]) {
      const {sql, observation} = await rendered(cases[name], used);
      const columns = await analyser.columns(sql);
      expect(columns.slice(0, 4)).toEqual([
        "unit_id INT64",
        "group_name STRING",
        "crossover BOOL",
        "exposed_at TIMESTAMP"
      ]);
      expect(columns).toContain("revenue DOUBLE");
      const named = columns.map((column) => ({name: column.split(" ")[0]}));
      const shape = shapeOf(named, "user_id") as UnitShape;
      const {text} = momentsThereSql("bigquery", {sql, shape, columns: named, observation, metrics: used});
      expect(await analyser.columns(text)).toContain("v0_0_0 DOUBLE");
    }
  });

  test.each([
    ["a column that is not there", "country", "contry", "contry"],
    ["another engine's cast", "cast(group_name as string)", "group_name::string", "Syntax error"],
    ["a missing comma", "group_name,", "group_name", "Syntax error|Unrecognized"],
    [
      "a text compared with a time",
      "assigned_at >= TIMESTAMP",
      "assigned_at >= 5 + TIMESTAMP",
      "No matching signature"
    ]
  ])("finds %s", async (_, right, wrong, words) => {
    const {sql} = await rendered(cases["by dimensions"], metrics);
    expect(sql).toContain(right);
    const error = await analyser.columns(sql.replace(right, wrong)).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(new RegExp(words));
  });
});

if (!hasGoogleSql)
  console.log(
    "Google's analyser: skipped: @fivetrandevelopers/zetasql is not installed (tests/fixtures/googlesql.ts)"
  );

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
    compare("duckdb, in pieces, some of them found", aggregated, verdict);
    if (!observation.horizonDays) compareDays(aggregated, question);
    const again = await ask(declaredMetrics.toReversed());
    expect(again.cacheHit).toBe(true);
    compare("duckdb, in pieces, all of them found", again.aggregated, verdict);
  }
);

const dayMs = 86_400_000;
const endOf = (day: string, end: string | null) => {
  const next = new Date(Date.parse(day) + dayMs).toISOString();
  return end && end < next ? end : next;
};

// Until the end of a day: the same question over shorter windows. Who crosses over later is left out all the same.
function compareDays({series = []}: Aggregated, question: Question) {
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
      equal("duckdb, day by day", moments.n, expected?.n ?? 0);
      if (moments.n < 2) continue;
      for (const [k, value] of moments.means.entries()) equal("duckdb, day by day", value, expected.means[k]);
      for (const [k, values] of moments.covariance.entries())
        for (const [l, value] of values.entries())
          equal("duckdb, day by day", value, expected.covariance[k][l]);
    }
  }
}
