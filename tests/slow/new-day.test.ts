// A new day is added to what is there: the same numbers as from the beginning, and earlier events are not read again.

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeEach, describe, expect, test} from "vitest";
import {calculatePieces} from "../../lib/calculate-pieces.js";
import {builtInTemplates} from "../../lib/config/schema.js";
import {piecePlanOf} from "../../lib/sql-of.js";
import type {Config} from "../../lib/config/types.js";
import type {Metric, Observation} from "../../lib/types.js";
import {openDuckDB, type DuckDB} from "../../lib/warehouse/duckdb.js";
import {firstDay, makeShop, shopTables, type Shop} from "../fixtures/shop.js";
import {declaredMetrics, seen} from "../fixtures/shop-questions.js";
import {queries} from "../queries/render.js";

const shop = makeShop(300);
const dayMs = 86_400_000;
const at = (day: number) => new Date(firstDay + day * dayMs).toISOString();
const root = mkdtempSync(join(tmpdir(), "expanto-new-day-"));
afterAll(() => rmSync(root, {recursive: true}));

const capped: Metric = {...declaredMetrics[0], alias: "capped", cap: {share: 0.9}};
const metrics = [...declaredMetrics, capped];

let duckdb: DuckDB;
let cache: string;
beforeEach(async () => {
  duckdb = await openDuckDB();
  cache = mkdtempSync(join(root, "cache-"));
});
afterEach(() => duckdb.close());

async function fill(data: Shop) {
  for (const table of ["assignments", "events", "vips"]) await duckdb.run(`drop table if exists ${table}`);
  for (const sql of shopTables(data)) await duckdb.run(sql);
}

type Asked = {observation: Observation; source?: string; now?: string; used?: Metric[]; folder?: string};

async function ask({observation, source = "shop", now = at(100), used = metrics, folder = cache}: Asked) {
  const config = {warehouse: {type: "duckdb"}, folders: {queries}, scenarios: {templates: builtInTemplates}};
  const pieces = (await piecePlanOf(config as unknown as Config, observation, {
    metrics: used,
    followed: used
  }))!;
  const engine = {duckdb, cache: folder, options: {}, now};
  return calculatePieces(engine, {pieces, source, observation, metrics: used});
}

const fromTheBeginning = (asked: Asked) => ask({...asked, folder: mkdtempSync(join(root, "whole-"))});

type Answer = Awaited<ReturnType<typeof ask>>["aggregated"];

/** Numbers by what they are of, so that the order of rows does not matter. */
function numbers({precomputes, exposures, crossovers, splits, caps, series = [], cells}: Answer) {
  const found = new Map<string, number>([["crossovers", crossovers]]);
  const put = (key: string, value: unknown): void => {
    if (typeof value === "number") found.set(key, value);
    else if (value && typeof value === "object")
      for (const [name, each] of Object.entries(value)) put(`${key} ${name}`, each);
  };
  for (const row of precomputes) put(`${row.metric} ${row.variant}`, row);
  for (const row of exposures) put(`exposed ${row.variant} ${row.day}`, row.units);
  for (const row of splits) put(`split ${row.dimension} ${row.value} ${row.variant}`, row.units);
  for (const row of series) put(`${row.metric} ${row.variant} until ${row.day}`, row.moments);
  put("caps", caps);
  put("cells", cells?.metrics.length ? cells.units : null);
  for (const {alias, means, products} of cells?.metrics ?? []) put(`cells ${alias}`, {means, products});
  return found;
}

function expectSame(actual: Answer, expected: Answer) {
  const [found, wanted] = [numbers(actual), numbers(expected)];
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
  const isFar = ([key, value]: [string, number]) =>
    Math.abs(value - found.get(key)!) > 1e-12 * Math.max(1, Math.abs(value));
  expect([...wanted].filter(isFar).map(([key, value]) => [key, found.get(key), value])).toEqual([]);
  expect(wanted.size).toBeGreaterThan(100);
}

