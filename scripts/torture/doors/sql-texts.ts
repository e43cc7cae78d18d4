// Hostile SQL: conditions and queries that a parser likes, with what must not get in put anywhere; and soups of tokens.

import fc from "fast-check";

const columns = [
  "age",
  "country",
  "platform",
  "seen",
  "active",
  '"country"',
  '"Big Name"',
  "t.age",
  "`age`",
  "[age]"
];
const values = [
  "1", "-3", "1e9", "'US'", "'it''s'", "'a\\'", "'a\\\\'", "'a\\'' or 1=1 --'", "'/*'", "'--'", "';'", "'\n'", "e'\\''", "$$x$$", "$a$'$a$", "x'41'",
  "b'1'", "r'\\'", "'''x'''", '"""x"""', "N'x'", "U&'\\0027'", "null", "true", "date '2025-10-01'", "timestamp '2025-10-01 00:00:00'", "interval 1 day",
  "?", "$1", ":a", "@a", "@@version", "{d '2025-10-01'}", "0x1F", "1_000", "{'a': 1}", "[1, 2]", "array[1]", "b\"x\""
]; // prettier-ignore
const calls = [
  "lower(country)", "coalesce(age, 0)", "abs(age)", "getenv('HOME')", "read_text('canary.csv')", "current_setting('x')", "random()", "now()", "uuid()",
  "nextval('s')", "pg_sleep(9)", "query('select 1')", "query_table('canary')", "getvariable('x')", "current_user", "session_user", "current_database()",
  "set_config('a','b',false)", "pg_read_file('x')", "dblink('x','y')", "lo_import('x')", "version()", "txid_current()", "json_execute_serialized_sql('x')",
  "write_log('x')", "error('x')", "list_transform([1], x -> x)", "system$wait(9)", "external_query('a','b')", "ml.predict(1)", "to_json(units)", "hash(units)",
  "columns(*)", "sum(age)", "count(*) over ()", "regexp_replace(country, 'a', 'b')", "nullif(age, 1)", "concat(country, platform)", "getenv ('HOME')", "\"getenv\"('HOME')",
  "country.getenv()", "('HOME').getenv()", "main.getenv('HOME')", "system.main.getenv('HOME')", "cast('canary' as regclass)", "'canary'::regclass", "try_cast(age as varchar)"
]; // prettier-ignore
const queries = [
  "select secret from canary", "select 1", "delete from canary returning 1", "select * from canary", "from canary", "table canary", "values (1)",
  "select * from read_csv('canary.csv')", "select * from 'canary.csv'", "select * from canary.csv", 'select * from "canary.csv"', "select * from glob('*')",
  "with x as (select * from canary) select * from x", "select (select secret from canary)", "select * from units, canary", "select * from main.canary.csv"
]; // prettier-ignore
const leaves = [
  ";", "; drop table canary", "; select 1", ")", "(", ") or (1 = 1", ") union select secret from canary --", ") limit (1", "), (select 1", " --", " -- \n", "/*", "*/", "/* x */",
  "/*/**/*/", "#", "\u0000", "\u00a0", "\u2028", "\ufeff", "\\", "'", '"', "`", "union all select secret from canary", "order by 1", "limit 1", "group by 1", "having true", "for update",
  "into outfile 'x'", "into copy", "window w as ()", "qualify true", "returning *", "as x", ",", "::", "collate \"C\"", "=", "or", "and", "not", "not like 'x'", "is null", "exists", "in", "between 1 and 2",
  "over ()", "filter (where true)", "tablesample 10", "pivot", "lateral", "settings x = 1", "format csv", "{{ x }}", "{% raw %}", "|> select 1", "at (version => 1)"
]; // prettier-ignore
const commands = [
  "drop table canary", "update canary set secret = 1", "insert into canary values (1)", "copy canary to 'stolen.csv'", "copy (select 1) to 'x'", "attach 'x.db'", "install httpfs", "load httpfs",
  "pragma database_list", "call something()", "set enable_external_access = true", "export database 'x'", "create table x as select 1", "create macro x() as 1", "begin", "commit", "checkpoint",
  "explain analyze select 1", "describe canary", "show tables", "summarize canary", "execute immediate 'select 1'", "declare x int64", "grant all on canary to public", "truncate canary", "vacuum", "merge into canary using units on true when matched then delete",
  "use canary", "reset all", "detach canary", "do $$ begin end $$", "listen x", "select 1 into x", "alter table canary add x int", "comment on table canary is 'x'", "prepare x as select 1", "deallocate x"
]; // prettier-ignore

const of = (texts: string[]) => fc.constantFrom(...texts);
const comparison = fc.constantFrom(
  "=",
  "<>",
  "<",
  ">=",
  "like",
  "ilike",
  "is distinct from",
  "is not distinct from",
  "not like",
  "~",
  "similar to",
  "in",
  "glob",
  "<=>"
);
const operator = fc.constantFrom("and", "or", "and not", "or not", "xor", "&&", "||", "+", "-", "*", "%");

