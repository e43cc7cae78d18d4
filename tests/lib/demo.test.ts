import {existsSync} from "node:fs";
import {mkdtemp, readdir, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance, type DuckDBConnection} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {demoExperiments} from "../../lib/demo/experiments.js";
import {isDemoFresh, makeDemo, readDemo, type DemoSummary} from "../../lib/demo/make.js";
import {demoPlans, plantedEffects} from "../../lib/demo/plan.js";
import {UserError} from "../../lib/errors.js";

const today = "2025-11-05";
const treatments = demoPlans.flatMap(({name, variants, lost}) =>
  lost ? [] : variants.slice(1).map((variant) => [name, variant.name] as const)
);
// Two-sided 99.9 % of the normal distribution, and the 99.9 % points of chi-squared by degrees of freedom.
const z999 = 3.2905;
const chiSquared999: Record<number, number> = {1: 10.828, 2: 13.816};

let root: string;
let folder: string;
let summary: DemoSummary;
let db: DuckDBConnection;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "demo-test-"));
  folder = join(root, "it's a demo");
  summary = await makeDemo(folder, {today});
  db = await (await DuckDBInstance.create(":memory:")).connect();
  await db.run(`create view events as from ${parquet(folder, "events")};
    create view assignments as from ${parquet(folder, "assignments")};`);
  for (const {name, startDay, endDay} of demoPlans) await db.run(unitsSql(name, startDay, endDay));
}, 60_000);

afterAll(async () => {
  db?.closeSync();
  await rm(root, {recursive: true, force: true});
});

describe("the tables", () => {
  test("have exactly the promised columns", async () => {
    expect(await columnsOf("assignments")).toEqual({
      experiment_name: "VARCHAR",
      user_id: "VARCHAR",
      group_name: "VARCHAR",
      assigned_at: "TIMESTAMP",
      country: "VARCHAR",
      platform: "VARCHAR"
    });
    expect(await columnsOf("events")).toEqual({
      user_id: "VARCHAR",
      event_name: "VARCHAR",
      event_value: "DOUBLE",
      event_timestamp: "TIMESTAMP",
      order_id: "VARCHAR",
      session_id: "VARCHAR"
    });
  });

  test("are as large as the summary says", async () => {
    const [counts] = await rows(
      "select (select count(*) from assignments)::int as assignments, (select count(*) from events)::int as events"
    );
    expect(counts).toEqual({assignments: summary.assignments, events: summary.events});
    expect(summary.events).toBeGreaterThan(1_000_000);
    expect(summary.events).toBeLessThan(2_500_000);
  });

  test("events stand in time order, and end with today's midnight", async () => {
    const [order] = await rows(`
      select count(*) filter (event_timestamp < before)::int as unordered,
        max(event_timestamp) < timestamp '${today}' as is_past
      from (select event_timestamp, lag(event_timestamp) over (order by file_row_number) as before
        from read_parquet('${path(folder, "events")}', file_row_number = true))`);
    expect(order).toEqual({unordered: 0, is_past: true});
  });

  test("a purchase has a value and an order of its own, and only refunds share it", async () => {
    const [orders] = await rows(`
      select
        count(*) filter (event_name = 'purchase')
          - count(distinct order_id) filter (event_name = 'purchase') as repeated,
        count(*) filter (event_name = 'purchase' and not coalesce(event_value > 0, false)) as worthless,
        count(*) filter ((order_id is not null) <> (event_name in ('purchase', 'refund'))) as astray
      from events`);
    expect(orders).toEqual({repeated: "0", worthless: "0", astray: "0"});
  });

  test("name the nine events and nothing else", async () => {
    const names = await rows("select distinct event_name as name from events order by 1");
    expect(names.map(({name}) => name)).toEqual(
      "add_to_cart app_crash page_load page_view purchase refund search session_start support_ticket".split(
        " "
      )
    );
  });
});

