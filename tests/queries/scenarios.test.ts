import {DuckDBInstance} from "@duckdb/node-api";
import {describe, expect, test} from "vitest";
import {UserError} from "../../lib/errors.js";
import {render, revenue} from "./render.js";

const day = (text: string) => `timestamp '2025-10-${text}'`;
const assigned = (unit: string, variant: string, at: string, country = "US", platform = "web") =>
  `('checkout', '${unit}', '${variant}', ${day(at)}, '${country}', '${platform}')`;
const happened = (unit: string, name: string, value: number | null, at: string) =>
  `('${unit}', '${name}', ${value}, ${day(at)}, null, null)`;

type World = {assignments: string[]; events?: string[]; setup?: string};

async function run(sql: string, {assignments, events = [], setup = ""}: World): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`
    create table assignments(experiment_name varchar, user_id varchar, group_name varchar, assigned_at timestamp,
      country varchar, platform varchar);
    create table events(user_id varchar, event_name varchar, event_value double, event_timestamp timestamp,
      order_id varchar, session_id varchar);`);
  await connection.run(`insert into assignments values ${assignments.join(", ")}`);
  if (events.length) await connection.run(`insert into events values ${events.join(", ")}`);
  if (setup) await connection.run(setup);
  const reader = await connection.runAndReadAll(`select * from (${sql}) order by unit_id`);
  const rows = reader.getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const unit = (unit_id: string, group_name: string, rest: Record<string, unknown> = {}) => ({
  unit_id,
  group_name,
  crossover: false,
  exposed_at: "2025-10-02 00:00:00",
  ...rest
});

