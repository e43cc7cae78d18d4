import {mkdtemp, readFile, readdir, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import path from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {describe, expect, test} from "vitest";
import {UserError} from "../../lib/errors.js";
import {checkTemplates, renderObservation} from "../../lib/templates.js";
import type {RenderOptions} from "../../lib/templates.js";
import {templateVariables} from "../../lib/templates/variables.js";
import type {Metric, Observation, UserAggregation} from "../../lib/types.js";

const queries = path.resolve("queries");
const golden = path.resolve("tests/golden/templates");

const observation: Observation = {
  id: 7,
  experimentId: 3,
  name: "week one",
  dbExperimentName: "checkout",
  splitId: "user_id",
  scenario: "duckdb",
  exposureStart: "2025-10-01T00:00:00.000Z",
  exposureEnd: "2025-10-08T00:00:00.000Z",
  calcStart: "2025-10-01T00:00:00.000Z",
  calcEnd: null,
  exposureEvent: null,
  audienceTables: [],
  filters: [],
  eventFilters: [],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: [],
  createdAt: "2025-10-01T00:00:00.000Z",
  updatedAt: "2025-10-01T00:00:00.000Z"
};

const revenue: UserAggregation = {alias: "revenue", sql: "SUM(event_value)", missing: "zero"};
const orders: UserAggregation = {
  alias: "orders",
  sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)",
  missing: "zero"
};

const metric = (changes: Partial<Metric>): Metric => ({
  alias: "arpu",
  title: "Revenue per user",
  type: "mean",
  group: "money",
  description: null,
  owner: null,
  tags: ["core"],
  goal: "increase",
  format: {},
  numerator: revenue,
  denominator: null,
  source: {file: "metrics/money.yaml", line: 1, column: 1},
  ...changes
});
const metrics = [
  metric({}),
  metric({alias: "order_value", title: "Order value", type: "ratio", denominator: orders}),
  metric({alias: "buyers", title: "Buyers", type: "proportion", numerator: orders})
];

type Definition = Partial<Omit<RenderOptions, "observation">> & {observation?: Partial<Observation>};

const render = ({observation: changes, ...options}: Definition = {}) =>
  renderObservation({
    folder: queries,
    entry: "duckdb/__entry__.sql",
    metrics,
    aggregations: [revenue, orders],
    ...options,
    observation: {...observation, ...changes}
  });

describe("golden files", async () => {
  const folders = await readdir(golden, {withFileTypes: true});
  const cases = folders.filter((folder) => folder.isDirectory() && !folder.name.startsWith("_"));
  test.each(cases.map(({name}) => name))("%s renders to the reviewed SQL", async (name) => {
    const {queries: folder, ...definition} = JSON.parse(
      await readFile(path.join(golden, name, "observation.json"), "utf8")
    ) as Definition & {queries?: string};
    const sql = await render({...definition, folder: folder ? path.join(golden, folder) : queries});
    await expect(sql).toMatchFileSnapshot(path.join(golden, name, "expected.sql"));
  });
});

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

