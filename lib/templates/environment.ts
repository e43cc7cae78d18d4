import nunjucks from "nunjucks";
import {UserError} from "../errors.js";
import {declaredSql} from "../metrics/declared.js";
import type {DeclaredAggregation} from "../types.js";
import type {Dialect} from "./dialects.js";
import {identifier, stringLiteral, tableName, timestampLiteral} from "./dialects.js";
import {templateLoader} from "./loader.js";
import {runtime} from "./nunjucks.js";
import {checkPrinted, hintOfUnknown} from "./runtime.js";
import type {Leniency} from "./runtime.js";

/** SQL that was checked or made here, and so prints as it is. */
export const Sql = runtime.SafeString;
export type Sql = InstanceType<typeof Sql>;

/** A user aggregation as a template sees it; where it is declared, the filter formula writes its SQL. */
export type FormulaVariable = {sql: Sql; declared: DeclaredAggregation | null};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- filters take what templates give them
type Filter = (...values: any[]) => unknown;
type Environment = nunjucks.Environment & {
  filters: Record<string, Filter>;
  tests: Record<string, Filter>;
  getFilter(name: string): Filter;
  getTest(name: string): Filter;
};

type TemplateOptions = {
  folder: string;
  entry: string;
  variables: Record<string, unknown>;
  dialect: Dialect;
};

/** Returns a template's text for these variables; throws UserError with the place of the mistake. */
export function renderTemplate({folder, entry, variables, dialect}: TemplateOptions): string {
  const leniency: Leniency = {depth: 0, place: null};
  const environment = new nunjucks.Environment(
    templateLoader(folder, leniency) as unknown as nunjucks.ILoader,
    {
      autoescape: false,
      throwOnUndefined: true,
      dev: true // otherwise the cause, which is our error, is lost
    }
  ) as Environment;
  addFilters(environment, dialect);
  nameUnknown(environment, leniency);
  try {
    return environment.render(entry, variables);
  } catch (error) {
    throw causeOf(error);
  }
}

function addFilters(environment: Environment, dialect: Dialect): void {
  for (const name of ["escape", "e", "forceescape", "nl2br", "urlize"]) delete environment.filters[name];
  for (const [name, write] of Object.entries({
    str: stringLiteral,
    ident: identifier,
    table: tableName,
    ts: timestampLiteral
  }))
    environment.addFilter(name, (value: unknown) => new Sql(write(value, dialect)));
  for (const [name, write] of Object.entries({text: dialect.text, double: dialect.double, day: dialect.day}))
    environment.addFilter(name, (value: unknown) => new Sql(write(expression(value, name))));
  environment.addFilter("plus_days", (value: unknown, days: unknown) => {
    if (!Number.isInteger(days))
      throw new UserError(`the filter plus_days was given no whole number of days: ${String(days)}`);
    return new Sql(dialect.plusDays(expression(value, "plus_days"), days as number));
  });
  environment.addFilter(
    "first_by",
    (value: unknown, order: unknown) =>
      new Sql(dialect.firstBy(expression(value, "first_by"), expression(order, "first_by")))
  );
  environment.addFilter("formula", (value: FormulaVariable, column: unknown) => {
    if (!value?.declared) return value.sql;
    const literal = (text: string) => stringLiteral(text, dialect);
    return new Sql(declaredSql(value.declared, {column: identifier(column, dialect), literal}));
  });
  environment.addFilter("join", joined);
  // Printing is checked for everybody: `safe` must not be a way round it.
  environment.addFilter("safe", (value: unknown) => value);
  for (const [name, value] of Object.entries({True: true, False: false, None: null}))
    environment.addGlobal(name, value);
}

function expression(value: unknown, filter: string): string {
  checkPrinted(value, `what the filter ${filter} was given`);
  return String(value);
}

function joined(list: unknown[], separator: unknown = "", member?: string): Sql {
  const values = member ? list.map((value) => (value as Record<string, unknown>)[member]) : list;
  for (const value of values) checkPrinted(value, "a value of a joined list");
  return new Sql(values.map(String).join(String(separator ?? "")));
}

// A filter or test is asked for before its arguments are evaluated: so these may look at what does not exist.
function nameUnknown(environment: Environment, leniency: Leniency): void {
  environment.getFilter = (name) =>
    name === "default" || name === "d"
      ? leniently(found(environment.filters, name === "d" ? "default" : name, "filter"), leniency)
      : found(environment.filters, name, "filter");
  environment.getTest = (name) =>
    name === "defined" || name === "undefined"
      ? leniently(found(environment.tests, name, "test"), leniency)
      : found(environment.tests, name, "test");
}

function leniently(filter: Filter, leniency: Leniency): Filter {
  leniency.depth++;
  return function (this: unknown, ...values) {
    leniency.depth--;
    return filter.apply(this, values);
  };
}

function found(known: Record<string, Filter>, name: string, what: string): Filter {
  if (Object.hasOwn(known, name)) return known[name];
  throw new UserError(`unknown ${what}: ${name}`, hintOfUnknown(name, Object.keys(known)));
}

function causeOf(error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  return error.cause ? causeOf(error.cause) : error;
}
