// What a person's SQL may be made of: node kinds of the syntax tree, and the fields each may fill. A kind or a
// field that is not here is refused.

/** node: another node; relation: a node with rows; name, table: an identifier; words: flat words of a type; text: a literal's own text. */
export type Rule = "node" | "relation" | "name" | "table" | "words" | "text" | Shape;
export type Shape = {[field: string]: Rule};
export type Shapes = Record<string, Shape>;

export const identifierPattern = /^[\p{L}_][\p{L}\d_$ -]*$/u;
export const tablePattern = /^[\p{L}\d_][\p{L}\d_$ -]*$/u;

/** A name with dots that DuckDB would read as a file, where no table has it. */
export const fileName = /\.(csv|tsv|txt|parquet|json|jsonl|ndjson|xlsx|db|duckdb)(\.(gz|zst|zstd|br))?$/i;

const pair: Shape = {left: "node", right: "node"};
const one: Shape = {this: "node"};
const two: Shape = {this: "node", expression: "node"};
const ordered: Shape = {this: "node"};
const bound: Shape = {Preceding: "node", Following: "node"};
const window: Shape = {
  partition_by: "node",
  order_by: ordered,
  frame: {start: bound, end: bound},
  window_name: "name"
};
const aggregate: Shape = {this: "node", filter: "node", order_by: ordered};

const kinds = (names: string, shape: Shape): Shapes =>
  Object.fromEntries(names.split(" ").map((name) => [name, shape]));

/** A condition on the columns of one table. */
export const conditionShapes: Shapes = {
  ...kinds("and or eq neq lt lte gt gte add sub mul div mod concat null_safe_eq null_safe_neq", pair),
  ...kinds("like i_like", {...pair, escape: "node"}),
  ...kinds("not paren neg is_null is_true is_false", one),
  ...kinds("lower upper length abs floor ceil year month day epoch", one),
  ...kinds("starts_with ends_with contains mod_func", two),
  trim: one,
  in: {this: "node", expressions: "node"},
  between: {this: "node", low: "node", high: "node"},
  tuple: {expressions: "node"},
  coalesce: {expressions: "node"},
  substring: {this: "node", start: "node", length: "node"},
  extract: one,
  str_position: {this: "node", substr: "node"},
  if_func: {condition: "node", true_value: "node", false_value: "node"},
  case: {operand: "node", whens: "node", else_: "node"},
  cast: {this: "node", to: "words"},
  try_cast: {this: "node", to: "words"},
  interval: {this: "node", unit: "words"},
  at_time_zone: {this: "node", zone: "node"},
  json_extract_scalar: {this: "node", path: "node"},
  function: {args: "node"},
  column: {name: "name", table: "name"},
  literal: {value: "text"},
  boolean: {},
  null: {}
};

const select: Shape = {
  expressions: "node",
  distinct_on: "node",
  from: {expressions: "relation"},
  joins: {this: "relation", on: "node", using: "name"},
  where_clause: one,
  group_by: {expressions: "node"},
  having: one,
  qualify: one,
  windows: {name: "name", spec: window},
  order_by: {expressions: ordered},
  limit: one,
  offset: one,
  with: {ctes: {alias: "name", columns: "name", this: "node"}}
};

const compound: Shape = {
  ...pair,
  with: select.with,
  order_by: select.order_by,
  limit: "node",
  offset: "node"
};

/** A query over tables: what a condition may hold, and SELECT with joins, groups, windows and subqueries. */
export const queryShapes: Shapes = {
  ...conditionShapes,
  select,
  ...kinds("union intersect except", compound),
  in: {...conditionShapes.in, query: "node"},
  exists: one,
  subquery: {this: "node", alias: "name", column_aliases: "name"},
  values: {expressions: {expressions: "node"}},
  table: {name: "table", schema: "table", catalog: "table", alias: "name", column_aliases: "name"},
  alias: {this: "node", alias: "name", column_aliases: "name"},
  star: {table: "name", except: "name", replace: {this: "node", alias: "name"}},
  ...kinds(
    "count sum avg min max any_value first last median mode stddev variance var_samp stddev_samp",
    aggregate
  ),
  ...kinds("logical_and logical_or count_if approx_distinct", aggregate),
  aggregate_function: {args: "node", filter: "node"},
  window_function: {this: "node", over: window},
  ...kinds("row_number rank dense_rank", {}),
  ...kinds("lag lead", {this: "node", offset: "node", default: "node"}),
  ...kinds("first_value last_value", one)
};

/** What has rows: no function, which may mean something else there than in an expression. */
export const relationKinds = ["table", "subquery", "values"];

/** Functions that neither read files nor change with the clock, and that mean the same after being written anew. */
export const functionNames = new Set(
  (
    "nullif greatest least replace left right ltrim rtrim strlen concat prefix suffix split_part lpad rpad " +
    "regexp_matches regexp_full_match regexp_extract regexp_replace round hash md5 " +
    "date_trunc date_part date_diff date_add date_sub datediff strftime strptime make_date make_timestamp " +
    "epoch_ms to_timestamp list_contains json_extract_string json_extract " +
    "arg_min arg_max min_by max_by bool_and bool_or count_if quantile_cont"
  ).split(" ")
);