describe("the people", () => {
  test("every experiment has 14 days of history before it, and what a user did then predicts what follows", async () => {
    const [before] = await rows(`
      with sessions as (
        select user_id, count(*) filter (event_timestamp < timestamp '${today}' - interval 42 day) as early,
          count(*) filter (event_timestamp >= timestamp '${today}' - interval 28 day) as late
        from events where event_name = 'session_start' group by user_id
      )
      select (select min(event_timestamp) from events) < timestamp '${today}' - interval 54 day as is_long,
        corr(early, late) as correlation
      from sessions`);
    expect(before.is_long).toBe(true);
    expect(before.correlation).toBeGreaterThan(0.5);
  });

  test("arrive over the whole window, not all on its first day", async () => {
    const days = await rows(`
      select count(*)::int as users from units where experiment_name = 'faster_checkout'
      group by exposed_at::date order by exposed_at::date`);
    expect(days).toHaveLength(28);
    expect(Number(days[27].users)).toBeGreaterThan(50);
  });

  test("some assignments are repeated, a few users cross over, and some users are in no experiment", async () => {
    const [odd] = await rows(`
      with pairs as (
        select count(*) as n, count(distinct group_name) as variants
        from assignments group by experiment_name, user_id
      )
      select avg((n > 1 and variants = 1)::int) as repeated, avg((variants > 1)::int) as crossovers,
        (select count(*) from (select user_id from events except select user_id from assignments))::int as outside
      from pairs`);
    expect(odd.repeated).toBeCloseTo(0.02, 2);
    expect(odd.crossovers).toBeGreaterThan(0.001);
    expect(odd.crossovers).toBeLessThan(0.003);
    expect(odd.outside).toBeGreaterThan(1000);
  });

  test("revenue is skewed: the mean order is well above the median", async () => {
    const [skew] = await rows(
      "select avg(event_value) / median(event_value) as ratio from events where event_name = 'purchase'"
    );
    expect(skew.ratio).toBeGreaterThan(1.2);
  });
});

describe("what is planted", () => {
  test.each(treatments)(
    "%s: every true effect of %s lies in its 99.9 %% interval",
    async (experiment, variant) => {
      const planted = plantedEffects().filter((e) => e.experiment === experiment && e.variant === variant);
      expect(planted.length).toBe(10);
      const misses = [];
      for (const {metric, lift} of planted) {
        const {value, se} = await liftOf(metric, experiment, variant);
        if (!(Math.abs(value - lift) <= z999 * se)) misses.push({metric, lift, value, se});
      }
      expect(misses).toEqual([]);
    }
  );

  test.each([
    ["faster_checkout", "one-page", "purchase_conversion"],
    ["search_ranking_v2", "ranking-v2", "page_load_seconds"],
    ["free_shipping_bar", "shipping-bar", "revenue_per_user"],
    ["free_shipping_bar", "shipping-bar", "refund_rate"]
  ])("%s: the effect of %s on %s is clear at 95 %%", async (experiment, variant, metric) => {
    const {value, se} = await liftOf(metric, experiment, variant);
    expect(Math.abs(value / se)).toBeGreaterThan(1.96);
  });

  test.each([
    ["search_ranking_v2", "ranking-v2", "purchase_conversion"],
    ["larger_product_photos", "large-photos", "purchase_conversion"],
    ["larger_product_photos", "large-photos", "revenue_per_user"]
  ])("%s: the effect of %s on %s is unclear at 95 %%", async (experiment, variant, metric) => {
    const {value, se} = await liftOf(metric, experiment, variant);
    expect(Math.abs(value / se)).toBeLessThan(1.96);
  });

  test.each(demoPlans.map(({name, lost}) => [name, lost !== null] as const))(
    "%s: a sample ratio mismatch at 0.1 %% is %s",
    async (experiment, isMismatched) => {
      const {variants} = demoPlans.find(({name}) => name === experiment)!;
      const counts = await rows(
        `select variant, count(*)::int as n from units where experiment_name = '${experiment}' group by variant`
      );
      const total = counts.reduce((sum, {n}) => sum + Number(n), 0);
      const chi2 = variants.reduce((sum, {name, allocation}) => {
        const n = Number(counts.find(({variant}) => variant === name)!.n);
        return sum + (n - total * allocation) ** 2 / (total * allocation);
      }, 0);
      expect(chi2 > chiSquared999[variants.length - 1]).toBe(isMismatched);
    }
  );
});