const cases: Record<string, Partial<Observation>> = {
  "as it is": {preDays: 0},
  "with covariates": {},
  "with a horizon": {horizonDays: 5},
  "with an exposure event": {exposureEvent: "saw 'new' page"},
  "by dimensions": {dimensions: ["country", "os"]},
  "a filter on events": {eventFilters: ["event_value > 5 or event_name = 'visit'"]}
};

describe.each(Object.entries(cases))("%s", (_, changes) => {
  const observation = {...seen, ...changes};

  test("a window that ends a day later, then two days later", async () => {
    await fill(shop);
    for (const day of [12, 13, 15]) {
      const asked = {observation: {...observation, calcEnd: at(day)}};
      const {aggregated, since} = await ask(asked);
      if (day > 12) expect(since).toBe(at(day === 13 ? 12 : 13));
      expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
    }
  });

  test("both windows grow while the data stay: units exposed later come with the new day", async () => {
    await fill(shop);
    for (const day of [7, 8, 10]) {
      const asked = {observation: {...observation, exposureEnd: at(day), calcEnd: at(day)}};
      const {aggregated, since} = await ask(asked);
      if (day > 7) expect(since).toBe(at(day === 8 ? 7 : 8));
      expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
    }
  });

  test.each([
    ["open windows", {exposureEnd: null, calcEnd: null}],
    ["windows that end later", {exposureEnd: at(11), calcEnd: at(20)}]
  ])("data arrive day by day, %s", async (_, ends) => {
    for (const hours of [5 * 24 + 7, 6 * 24 + 9, 6 * 24 + 20, 9 * 24]) {
      await fill(until(firstDay + hours * 3_600_000));
      const now = at(hours / 24);
      const asked = {observation: {...observation, ...ends}, source: now, now};
      const {aggregated, since, whole} = await ask(asked);
      if (hours > 130) expect([since?.slice(11), whole?.everything]).toEqual(["00:00:00.000Z", undefined]);
      expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
    }
  });
});

function until(end: number, {assignments, events, vips} = shop): Shop {
  const isThere = ({at: time}: {at: number}) => time < end;
  return {assignments: assignments.filter(isThere), events: events.filter(isThere), vips};
}

test("events before the new day are not read: without them the answer is the same", async () => {
  await fill(shop);
  const observation = {...seen, exposureEnd: at(8), calcEnd: at(13)};
  const used = metrics.filter(({numerator}) => numerator.alias === "revenue" || numerator.alias === "buyer");
  await ask({observation: {...observation, calcEnd: at(12)}, used});
  const expected = await fromTheBeginning({observation, used});
  await duckdb.run(`delete from events where event_timestamp < timestamp '${at(12).slice(0, 19)}'`);
  const {aggregated, cacheHit} = await ask({observation, used});
  expect(cacheHit).toBe(false);
  expectSame(aggregated, expected.aggregated);
  const again = await ask({observation, used});
  expect(again.cacheHit).toBe(true);
  expectSame(again.aggregated, expected.aggregated);
});

test("a first exposure that moves to an earlier day, and a unit that crosses over, are measured anew", async () => {
  const observation = {...seen, exposureEnd: null, calcEnd: null};
  const before = until(firstDay + 7 * dayMs);
  await fill(before);
  await ask({observation, source: "before", now: at(7)});
  const after = until(firstDay + 8 * dayMs);
  const [moved, crossing] = after.assignments.filter(
    ({experiment, at: time}) => experiment.startsWith("the") && time > firstDay + 4 * dayMs
  );
  after.assignments.push({...moved, at: firstDay + 2 * dayMs});
  after.assignments.push({...crossing, variant: crossing.variant === "control" ? "it's new" : "control"});
  await fill(after);
  const asked = {observation, source: "after", now: at(8)};
  const {aggregated, since} = await ask(asked);
  expect(since).toBe(at(6));
  expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
});

