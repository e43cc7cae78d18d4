import {DuckDBInstance} from "@duckdb/node-api";
import {describe, expect, test} from "vitest";
import {UserError} from "../../lib/errors.js";
import {checkFilter, checkQuery} from "../../lib/sql-filter.js";

async function failure(checked: Promise<string>): Promise<{message: string; hint: string | null}> {
  const error = await checked.catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`no UserError: ${String(error)}`);
  return {message: error.message, hint: error.hint};
}

describe("checkFilter", () => {
  test.each([
    ["country = 'US' or country = 'DE'", "(country = 'US' OR country = 'DE')"],
    ["country in ('it''s', 'a\\') -- note", "(country IN ('it''s', 'a\\'))"],
    ["not platform like 'i%' /* note */ and age > 18", "(NOT (platform LIKE 'i%') AND age > 18)"],
    ['"Big Name" is not null', '("Big Name" IS NOT NULL)'],
    ["at >= timestamp '2025-10-01'", "(at >= CAST('2025-10-01' AS TIMESTAMP))"]
  ])("%s is written anew in parentheses", async (text, sql) => {
    expect(await checkFilter(text)).toBe(sql);
  });

  test.each([
    ["country in (select 1)", "a subquery at line 1, column 1"],
    ["exists (select 1)", "a subquery"],
    ["a = 1 and\n  read_text('/etc/passwd') = ''", "the function read_text"],
    ["getenv('HOME') = ''", "the function getenv"],
    ["at > now()", "the function now"],
    ["random() < 0.5", "random"],
    ["sum(age) > 1", "the function sum at line 1, column 5"],
    ["row_number() over () = 1", "window function"],
    ["age = $1", "a placeholder"],
    ["age = ?", "a placeholder"],
    ["a.age = 1", "a column with its table's name, age at line 1, column 1"],
    ["age = 1) or (age = 2", "more than a condition"],
    ["age = 1) limit (1", "more than a condition"],
    ["country = e'\\''", "a literal of the kind escape string"],
    ["columns(*) = 1", "star"],
    ["dayofweek(at) = 1", "day of week at line 1, column 11"],
    ["age = 1\u0007", "a control character"]
  ])("%s is refused, with what and where", async (text, what) => {
    const {message} = await failure(checkFilter(text));
    expect(message).toContain(`a filter may not hold ${what}`);
  });

  test.each([
    ["age = = 1", "the filter cannot be read at line 1, column 7, unexpected token: eq: age = = 1"],
    ["age =", "the filter cannot be read at its end, unexpected token: rparen: age ="],
    ["1 = 1; drop table t", "the filter cannot be read at line 1, column 6"],
    ["  ", "an empty filter"]
  ])("%s cannot be read", async (text, message) => {
    expect((await failure(checkFilter(text))).message).toContain(message);
  });

  test("a column outside of the list is refused with the nearest name", async () => {
    expect(await checkFilter("Country = 'US'", {columns: ["country"]})).toBe("(Country = 'US')");
    expect(await failure(checkFilter("age = 1\nand contry = 'US'", {columns: ["age", "country"]}))).toEqual({
      message:
        "a filter may not hold an unknown column, contry at line 2, column 5: age = 1 and contry = 'US'",
      hint: "did you mean country?"
    });
  });

  test("every kind that is let through means in DuckDB what was written", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`create table units as select * from (values
      (1, 'US', 'ios', timestamp '2025-10-01 10:00:00', true),
      (2, 'DE', null, timestamp '2024-02-29 00:00:00', false),
      (-3, 'it''s', '%x', null, null),
      (null, '', 'a\\b', timestamp '2025-12-31 23:59:59', true)) t(age, country, platform, seen, active)`);
    const truths = async (condition: string) => {
      const reader = await connection.runAndReadAll(
        `select cast(${condition} as varchar) as truth from units`
      );
      return reader.getRowObjectsJson();
    };
    for (const text of conditions)
      expect([text, await truths(await checkFilter(text))]).toEqual([text, await truths(`(${text})`)]);
    connection.closeSync();
    instance.closeSync();
  });
});