describe("making", () => {
  test("the same seed makes the same rows, another seed others", async () => {
    const [first, again, other] = ["first", "again", "other"].map((name) => join(root, name));
    await makeDemo(first, {today, scale: 0.02});
    await makeDemo(again, {today, scale: 0.02});
    await makeDemo(other, {today, scale: 0.02, seed: 7});
    expect(await contentOf(again)).toEqual(await contentOf(first));
    expect(await contentOf(other)).not.toEqual(await contentOf(first));
  });

  test("leaves the two tables and demo.json, which says what was made", async () => {
    expect((await readdir(folder)).sort()).toEqual(["assignments.parquet", "demo.json", "events.parquet"]);
    expect(await readDemo(folder)).toEqual(summary);
    expect(summary).toMatchObject({seed: 20251001, scale: 1, today, planted: plantedEffects()});
  });

  test("a demo is fresh only while it is whole and of this version", async () => {
    const place = join(root, "fresh");
    expect(await isDemoFresh(place)).toBe(false);
    await makeDemo(place, {today: "2020-02-29", scale: 0.01});
    expect(await isDemoFresh(place)).toBe(true);
    const written = await readFile(join(place, "demo.json"), "utf8");
    for (const text of ["{", "null", written.replace(/"version": \d+/, '"version": 0')]) {
      await writeFile(join(place, "demo.json"), text);
      expect(await isDemoFresh(place)).toBe(false);
    }
    await writeFile(join(place, "demo.json"), written);
    await rm(join(place, "events.parquet"));
    expect(await isDemoFresh(place)).toBe(false);
  });

  test.each([{scale: 0}, {scale: NaN}, {seed: 1.5}, {today: "2025-02-30"}, {today: "tomorrow"}])(
    "refuses %j and writes nothing",
    async (options) => {
      const place = join(root, "refused");
      await expect(makeDemo(place, options)).rejects.toThrow(UserError);
      expect(existsSync(place)).toBe(false);
    }
  );
});

describe("the experiments as files", () => {
  test("are five with data, one still running, and one that is only planned", () => {
    const said = demoExperiments("2025-11-05").map(({experiment: e, observations}) => [
      e.name,
      e.status,
      e.start_datetime,
      e.end_datetime,
      observations.map(({name, db_experiment_name}) => `${db_experiment_name}: ${name}`)
    ]);
    expect(said).toEqual([
      [
        "Faster checkout",
        "completed",
        "2025-10-03T00:00:00Z",
        "2025-10-31T00:00:00Z",
        ["faster_checkout: Main", "faster_checkout: iOS only"]
      ],
      [
        "Search ranking v2",
        "running",
        "2025-10-21T00:00:00Z",
        "2025-11-18T00:00:00Z",
        ["search_ranking_v2: Main"]
      ],
      [
        "Free-shipping bar",
        "completed",
        "2025-09-26T00:00:00Z",
        "2025-10-24T00:00:00Z",
        ["free_shipping_bar: Main"]
      ],
      [
        "Larger product photos",
        "completed",
        "2025-09-28T00:00:00Z",
        "2025-10-26T00:00:00Z",
        ["larger_product_photos: Main"]
      ],
      [
        "Delivery date on product page",
        "completed",
        "2025-09-30T00:00:00Z",
        "2025-10-28T00:00:00Z",
        ["delivery_date: Main"]
      ],
      ["One-tap reorder", "planned", "2025-11-12T00:00:00Z", "2025-12-10T00:00:00Z", []]
    ]);
  });

  test("declare one control and shares of all, and measure what the generator knows", () => {
    const known = new Set(plantedEffects().map(({metric}) => metric));
    for (const {experiment} of demoExperiments(today)) {
      const {variants, key_metrics, guardrails} = experiment;
      expect(variants.filter(({control}) => control)).toEqual([variants[0]]);
      expect(variants.reduce((sum, {allocation}) => sum + allocation, 0)).toBeCloseTo(1, 12);
      expect([...key_metrics, ...guardrails].filter((metric) => !known.has(metric))).toEqual([]);
    }
  });
});