test("an event that comes late is noticed: the result says which day has changed, and is made whole", async () => {
  const observation = {...seen, exposureEnd: null, calcEnd: null};
  await fill(until(firstDay + 7 * dayMs));
  await ask({observation, source: "before", now: at(7)});
  const after = until(firstDay + 8 * dayMs);
  const late = after.events.find(
    ({name, at: time}) => name === "purchase" && time > firstDay + 4 * dayMs && time < firstDay + 6 * dayMs
  )!;
  after.events.push({...late, value: 1000});
  await fill(after);
  const asked = {observation, source: "after", now: at(8)};
  const {aggregated, since, whole} = await ask(asked);
  expect([since, whole]).toEqual([
    undefined,
    {everything: `events of ${new Date(late.at).toISOString().slice(0, 10)} have changed`}
  ]);
  expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
});

test("data that changed after a window had ended are counted from the beginning, and the result says so", async () => {
  const observation = {...seen, calcEnd: at(12)};
  await fill(shop);
  await ask({observation});
  const {since, whole} = await ask({observation: {...observation, calcEnd: at(13)}, source: "another"});
  const reason = "the data has changed, and nobody looked which days of it";
  expect([since, whole]).toEqual([undefined, {everything: reason}]);
});

test("what does not add up over days is made whole, and the result says why", async () => {
  await fill(shop);
  await ask({observation: {...seen, calcEnd: at(12)}});
  const {since, whole} = await ask({observation: {...seen, calcEnd: at(13)}});
  expect([since, whole]).toEqual([
    at(12),
    {
      all_events: "it is of all kinds of events",
      satisfaction: "a formula does not say whether it adds up over days",
      sessions: "distinct values of two days may be the same",
      best: "a max is made by a formula",
      worst: "a min is made by a formula"
    }
  ]);
});

test("another condition, event or filter never takes what was counted by the one before", async () => {
  await fill(shop);
  await ask({observation: {...seen, calcEnd: at(12)}});
  const asked = {observation: {...seen, calcEnd: at(13), eventFilters: ["event_value > 5"]}};
  const {aggregated, since} = await ask(asked);
  expect(since).toBe(undefined);
  expectSame(aggregated, (await fromTheBeginning(asked)).aggregated);
});

test("the largest and the least value of each unit are followed day by day, with and without those that have none", async () => {
  await fill(shop);
  const [best] = declaredMetrics.filter(({alias}) => alias === "best");
  const variation = (alias: string, agg: "max" | "min", missing: "zero" | "exclude"): Metric => ({
    ...best,
    alias,
    numerator: {
      alias: `${alias}_value`,
      sql: `${agg.toUpperCase()}(CASE WHEN event_name = 'survey' THEN event_value END)`,
      missing,
      declared: {...best.numerator.declared!, agg}
    }
  });
  const used = [
    variation("highest", "max", "exclude"),
    variation("highest_or_zero", "max", "zero"),
    variation("lowest", "min", "exclude"),
    {...variation("capped", "max", "exclude"), cap: {at: 6}}
  ];
  const observation = {...seen, exposureEnd: at(8), calcEnd: at(13)};
  const {aggregated} = await fromTheBeginning({observation, used});
  for (const day of [5, 8, 13]) {
    const shorter = {...observation, exposureEnd: at(Math.min(8, day)), calcEnd: at(day)};
    const settled = {...shop, assignments: shop.assignments.filter(({unit}) => !crossing.has(unit))};
    await fill(settled);
    const {precomputes} = (await fromTheBeginning({observation: shorter, used})).aggregated;
    const until = aggregated.series!.filter((row) => row.day === at(day - 1).slice(0, 10));
    expect(until.length).toBe(precomputes.length);
    for (const {metric, variant, moments} of until) {
      const whole = precomputes.find((row) => row.metric === metric && row.variant === variant)!;
      expect(moments.n).toBe(whole.n);
      expect(moments.means[0]).toBeCloseTo(whole.numeratorMean!, 10);
      expect(moments.covariance[0][0]).toBeCloseTo(whole.numeratorVariance!, 10);
    }
  }
});

// Who crosses over later is left out of earlier days too.
const crossing = new Set(
  shop.assignments
    .filter(({unit, variant, experiment}) =>
      shop.assignments.some(
        (other) => other.unit === unit && other.experiment === experiment && other.variant !== variant
      )
    )
    .map(({unit}) => unit)
);
