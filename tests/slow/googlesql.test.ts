// BigQuery's SQL, judged by Google's own analyser.

import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {shapeOf, type UnitShape} from "../../lib/aggregate.js";
import {momentsThereSql} from "../../lib/aggregate/there.js";
import {hasGoogleSql, startGoogleSql, type GoogleSql} from "../fixtures/googlesql.js";
import {cases, declaredMetrics, metrics, renderCase} from "../fixtures/shop-questions.js";

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

  test.each(Object.keys(cases))("finds nothing wrong, and the types that are meant: %s", async (name) => {
    for (const used of [metrics, declaredMetrics]) {
      const {sql, observation} = await renderCase(cases[name], used, "bigquery");
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
    const {sql} = await renderCase(cases["by dimensions"], metrics, "bigquery");
    expect(sql).toContain(right);
    const error = await analyser.columns(sql.replace(right, wrong)).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(new RegExp(words));
  });
});

if (!hasGoogleSql)
  console.log(
    "Google's analyser: skipped: @fivetrandevelopers/zetasql is not installed (tests/fixtures/googlesql.ts)"
  );