async function rows(sql: string) {
  return (await db.runAndReadAll(sql)).getRowObjectsJson();
}

async function columnsOf(table: string) {
  const described = await rows(`describe ${table}`);
  return Object.fromEntries(described.map(({column_name, column_type}) => [column_name, column_type]));
}

async function contentOf(place: string) {
  const hash = (table: string) =>
    rows(
      `select md5(string_agg(t::text, '|' order by t::text)) as content from ${parquet(place, table)} as t`
    );
  return [await hash("assignments"), await hash("events")];
}

function parquet(place: string, table: string): string {
  return `read_parquet('${path(place, table)}')`;
}

function path(place: string, table: string): string {
  return join(place, `${table}.parquet`).replaceAll("'", "''");
}

// One row per user who saw one variant only, with what the user did from the exposure to the window's end.
function unitsSql(experiment: string, startDay: number, endDay: number): string {
  const day = (n: number) => `timestamp '${today}' + interval (${n}) day`;
  const of = (event: string) => `filter (event_name = '${event}')`;
  return `
    create table if not exists units (experiment_name text, variant text, user_id text, exposed_at timestamp,
      orders double, revenue double, refunds double, sessions double, page_views double, crashes double,
      tickets double, load_seconds double);
    insert into units
    with exposed as (
      select user_id, min(group_name) as variant, min(assigned_at) as exposed_at
      from assignments
      where experiment_name = '${experiment}' and assigned_at >= ${day(startDay)} and assigned_at < ${day(endDay)}
      group by user_id
      having count(distinct group_name) = 1
    )
    select '${experiment}', variant, exposed.user_id, exposed_at,
      count(*) ${of("purchase")}, coalesce(sum(event_value) ${of("purchase")}, 0), count(*) ${of("refund")},
      count(*) ${of("session_start")}, count(*) ${of("page_view")}, count(*) ${of("app_crash")},
      count(*) ${of("support_ticket")}, avg(event_value) ${of("page_load")}
    from exposed
    left join events on events.user_id = exposed.user_id
      and event_timestamp >= exposed_at and event_timestamp < ${day(endDay)}
    group by variant, exposed.user_id, exposed_at;`;
}

const formulas: Record<string, {numerator: string; denominator?: string}> = {
  purchase_conversion: {numerator: "(orders > 0)::int"},
  orders_per_user: {numerator: "orders"},
  revenue_per_user: {numerator: "revenue"},
  average_order_value: {numerator: "revenue", denominator: "orders"},
  refund_rate: {numerator: "refunds", denominator: "orders"},
  page_load_seconds: {numerator: "load_seconds"},
  sessions_per_user: {numerator: "sessions"},
  page_views_per_session: {numerator: "page_views", denominator: "sessions"},
  crashes_per_user: {numerator: "crashes"},
  support_ticket_rate: {numerator: "tickets"}
};

// The relative difference of two means (or ratios of means), and its standard error by the delta method.
async function liftOf(metric: string, experiment: string, variant: string) {
  const control = await summaryOf(metric, experiment, "control");
  const treatment = await summaryOf(metric, experiment, variant);
  const ratio = treatment.value / control.value;
  const se = Math.hypot(treatment.se, ratio * control.se) / control.value;
  return {value: ratio - 1, se};
}

async function summaryOf(metric: string, experiment: string, variant: string) {
  const {numerator, denominator = "1"} = formulas[metric];
  const [summary] = await rows(`
    with cells as (
      select (${numerator})::double as y, (${denominator})::double as x
      from units
      where experiment_name = '${experiment}' and variant = '${variant}' and (${numerator}) is not null
    ),
    centre as (select avg(y) / avg(x) as value, avg(x) as base from cells)
    select any_value(value) as value, sqrt(var_samp(y - value * x) / count(*)) / any_value(base) as se
    from cells, centre`);
  return {value: Number(summary.value), se: Number(summary.se)};
}
