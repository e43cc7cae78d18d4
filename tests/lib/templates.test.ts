import {mkdtemp, readFile, readdir, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import path from "node:path";
import {describe, expect, test} from "vitest";
import {UserError} from "../../lib/errors.js";
import {templateVariables} from "../../lib/templates/variables.js";
import {metrics, observation, queries, render, revenue} from "../queries/render.js";
import type {Definition} from "../queries/render.js";

const golden = path.resolve("tests/golden/templates");

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

async function failed(rendered: Promise<string>) {
  const error = await rendered.catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`);
  const {message, hint, place} = error;
  return {message, hint, at: place && `${path.basename(place.file)}:${place.line}:${place.column}`};
}

describe("what a template may print", () => {
  let count = 0;
  async function print(text: string, options: Definition = {}): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), `templates-${count++}-`));
    await writeFile(path.join(folder, "entry.sql"), text);
    return (await render({...options, folder, entry: "entry.sql"})).trimEnd();
  }
  const failure = (text: string, options: Definition = {}) => failed(print(text, options));

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

  test.each([
    ["includes.sql", "part.sql:2:18", "undefined variable: nam is no member here", "did you mean name?"],
    ["after.sql", "after.sql:3:16", "undefined variable: nmae is no member here", "did you mean name?"],
    ["lost.sql", "lost.sql:2:4", "template not found: prt.sql", "did you mean part.sql?"],
    ["missing.sql", "missing.sql:2:4", "template not found: prt.sql", "did you mean part.sql?"],
    [
      "broken.sql",
      "broken.sql:2:1",
      "expected elif, else, or endif, got end of file",
      "correct the template's syntax"
    ],
    [
      "outside.sql",
      "outside.sql:1:4",
      "a template outside of the queries folder: ../../etc/passwd",
      "templates live in"
    ]
  ])("a mistake in %s is found at %s", async (entry, at, message, hint) => {
    const folder = await mkdtemp(path.join(tmpdir(), "templates-include-"));
    await writeFile(path.join(folder, "part.sql"), "select\n  {{ observation.nam }}");
    await writeFile(path.join(folder, "includes.sql"), "x\n{% include 'part.sql' %}");
    await writeFile(path.join(folder, "missing.sql"), "x\n{% include 'prt.sql' %}");
    await writeFile(
      path.join(folder, "macros.sql"),
      "{% macro one() %}{{ observation.name | str }}{% endmacro %}"
    );
    await writeFile(
      path.join(folder, "after.sql"),
      "{% import 'macros.sql' as m with context %}\n{{ m.one() }}\n{{ observation.nmae }}"
    );
    await writeFile(
      path.join(folder, "lost.sql"),
      "{% import 'macros.sql' as m with context %}\n{% include 'prt.sql' %}"
    );
    await writeFile(path.join(folder, "broken.sql"), "x\n{% if observation.name %}y");
    await writeFile(path.join(folder, "outside.sql"), "{% include '../../etc/passwd' %}");
    const found = await failed(render({folder, entry}));
    expect(found.at).toBe(at);
    expect(found.message).toContain(message);
    expect(found.hint).toContain(hint);
  });

  test.each([
    ["split_id", {splitId: "user id"}, 'not a valid split_id: "user id"'],
    ["a dimension", {dimensions: ["x;y"]}, 'not a valid dimension: "x;y"'],
    ["an audience table", {audienceTables: ["a b"]}, 'not a valid audience table a b, in the part: "a b"'],
    ["two columns of one name", {dimensions: ["revenue"]}, "the result has two columns of one name: revenue"]
  ])("%s that cannot stand in SQL is refused before rendering", async (_, changes, message) => {
    await expect(render({observation: changes})).rejects.toThrow(message);
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