const {condition} = fc.letrec<{value: string; condition: string}>((tie) => ({
  value: fc.oneof(
    {depthSize: "small", withCrossShrink: true},
    {weight: 6, arbitrary: of(columns.slice(0, 5))},
    {weight: 1, arbitrary: of(columns)},
    {weight: 6, arbitrary: of(values)},
    {weight: 2, arbitrary: of(calls)},
    {weight: 2, arbitrary: fc.integer({min: -99, max: 99_999}).map(String)},
    {weight: 2, arbitrary: fc.string({maxLength: 6}).map((text) => `'${text.replaceAll("'", "''")}'`)},
    {weight: 1, arbitrary: of(queries).map((query) => `(${query})`)},
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("value"), of(["+", "-", "*", "/", "||", "%"]), tie("value"))
        .map((each) => each.join(" "))
    },
    {weight: 1, arbitrary: tie("condition").map((inner) => `case when ${inner} then 1 else 0 end`)}
  ),
  condition: fc.oneof(
    {depthSize: "small", withCrossShrink: true},
    {weight: 5, arbitrary: fc.tuple(tie("value"), comparison, tie("value")).map((each) => each.join(" "))},
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("value"), of(["in", "not in"]), tie("value"), tie("value"))
        .map(([a, is, b, c]) => `${a} ${is} (${b}, ${c})`)
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("value"), tie("value"), tie("value"))
        .map(([a, b, c]) => `${a} between ${b} and ${c}`)
    },
    {weight: 1, arbitrary: tie("value").map((value) => `${value} is not null`)},
    {
      weight: 2,
      arbitrary: fc.tuple(tie("condition"), operator, tie("condition")).map((each) => each.join(" "))
    },
    {weight: 1, arbitrary: tie("condition").map((inner) => `not (${inner})`)}
  )
}));

/** Puts a piece at a place of a text. */
const spliced = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, of([...leaves, ...calls, ...queries, ...values, ...commands]), fc.nat(1000))
    .map(([whole, piece, at]) => {
      const place = Math.floor((at / 1000) * whole.length);
      return `${whole.slice(0, place)} ${piece} ${whole.slice(place)}`;
    });

const soup = fc
  .array(of([...columns, ...values, ...calls, ...leaves, ...queries, ...commands]), {
    minLength: 1,
    maxLength: 7
  })
  .map((tokens) => tokens.join(" "));

/** Conditions, from lawful ones to soups. */
export const hostileCondition: fc.Arbitrary<string> = fc.oneof(
  {weight: 5, arbitrary: condition},
  {weight: 3, arbitrary: spliced(condition)},
  {weight: 2, arbitrary: soup}
);

const tables = [
  "units",
  "arms",
  "main.units",
  "units as u",
  "canary.csv",
  "main.canary.csv",
  "memory.canary.csv",
  '"canary.csv"',
  "'canary.csv'",
  '"canary"."csv"',
  "canary.json",
  "canary.parquet",
  "read_csv('canary.csv')",
  "glob('*')",
  "(select * from units) as u",
  "units tablesample 10",
  "duckdb_settings()",
  "range(9)",
  "unnest([1])",
  "arms.csv"
];
const selected = [
  "*",
  "unit_id",
  "unit_id, country as group_name",
  "count(*)",
  "units.*",
  "* exclude (age)",
  "columns(*)",
  "any_value(country)",
  "max(age) over ()",
  "row_number() over (order by age)"
];

const query = fc
  .tuple(
    fc.oneof({weight: 3, arbitrary: of(selected)}, {weight: 1, arbitrary: of([...calls, ...values])}),
    fc.oneof({weight: 3, arbitrary: of(tables.slice(0, 4))}, {weight: 1, arbitrary: of(tables)}),
    fc.oneof(
      {weight: 2, arbitrary: fc.constant("")},
      {weight: 4, arbitrary: condition.map((inner) => `where ${inner}`)}
    ),
    fc.oneof(
      {weight: 6, arbitrary: fc.constant("")},
      {
        weight: 1,
        arbitrary: of([
          "group by 1",
          "order by 1",
          "limit 1",
          "qualify true",
          "union all select 1",
          "except select 1",
          "for update"
        ])
      }
    )
  )
  .map((parts) => `select ${parts[0]} from ${parts.slice(1).join(" ")}`);

/** Queries, from lawful ones to soups. */
export const hostileQuery: fc.Arbitrary<string> = fc.oneof(
  {weight: 6, arbitrary: query},
  {weight: 1, arbitrary: query.map((inner) => `with x as (${inner}) select * from x`)},
  {weight: 1, arbitrary: fc.tuple(query, query).map(([a, b]) => `${a} union all ${b}`)},
  {weight: 3, arbitrary: spliced(query)},
  {weight: 1, arbitrary: of([...queries, ...commands])},
  {weight: 1, arbitrary: soup}
);

/** Names of tables, from lawful ones to soups. */
export const hostileTable: fc.Arbitrary<string> = fc.oneof(
  {weight: 1, arbitrary: of(tables)},
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.oneof(
          fc.string({maxLength: 8}),
          fc.stringMatching(/^[A-Za-z_]\w{0,9}$/),
          of(["canary", "csv", "json", "units", "select", "parquet", "order"])
        ),
        {minLength: 1, maxLength: 4}
      )
      .map((parts) => parts.join("."))
  },
  {weight: 1, arbitrary: spliced(fc.constant("analytics.users"))}
);

const aggregate = of(["sum", "max", "count", "avg", "any_value", "string_agg", "list"]);

/** Formulas of metrics, from lawful ones to soups. */
export const hostileFormula: fc.Arbitrary<string> = fc.oneof(
  {weight: 3, arbitrary: fc.tuple(aggregate, condition).map(([name, inner]) => `${name}(${inner})`)},
  {
    weight: 2,
    arbitrary: fc
      .tuple(aggregate, condition, condition)
      .map(([name, a, b]) => `${name}(case when ${a} then ${b} end)`)
  },
  {weight: 3, arbitrary: spliced(fc.tuple(aggregate, condition).map(([name, inner]) => `${name}(${inner})`))},
  {weight: 1, arbitrary: fc.tuple(aggregate, of(queries)).map(([name, inner]) => `${name}((${inner}))`)},
  {weight: 1, arbitrary: soup.map((tokens) => `sum(age) ${tokens}`)}
);