describe("what a template may print", () => {
  let count = 0;
  async function print(text: string, options: Definition = {}): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), `templates-${count++}-`));
    await writeFile(path.join(folder, "entry.sql"), text);
    return (await render({...options, folder, entry: "entry.sql"})).trimEnd();
  }
  const failure = async (text: string, options: Definition = {}) => {
    const error = await print(text, options).catch((thrown: unknown) => thrown);
    if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`);
    const {message, hint, place} = error;
    return {message, hint, at: place && `${path.basename(place.file)}:${place.line}:${place.column}`};
  };

  test("a bare time prints without zone in UTC, with milliseconds only where there are any", async () => {
    const text = "'{{ observation.calc_start_datetime }}' '{{ observation.calc_end_datetime }}'";
    expect(await print(text, {observation: {calcEnd: "2025-10-02T02:00:00.250+02:00"}})).toBe(
      "'2025-10-01 00:00:00' '2025-10-02 00:00:00.250'"
    );
  });

  test.each([
    ["a quote", "it's"],
    ["a double quote", 'a"b'],
    ["a backslash", "a\\"],
    ["a line break", "a\n--"]
  ])("a bare value with %s is refused, and the hint names the filter", async (_, exposureEvent) => {
    expect(
      await failure("select\n  '{{ observation.exposure_event }}'", {observation: {exposureEvent}})
    ).toEqual({
      message: `{{ observation.exposure_event }} holds a quote, a backslash or a line break and was not printed bare: ${JSON.stringify(exposureEvent)}`,
      hint: "write {{ observation.exposure_event | str }} without quotes around it; the filter str writes the whole literal",
      at: "entry.sql:2:4"
    });
  });

  test.each([
    "{{ observation.name | safe }}",
    "{{ observation.name | upper }}",
    "{{ 'x' ~ observation.name }}",
    "{% set x = observation.name %}{{ x }}",
    "{% set x %}{{ observation.name }}{% endset %}{{ x }}",
    "{{ [observation.name] | join(', ') }}",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(observation.name) }}",
    "{{ observation.name if true else '' }}"
  ])("no detour prints a quote: %s", async (text) => {
    expect((await failure(text, {observation: {name: "o'clock"}})).message).toContain("holds a quote");
  });

  test("filters write literals, identifiers, tables and timestamps", async () => {
    const text =
      "{{ observation.name | str }} {{ 'order' | ident }} {{ 'a.b-c.d' | table }} {{ observation.calc_start_datetime | ts }}";
    expect(await print(text, {observation: {name: "it's \\ \n"}})).toBe(
      `'it''s \\ \n' "order" a."b-c".d TIMESTAMP '2025-10-01 00:00:00'`
    );
  });

  test.each([
    ["{{ 'a b' | ident }}", 'not a valid identifier: "a b"'],
    ["{{ 'a;b' | table }}", 'not a table\'s name: "a;b"'],
    ["{{ 'a.b.c.d' | table }}", 'not a table\'s name: "a.b.c.d"'],
    ["{{ 'yesterday' | ts }}", 'not a time: "yesterday"'],
    ["{{ observation.calc_end_datetime | ts }}", "the filter ts was given no value"]
  ])("%s is refused", async (text, message) => {
    expect((await failure(text)).message).toBe(message);
  });

  test("comparisons, membership, conditions and loops see plain values", async () => {
    const text =
      "{% for m in experiment_metrics_list %}{{ m.alias }}:{{ 'mean' if m.type == 'avg' else m.type }}" +
      "{{ '+' if 'core' in m.tags }}{{ ',' if not loop.last }}{% endfor %}" +
      "{% if observation.exposure_event %}event{% else %} none{% endif %}" +
      "{{ ' sum' if 'SUM' in user_formula_list[0].sql }}{{ ' same' if observation.name == 'week one' }}";
    expect(await print(text)).toBe("arpu:mean+,order_value:ratio+,buyers:proportion+ none sum same");
  });

  test("a metric brings its SQL; a ratio over zero is NULL", async () => {
    const text = "{% for m in experiment_metrics_list %}{{ m.sql }}{{ '\n' if not loop.last }}{% endfor %}";
    expect(await print(text)).toBe("AVG(revenue)\nSUM(revenue) / NULLIF(SUM(orders), 0)\nAVG(orders)");
  });

  test("checked SQL stays printable after joining and concatenation", async () => {
    const text =
      "{{ observation.filters | join(' and ') }} {{ 'coalesce(' ~ user_formula_list[1].sql ~ ', 0)' }}";
    expect(await print(text, {observation: {filters: ["country = 'US'", "platform = 'ios'"]}})).toBe(
      "(country = 'US') and (platform = 'ios') coalesce(COUNT(CASE WHEN event_name = 'purchase' THEN 1 END), 0)"
    );
  });

  test("an empty list prints nothing, and a missing value cannot be printed", async () => {
    expect(await print("a{% for f in observation.filters %}{{ f }}{% endfor %}b")).toBe("ab");
    expect(await failure("{{ observation.exposure_event }}")).toEqual({
      message: "{{ observation.exposure_event }} has no value here",
      hint: "print it inside {% if … %}, or give it a default",
      at: "entry.sql:1:1"
    });
  });

  test.each([
    [
      "a\n  {{ observaton.name }}",
      "undefined variable: observaton",
      "did you mean observation?",
      "entry.sql:2:6"
    ],
    [
      "{% if observation.exposure_evnt %}x{% endif %}",
      "undefined variable: exposure_evnt is no member here",
      "did you mean exposure_event?",
      "entry.sql:1:19"
    ],
    [
      "{% for m in experiment_metrics %}x{% endfor %}",
      "undefined variable: experiment_metrics",
      "did you mean experiment_metrics_list?",
      "entry.sql:1:13"
    ],
    ["{{ observation.name | strr }}", "unknown filter: strr", "did you mean str?", "entry.sql:1:23"]
  ])("%s names the mistake, the nearest name and the place", async (text, message, hint, at) => {
    expect(await failure(text)).toEqual({message, hint, at});
  });

  test("an unknown name may be asked for by `is defined` and `default`", async () => {
    expect(await print("{{ 'yes' if nothing is defined else 'no' }} {{ nothing | default('d') }}")).toBe(
      "no d"
    );
  });

  test("a broken tag, an unknown include and a mistake inside an include are found in their own file", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "templates-include-"));
    await writeFile(path.join(folder, "part.sql"), "select\n  {{ observation.nam }}");
    await writeFile(path.join(folder, "includes.sql"), "x\n{% include 'part.sql' %}");
    await writeFile(path.join(folder, "missing.sql"), "x\n{% include 'prt.sql' %}");
    await writeFile(path.join(folder, "broken.sql"), "x\n{% if observation.name %}y");
    await writeFile(path.join(folder, "outside.sql"), "{% include '../../etc/passwd' %}");
    const problems = await checkTemplates(
      folder,
      {a: "includes.sql", b: "missing.sql", c: "broken.sql", d: "outside.sql"},
      metrics
    );
    expect(problems.map((problem) => ({...problem, file: path.basename(problem.file)}))).toEqual([
      {
        file: "part.sql",
        line: 2,
        column: 18,
        severity: "error",
        message: "undefined variable: nam is no member here",
        hint: "did you mean name?"
      },
      {
        file: "missing.sql",
        line: 2,
        column: 4,
        severity: "error",
        message: "template not found: prt.sql",
        hint: "did you mean part.sql?"
      },
      {
        file: "broken.sql",
        line: 2,
        column: 1,
        severity: "error",
        message: expect.stringContaining("parseIf"),
        hint: "correct the template's syntax"
      },
      {
        file: "outside.sql",
        line: 1,
        column: 4,
        severity: "error",
        message: "a template outside of the queries folder: ../../etc/passwd",
        hint: `templates live in ${folder}`
      }
    ]);
  });

  test.each([
    ["split_id", {splitId: "user id"}, 'not a valid split_id: "user id"'],
    ["a dimension", {dimensions: ["x;y"]}, 'not a valid dimension: "x;y"'],
    ["an audience table", {audienceTables: ["a b"]}, 'not a valid audience table a b, in the part: "a b"'],
    ["two columns of one name", {dimensions: ["revenue"]}, "the result has two columns of one name: revenue"]
  ])("%s that cannot stand in SQL is refused before rendering", async (_, changes, message) => {
    await expect(render({observation: changes})).rejects.toThrow(message);
  });

  test("our own scenarios have no mistakes", async () => {
    const templates = {duckdb: "duckdb/__entry__.sql", file: "file/__entry__.sql"};
    expect(await checkTemplates(queries, templates, metrics)).toEqual([]);
  });
});

test("docs/templates.md names every variable and every member", async () => {
  const guide = await readFile("docs/templates.md", "utf8");
  const variables = await templateVariables({
    observation,
    metrics,
    aggregations: [revenue],
    purpose: "regular",
    dialect: "duckdb"
  });
  const names = [
    variables,
    variables.observation,
    variables.experiment_metrics_list[1],
    variables.experiment_metrics_list[1].formula,
    variables.user_formula_list[0]
  ].flatMap(Object.keys);
  const unnamed = names.filter((name) => !new RegExp("[`.]" + name + "[`.]").test(guide));
  expect(unnamed).toEqual([]);
});