const conditions = [
  "country = 'US' or not age > 1 and active",
  "not (country = 'US' or age > 1)",
  "not country like 'U%' and active",
  "not country in ('US', 'DE') or active",
  "country like '%\\%x' or platform like '!%x' escape '!'",
  "country not ilike 'u%' and platform is distinct from 'ios'",
  "age between -3 and 1 and age not between 1 and 2",
  "age + 1 * 2 - 3 > 0 and age % 2 = 1 and age / 2 > 0.1 and -age < 1e2",
  "age is null or age is not null and active is not true",
  "active is true or active is false",
  "country is not distinct from 'it''s'",
  "platform = 'a\\b' or platform = '%x'",
  "lower(country) || upper(platform) = 'usIOS'",
  "length(country) = 2 and abs(age) > 1",
  "coalesce(age, 0) = 0 or ifnull(platform, 'x') = 'x' or nullif(age, 1) is null",
  "starts_with(country, 'U') or ends_with(country, 's') or contains(platform, 'o')",
  "substring(country, 1, 1) = 'U' or substr(country, 2) = 'E' or trim(country) = ''",
  "extract(year from seen) = 2025 and month(seen) = 10 or day(seen) = 29 or year(seen) = 2024",
  "seen >= timestamp '2025-01-01' and seen < date '2025-12-31' + interval 1 day",
  "seen::date = date '2025-10-01' or cast(age as varchar(10)) = '2' or try_cast(country as int) is null",
  "date_trunc('month', seen) = timestamp '2025-10-01' or date_part('hour', seen) = 23",
  "case when age > 1 then 'big' when age < 0 then 'small' else 'one' end = 'small'",
  "if(active, 1, 2) = 1 or greatest(age, 0) = 0 or least(age, 0) = -3",
  "(age, country) in ((1, 'US'), (2, 'US'))",
  "regexp_matches(country, '^[A-Z]+$') and replace(country, 'U', 'D') = 'DS'",
  "round(age / 3, 1) = 0.3 or floor(age / 2) = 0 or ceil(age / 2) = 1",
  "instr(country, 'S') > 0 or position('E' in country) = 2 or mod(age, 2) = 0",
  "hash(country) % 2 = 0 or left(country, 1) = 'D' or right(country, 1) = 'S'",
  "strftime(seen, '%Y-%m') = '2025-10' or split_part(country, '''', 2) = 's'"
];

describe("checkQuery", () => {
  test.each([
    "select user_id, group_name, assigned_at from arms",
    "select user_id, any_value(arm) as group_name, min(seen) as assigned_at from raw.arms group by user_id having count(*) > 1",
    "with seen as (select * from arms where not arm like 'x%') select user_id, arm as group_name, at as assigned_at from seen",
    "select a.user_id from a left join b using (user_id) where a.x in (select x from c) order by 1 limit 5",
    "select user_id, row_number() over (partition by user_id order by at rows between 1 preceding and current row) as k from a qualify k = 1",
    "select user_id from a union all select user_id from b;"
  ])("%s is let through", async (text) => {
    const sql = await checkQuery(text);
    expect(sql.toLowerCase().replace(/[()\s]/g, "")).toBe(text.toLowerCase().replace(/[();\s]/g, ""));
  });

  test.each([
    ["delete from arms", "a statement of delete"],
    ["with gone as (delete from arms returning *) select * from gone", "a write (delete) at line 1"],
    ["select 1 into copy", "into in select"],
    ["select 1; select 2", "2 statements"],
    ["select /* user_id from arms", "a SELECT of nothing"],
    ["select 1 from (select from arms)", "a SELECT of nothing"],
    ["copy arms to 'file'", "a statement of copy"],
    ["attach 'file'", "a statement of attach"],
    ["pragma database_list", "a statement of pragma"],
    ["call something()", "a statement of command"],
    ["explain analyze select 1", "a statement of describe"],
    ["select * from arms for update", "locks in select"],
    ["select * from read_csv('file.csv')", "the function read_csv"],
    ["select * from 'file.csv'", "the name"],
    ['select * from "../secret.parquet"', "the name"],
    ["select * from people.csv", "the name of a file, people.csv at line 1"],
    ["select * from a join raw.people.csv on true", "the name of a file, raw.people.csv at line 1"],
    ["select * from a join glob('*') on true", "the function glob"],
    ["select units.* from hash(units) units", "the function hash in place of a table at line 1"],
    [
      "select 1 from a, (select 1) b cross join coalesce(x, y) c",
      "the function coalesce in place of a table"
    ],
    ["select 1 from max(x)", "the function max in place of a table"],
    ["select (select getenv('HOME'))", "the function getenv"]
  ])("%s is refused", async (text, what) => {
    expect((await failure(checkQuery(text))).message).toContain(`a query may not hold ${what}`);
  });
});
