// The same checks where there are credentials: `npm run test:live`. Tables are only read; the queries bring their own rows.

import {cp, mkdtemp, readFile, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, test} from "vitest";
import {shapeOf, type UnitShape} from "../../lib/aggregate.js";
import {aggregateThere} from "../../lib/aggregate/there.js";
import {dialects} from "../../lib/templates/dialects.js";
import type {BigQueryWarehouse, PostgresWarehouse, SnowflakeWarehouse} from "../../lib/config/types.js";
import type {Connector} from "../../lib/warehouse/connector.js";
import {WarehouseError} from "../../lib/warehouse/error.js";
import {openConnector} from "../../lib/warehouse/open.js";
import {compare} from "../fixtures/held-to.js";
import {judge} from "../fixtures/oracle.js";
import {makeShop, shopSelects} from "../fixtures/shop.js";
import {cases, definitions, metrics, renderCase} from "../fixtures/shop-questions.js";
import {queries} from "../queries/render.js";

const {env} = process;

// The templates that come with the program, over sources that bring their own rows.
async function shippedTemplates({assignments, events}: {assignments: string; events: string}) {
  const folder = await mkdtemp(join(tmpdir(), "expanto-live-"));
  await cp(queries, folder, {recursive: true});
  const file = join(folder, "events", "sources.sql");
  const sources = (await readFile(file, "utf8"))
    .replace("%}assignments{%", () => `%}(${assignments}){%`)
    .replace("%}events{%", () => `%}(${events}){%`);
  await writeFile(file, sources);
  return folder;
}

const postgres = (): PostgresWarehouse | null =>
  env.EXPANTO_LIVE_POSTGRES_HOST
    ? {
        type: "postgres",
        host: env.EXPANTO_LIVE_POSTGRES_HOST,
        port: Number(env.EXPANTO_LIVE_POSTGRES_PORT ?? 5432),
        database: env.EXPANTO_LIVE_POSTGRES_DATABASE ?? "postgres",
        user: env.EXPANTO_LIVE_POSTGRES_USER ?? "postgres",
        password: env.EXPANTO_POSTGRES_PASSWORD ?? null,
        ssl: env.EXPANTO_LIVE_POSTGRES_SSL === "true"
      }
    : null;

const bigquery = (): BigQueryWarehouse | null =>
  env.EXPANTO_LIVE_BIGQUERY_PROJECT
    ? {
        type: "bigquery",
        project: env.EXPANTO_LIVE_BIGQUERY_PROJECT,
        location: env.EXPANTO_LIVE_BIGQUERY_LOCATION ?? null,
        dataset: null,
        keyFile: env.EXPANTO_LIVE_BIGQUERY_KEY_FILE ?? null,
        endpoint: null
      }
    : null;

const snowflake = (): SnowflakeWarehouse | null =>
  env.EXPANTO_LIVE_SNOWFLAKE_ACCOUNT
    ? {
        type: "snowflake",
        account: env.EXPANTO_LIVE_SNOWFLAKE_ACCOUNT,
        user: env.EXPANTO_LIVE_SNOWFLAKE_USER ?? "",
        role: env.EXPANTO_LIVE_SNOWFLAKE_ROLE ?? null,
        warehouse: env.EXPANTO_LIVE_SNOWFLAKE_WAREHOUSE ?? null,
        database: null,
        schema: null,
        privateKeyFile: env.EXPANTO_LIVE_SNOWFLAKE_KEY_FILE ?? "",
        passphrase: env.EXPANTO_SNOWFLAKE_PASSPHRASE ?? null,
        endpoint: null
      }
    : null;

describe.each([
  ["postgres", postgres()],
  ["bigquery", bigquery()],
  ["snowflake", snowflake()]
] as const)("%s", (name, warehouse) => {
  if (!warehouse) console.log(`${name}: skipped: no credentials`);
  const asked = test.skipIf(!warehouse);

  async function open<Answer>(use: (connector: Connector) => Promise<Answer>): Promise<Answer> {
    const connector = await openConnector(warehouse!, {writable: []});
    try {
      return await use(connector);
    } finally {
      await connector.close();
    }
  }

  async function all(connector: Connector, sql: string) {
    const {batches} = await connector.run(sql, {tag: "expanto-live"});
    const rows = [];
    for await (const batch of batches) rows.push(...batch);
    return rows;
  }

  asked("it answers, and a row arrives exactly", async () => {
    await open(async (connector) => {
      expect(await connector.test()).not.toBe("");
      expect(await all(connector, "select 9007199254740993 as i, 'it''s' as t, null as n")).toEqual([
        [9007199254740993n, "it's", null]
      ]);
    });
  });

  asked("two statements, a write and a missing table are refused", async () => {
    await open(async (connector) => {
      for (const sql of [
        "select 1; select 2",
        "create table expanto_live as select 1",
        "select 1 from expanto_no_such_table"
      ])
        await expect(all(connector, sql)).rejects.toThrow(WarehouseError);
    });
  });

  // Audiences and queries of one's own name tables that are not there.
  const own = Object.keys(cases).filter(
    (each) => !cases[each].changes?.audienceTables && !cases[each].changes?.customTestIdsQuery
  );
  test.skipIf(!warehouse).each(own)("numbers are the judge's: %s", async (each) => {
    const shop = makeShop(40);
    const folder = await shippedTemplates(shopSelects(shop, dialects[name]));
    const {isPlanning, keepsAssignment, keepsEvent} = cases[each];
    const {sql, observation} = await renderCase(cases[each], metrics, name, folder);
    await open(async (connector) => {
      const columns = await connector.columns(sql);
      const shape = shapeOf(columns, "user_id") as UnitShape;
      const question = {sql, shape, columns, observation, metrics};
      const {aggregated} = await aggregateThere(connector, question, {tag: "expanto-live"});
      const verdict = judge(shop, definitions, {observation, isPlanning, keepsAssignment, keepsEvent});
      compare({engine: name, way: "live, moments alone"}, aggregated, verdict);
    });
  });

  asked("an abort ends the query", async () => {
    await open(async (connector) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 500);
      const rows = "(select 1 as x union all select 2 union all select 3 union all select 4)";
      const joined = Array.from({length: 16}, (_, i) => `${rows} as t${i}`).join(" cross join ");
      const run = connector.run(`select count(*) as n from ${joined}`, {signal: controller.signal});
      await expect(run).rejects.toMatchObject({kind: "cancelled"});
    });
  });
});
