import {UserError, nearest} from "./errors.js";
import {placeIn, refuse, shortReason, shown, spoken, spokenField, type Checked} from "./sql-refusal.js";
import {
  conditionShapes,
  fileName,
  functionNames,
  identifierPattern,
  queryShapes,
  relationKinds,
  tablePattern
} from "./sql-shapes.js";
import type {Rule, Shape, Shapes} from "./sql-shapes.js";
import type {DialectName} from "./warehouse/connector.js";

type Sdk = typeof import("@polyglot-sql/sdk");
type Tree = Record<string, unknown>;
type Check = Checked & {shapes: Shapes; columns: string[] | null; dialect: DialectName};
type FilterOptions = {dialect?: DialectName; columns?: string[]};

/**
 * Returns a condition written anew from its syntax tree, in parentheses. Only plain conditions on columns are
 * let through: no subquery, no aggregate, no function that reads files or the clock. Throws UserError with what
 * is refused, and at which line and column of the text.
 */
export async function checkFilter(
  text: string,
  {dialect = "duckdb", columns}: FilterOptions = {}
): Promise<string> {
  const check: Check = {
    text,
    lead: before.length,
    shapes: conditionShapes,
    columns: columns ?? null,
    what: "filter",
    dialect
  };
  const sdk = await loadParser();
  checkText(check);
  const select = selectOf(sdk, check);
  const condition = withoutRaw(sdk, check, conditionOf(select, check));
  visit(condition, "node", check);

  const rebuilt = {select: {...select, where_clause: {this: {paren: {this: condition}}}}};
  return written(sdk, rebuilt, check).replace(/^SELECT 1 FROM t WHERE /, "");
}

/**
 * Returns a query written anew from its syntax tree. Only one SELECT over tables is let through, with no write,
 * no file and no unknown function anywhere inside. Throws UserError with what is refused, and where.
 */
export async function checkQuery(
  text: string,
  {dialect = "duckdb"}: {dialect?: DialectName} = {}
): Promise<string> {
  const check: Check = {text, lead: 0, shapes: queryShapes, columns: null, what: "query", dialect};
  const sdk = await loadParser();
  checkText(check);
  const statements = parsed(sdk, check, text);
  if (statements.length !== 1) refuse(check, `${statements.length} statements`, null, "write one SELECT");
  const [kind] = Object.keys(statements[0]);
  if (!["select", "union", "intersect", "except", "subquery"].includes(kind))
    refuse(check, `a statement of ${kind.replaceAll("_", " ")}`, null);
  const tree = withoutRaw(sdk, check, withoutComments(statements[0]));
  visit(tree, "node", check);
  return written(sdk, tree as Tree, check);
}

const before = "select 1 from t where (\n";

type ParserName = Parameters<Sdk["parse"]>[1];
const parserNames = {
  duckdb: "duckdb",
  postgres: "postgresql",
  bigquery: "bigquery",
  snowflake: "snowflake"
} as Record<DialectName, ParserName>;

let parser: Promise<Sdk> | null = null;

function loadParser(): Promise<Sdk> {
  parser ??= import("@polyglot-sql/sdk");
  return parser;
}

function checkText(check: Check): void {
  if (!check.text.trim())
    throw new UserError(`an empty ${check.what}`, "write it, or take it out of the list");
  if (check.text.length > 20_000) refuse(check, "a text of more than 20,000 characters", null);
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029]/.test(check.text))
    refuse(check, "a control character", null);
}

function parsed(sdk: Sdk, check: Check, sql: string): Tree[] {
  const result = sdk.parse(sql, parserNames[check.dialect]);
  if (result.success) return result.ast as unknown as Tree[];
  const lead = sql === check.text ? 0 : before.length;
  const at = placeIn(check, Math.max(0, (result.errorStart ?? 0) - lead));
  throw new UserError(
    `the ${check.what} cannot be read${at}, ${shortReason(result.error ?? "")}: ${shown(check.text)}`,
    `write it as ${check.dialect} would read it`
  );
}

function selectOf(sdk: Sdk, check: Check): Tree {
  const trees = parsed(sdk, check, `${before}${check.text}\n)`);
  if (trees.length !== 1 || !trees[0].select) refuse(check, "more than one condition", null);
  return withoutComments(trees[0].select) as Tree;
}

// Everything around the condition must be what stands around `true`, so that the text cannot leave its parentheses.
function conditionOf(select: Tree, check: Check): unknown {
  const {where_clause, ...rest} = select;
  const used = Object.keys(rest).filter((key) => !isEmpty(rest[key]));
  if (used.some((key) => !["expressions", "from"].includes(key)))
    refuse(check, "more than a condition", null);
  const paren = ((where_clause as Tree | null)?.this as Tree | undefined)?.paren as Tree | undefined;
  if (!paren) refuse(check, "more than a condition", null);
  return paren?.this;
}

// The parser keeps `not x like 'y'` as raw text: read what follows the NOT by itself.
function withoutRaw(sdk: Sdk, check: Check, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutRaw(sdk, check, item));
  if (!node || typeof node !== "object") return node;
  const raw = (node as Tree).raw as {sql?: unknown} | undefined;
  const denied = typeof raw?.sql === "string" ? /^not\s+([^]*)$/i.exec(raw.sql)?.[1] : undefined;
  if (denied) return negation(sdk, check, denied);
  const entries = Object.entries(node).map(([key, value]) => [key, withoutRaw(sdk, check, value)]);
  return Object.fromEntries(entries);
}