describe("the DuckDB scenario, run", () => {
  const aggregations = [revenue];

  test("a unit without events, or with events outside the window only, stays one row", async () => {
    const sql = await render({
      aggregations: [revenue, {alias: "events", sql: "COUNT(*)", missing: "zero"}],
      observation: {calcEnd: "2025-10-05T00:00:00Z"}
    });
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02"), assigned("u2", "A", "02"), assigned("u3", "B", "02")],
      events: [happened("u1", "purchase", 5, "03"), happened("u2", "purchase", 7, "09")]
    });
    expect(rows).toEqual([
      unit("u1", "A", {revenue: 5, events: "1"}),
      unit("u2", "A", {revenue: null, events: null}),
      unit("u3", "B", {revenue: null, events: null})
    ]);
  });

  test("windows are half-open: the start counts, the end does not", async () => {
    const sql = await render({aggregations, observation: {calcEnd: "2025-10-05T00:00:00Z"}});
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "01"), assigned("u2", "A", "08"), assigned("u3", "A", "04")],
      events: [
        happened("u1", "purchase", 1, "01"),
        happened("u1", "purchase", 10, "04 23:59:59.999"),
        happened("u1", "purchase", 100, "05")
      ]
    });
    expect(rows).toEqual([
      unit("u1", "A", {exposed_at: "2025-10-01 00:00:00", revenue: 11}),
      unit("u3", "A", {exposed_at: "2025-10-04 00:00:00", revenue: null})
    ]);
  });

  test("repeated assignments are one unit, exposed at the first, which gives the dimensions too", async () => {
    const sql = await render({aggregations, observation: {dimensions: ["country"]}});
    const rows = await run(sql, {
      assignments: [
        assigned("u1", "A", "04", "DE"),
        assigned("u1", "A", "02", "US"),
        assigned("u1", "A", "02", "US")
      ],
      events: [happened("u1", "purchase", 5, "03")]
    });
    expect(rows).toEqual([unit("u1", "A", {country: "US", revenue: 5})]);
  });

  test("a unit seen in two variants is returned and marked, also where a filter hides one of them", async () => {
    const world = {assignments: [assigned("u1", "A", "02", "US"), assigned("u1", "B", "03", "DE")]};
    const marked = [unit("u1", "A", {crossover: true, revenue: null})];
    expect(await run(await render({aggregations}), world)).toEqual(marked);
    const filtered = await render({aggregations, observation: {filters: ["country = 'US'"]}});
    expect(await run(filtered, world)).toEqual(marked);
  });

  test("a second variant outside of the exposure window is no crossover", async () => {
    const rows = await run(await render({aggregations}), {
      assignments: [assigned("u1", "A", "02"), assigned("u1", "B", "20")]
    });
    expect(rows).toEqual([unit("u1", "A", {revenue: null})]);
  });

  test("events before exposure are not counted", async () => {
    const rows = await run(await render({aggregations}), {
      assignments: [assigned("u1", "A", "02")],
      events: [happened("u1", "purchase", 50, "01 12:00:00"), happened("u1", "purchase", 5, "02")]
    });
    expect(rows).toEqual([unit("u1", "A", {revenue: 5})]);
  });

  test("with an exposure event a unit is exposed by its first one after assignment; others are out", async () => {
    const sql = await render({aggregations, observation: {exposureEvent: "it's open"}});
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02"), assigned("u2", "A", "02"), assigned("u3", "B", "02")],
      events: [
        happened("u1", "it''s open", null, "01"),
        happened("u1", "purchase", 50, "03"),
        happened("u1", "it''s open", null, "04"),
        happened("u1", "purchase", 5, "05"),
        happened("u2", "it''s open", null, "08"),
        happened("u3", "purchase", 9, "03")
      ]
    });
    expect(rows).toEqual([unit("u1", "A", {exposed_at: "2025-10-04 00:00:00", revenue: 5})]);
  });

  test("event filters never remove a unit, nor the exposure event", async () => {
    const sql = await render({
      aggregations,
      observation: {exposureEvent: "opened", eventFilters: ["event_value > 10"]}
    });
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02"), assigned("u2", "B", "02")],
      events: [
        happened("u1", "opened", null, "02"),
        happened("u1", "purchase", 5, "03"),
        happened("u2", "opened", 1, "02"),
        happened("u2", "purchase", 50, "03")
      ]
    });
    expect(rows).toEqual([unit("u1", "A", {revenue: null}), unit("u2", "B", {revenue: 50})]);
  });

  test("a filter with OR stays inside its parentheses", async () => {
    const sql = await render({
      aggregations,
      observation: {filters: ["country = 'US' or country = 'DE'", "platform = 'ios'"]}
    });
    const rows = await run(sql, {
      assignments: [
        assigned("u1", "A", "02", "US", "web"),
        assigned("u2", "A", "02", "DE", "ios"),
        assigned("u3", "A", "20", "US", "ios"),
        `('other', 'u4', 'A', ${day("02")}, 'US', 'ios')`
      ]
    });
    expect(rows).toEqual([unit("u2", "A", {revenue: null})]);
  });

  test("a unit twice in an audience table is counted once", async () => {
    const sql = await render({aggregations, observation: {audienceTables: ["vips"]}});
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02"), assigned("u2", "A", "02")],
      events: [happened("u1", "purchase", 5, "03")],
      setup: "create table vips as select 'u1' as user_id union all select 'u1'"
    });
    expect(rows).toEqual([unit("u1", "A", {revenue: 5})]);
  });

  test("planning takes every unit of the window as one group, whatever the experiment", async () => {
    const rows = await run(await render({aggregations, purpose: "planning"}), {
      assignments: [
        assigned("u1", "A", "02"),
        assigned("u1", "B", "03"),
        `('other', 'u2', 'C', ${day("02")}, 'US', 'ios')`,
        assigned("u3", "A", "20")
      ]
    });
    expect(rows).toEqual([unit("u1", "planning", {revenue: null}), unit("u2", "planning", {revenue: null})]);
  });

  test("a custom query takes the place of the assignments", async () => {
    const sql = await render({
      aggregations,
      observation: {customTestIdsQuery: "select user_id, arm as group_name, seen as assigned_at from arms"}
    });
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02")],
      events: [happened("u9", "purchase", 5, "03")],
      setup: `create table arms as select 'u9' as user_id, 1 as arm, ${day("02")} as seen`
    });
    expect(rows).toEqual([unit("u9", "1", {revenue: 5})]);
  });

  test("a comment at the end of a custom query swallows nothing of what follows", async () => {
    const sql = await render({
      aggregations,
      observation: {customTestIdsQuery: "select user_id, group_name, assigned_at from assignments -- all"}
    });
    const rows = await run(sql, {assignments: [assigned("u1", "A", "02")]});
    expect(rows).toEqual([unit("u1", "A", {revenue: null})]);
  });

  test("null windows are open", async () => {
    const sql = await render({
      aggregations,
      observation: {exposureStart: null, exposureEnd: null, calcStart: null}
    });
    const rows = await run(sql, {
      assignments: [`('checkout', 'u1', 'A', timestamp '2020-01-01', 'US', 'web')`],
      events: [happened("u1", "purchase", 5, "03")]
    });
    expect(rows).toEqual([unit("u1", "A", {exposed_at: "2020-01-01 00:00:00", revenue: 5})]);
  });

  test("formulas read columns of events even where an alias or a dimension has the same name", async () => {
    const sql = await render({
      aggregations: [
        {alias: "event_value", sql: "COUNT(*)", missing: "zero"},
        {alias: "largest", sql: "MAX(event_value)", missing: "exclude"}
      ],
      observation: {dimensions: ["country"]}
    });
    const rows = await run(sql, {
      assignments: [assigned("u1", "A", "02")],
      events: [happened("u1", "purchase", 5, "03"), happened("u1", "purchase", 7, "04")],
      setup: "alter table events add column country varchar default 'event country'"
    });
    expect(rows).toEqual([unit("u1", "A", {country: "US", event_value: "2", largest: 7})]);
  });

  test("a filter written to escape leaves the population as it was", async () => {
    const hostile = [
      "1 = 1) or (1 = 1",
      "1 = 1; drop table assignments",
      "user_id in (select user_id from events)"
    ];
    for (const filter of hostile)
      await expect(render({observation: {filters: [filter]}})).rejects.toThrow(UserError);
  });
});

describe("the file scenario, run", () => {
  test("one row per user of a file is one unit, and a unit with two variants is marked", async () => {
    const sql = await render({
      entry: "file/__entry__.sql",
      aggregations: [{alias: "revenue", sql: "SUM(revenue)", missing: "zero"}],
      observation: {dbExperimentName: "my-people", filters: ["country = 'US'"], dimensions: ["country"]}
    });
    const rows = await run(sql, {
      assignments: [assigned("x", "A", "02")],
      setup: `create table "my-people"(user_id varchar, variant varchar, revenue double, country varchar);
        insert into "my-people" values ('u1', 'A', 5, 'US'), ('u2', 'B', 7, 'DE'), ('u3', 'A', 1, 'US'), ('u3', 'B', 2, 'DE')`
    });
    expect(rows).toEqual([
      unit("u1", "A", {exposed_at: null, country: "US", revenue: 5}),
      unit("u3", "A", {crossover: true, exposed_at: null, country: "US", revenue: 1})
    ]);
  });
});