function negation(sdk: Sdk, check: Check, denied: string): unknown {
  const inner = conditionOf(selectOf(sdk, {...check, text: denied}), check) as Tree;
  if (["and", "or"].includes(Object.keys(inner)[0])) refuse(check, "this use of NOT", null, "write not (…)");
  return {not: {this: {paren: {this: withoutRaw(sdk, check, inner)}}}};
}

function visit(value: unknown, rule: Rule, check: Check): void {
  if (isEmpty(value) || rule === "text") return;
  if (Array.isArray(value)) return value.forEach((item) => visit(item, rule, check));
  if (rule === "relation") checkRelation(value as Tree, check);
  if (rule === "node" || rule === "relation") return visitNode(value as Tree, check);
  if (rule !== "name" && rule !== "table" && isWord(value)) return;
  if (rule === "words") return visitWords(value, check);
  if (rule === "name" || rule === "table") return visitName(value as Tree, rule, check);
  visitFields(value as Tree, rule as Shape, "it", check);
}

function visitNode(node: Tree, check: Check): void {
  const [kind, ...others] = Object.keys(node);
  const shape = Object.hasOwn(check.shapes, kind) ? check.shapes[kind] : undefined;
  const body = (node[kind] ?? {}) as Tree;
  if (!shape || others.length > 0) return refuse(check, spoken(kind, body), body);
  visitFields(body, shape, kind, check);
  if (kind === "select" && isEmpty(body.expressions)) refuse(check, "a SELECT of nothing", body);
  if (kind === "literal") checkLiteral(body, check);
  if (kind === "column") checkColumn(body, check);
  if (kind === "table") checkTable(body, check);
  if (kind === "function" || kind === "aggregate_function") checkFunction(body, check);
}

function visitFields(body: Tree, shape: Shape, kind: string, check: Check): void {
  for (const [field, value] of Object.entries(body)) {
    if (isEmpty(value) || ignored.has(field)) continue;

    if (shape[field]) visit(value, shape[field], check);
    else if (!isWord(value)) refuse(check, spokenField(field, kind), body);
  }
}

const ignored = new Set(["span", "inferred_type"]);

// Flags, numbers and single words (such as the unit of an interval) carry no SQL.
const isWord = (value: unknown) =>
  typeof value === "boolean" ||
  typeof value === "number" ||
  (typeof value === "string" && /^\w*$/.test(value));

function visitWords(value: unknown, check: Check): void {
  if (isEmpty(value) || isWord(value)) return;
  if (typeof value !== "object" || Array.isArray(value)) return refuse(check, "this type", null);
  for (const [field, inner] of Object.entries(value as Tree))
    if (!ignored.has(field)) visitWords(inner, check);
}

function visitName(body: Tree, rule: "name" | "table", check: Check): void {
  const name = (typeof body === "string" ? body : body.name) as string;
  const pattern = rule === "table" ? tablePattern : identifierPattern;
  if (typeof name !== "string" || !pattern.test(name)) refuse(check, `the name ${shown(String(name))}`, body);
}

// Literals with escapes of their own, such as e'…' and $$…$$, are not written back as they were read.
function checkLiteral({literal_type: type, value}: Tree, check: Check): void {
  const isNumber = type === "number" && /^[\d.]+(e[+-]?\d+)?$/i.test(String(value));
  if (!isNumber && !["string", "date", "time", "timestamp"].includes(String(type)))
    refuse(check, `a literal of the kind ${String(type).replaceAll("_", " ")}`, null, "write it as '…'");
}

function checkColumn(body: Tree, check: Check): void {
  if (check.what === "query") return;
  const name = (body.name as Tree).name as string;
  if (body.table) refuse(check, `a column with its table's name, ${name}`, body, "write the column alone");
  const {columns} = check;
  if (!columns || columns.some((column) => column.toLowerCase() === name.toLowerCase())) return;
  const near = nearest(name, columns);
  refuse(
    check,
    `an unknown column, ${name}`,
    body,
    near ? `did you mean ${near}?` : `known: ${columns.join(", ")}`
  );
}

// DuckDB joins the parts of a name it does not know, and reads the file of that name.
function checkTable({catalog, schema, name}: Tree, check: Check): void {
  const parts = [catalog, schema, name].map((part) => (part as Tree | null)?.name).filter(Boolean);
  const whole = parts.join(".");
  if (check.dialect === "duckdb" && fileName.test(whole))
    refuse(check, `the name of a file, ${shown(whole)}`, name, "name a table");
}

function checkRelation(node: Tree, check: Check): void {
  const [kind] = Object.keys(node);
  const body = (node[kind] ?? {}) as Tree;
  if (kind === "alias" || kind === "paren") return checkRelation((body.this ?? {}) as Tree, check);
  if (!relationKinds.includes(kind)) refuse(check, `${spoken(kind, body)} in place of a table`, body);
}

function checkFunction(body: Tree, check: Check): void {
  const name = String(body.name).toLowerCase();
  if (!functionNames.has(name)) refuse(check, `the function ${name}`, body, "write it without this function");
}

function written(sdk: Sdk, tree: Tree, check: Check): string {
  const result = sdk.generate([tree], parserNames[check.dialect]);
  if (!result.success || !result.sql?.[0])
    return refuse(check, "something that cannot be written anew", null);
  return result.sql[0];
}

function withoutComments(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutComments);
  if (!node || typeof node !== "object") return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, /comments$/.test(key) ? [] : withoutComments(value)])
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0)
  );
}
