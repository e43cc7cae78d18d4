import {UserError} from "../../errors.js";
import type {PostgresWarehouse} from "../../config/types.js";
import {positionOf, WarehouseError, withLine, type WarehouseErrorKind} from "../error.js";

type DriverError = Error & {code?: string; position?: string};

/** What surrounds an error: the SQL as people know it, and how many characters of ours stand before it. */
type Context = {sql?: string; lead?: number; warehouse?: PostgresWarehouse; isAborted?: boolean};

/** Returns an error of the driver or the server as a WarehouseError with its kind, its own words and its place. */
export function errorOf(thrown: unknown, {sql, lead = 0, warehouse, isAborted}: Context): UserError {
  if (isAborted) return new WarehouseError("cancelled", "the query was cancelled");
  if (thrown instanceof UserError) return thrown;
  const error = thrown as DriverError;
  const kind = kindOf(error);
  const offset = Number(error.position ?? NaN) - 1 - lead;
  const at = sql && offset >= 0 && offset <= sql.length ? positionOf(sql, offset) : null;
  const words = kind === "network" ? networkWords(error, warehouse) : error.message;
  return new WarehouseError(kind, withLine(words, sql ?? "", at), hints[kind] ?? null, at);
}

const hints: Partial<Record<WarehouseErrorKind, string>> = {
  credentials:
    "check warehouse.user in expanto.config.yaml and EXPANTO_POSTGRES_PASSWORD, and what that user may read",
  network: "check warehouse.host, port and ssl in expanto.config.yaml, and that the server is running",
  missing:
    "check the names in the template's sources.sql, in metrics, filters, dimensions and audience tables",
  syntax: "a template gives exactly one SELECT in PostgreSQL's dialect",
  timeout: "narrow the windows or choose fewer metrics, or raise warehouse.time_limit_seconds",
  busy: "the server is short of resources: try again later"
};

const missing = ["3D000", "3F000", "42P01", "42703", "42883", "42704"];

function kindOf({code = "", message}: DriverError): WarehouseErrorKind {
  if (code === "57014") return /statement timeout/.test(message) ? "timeout" : "cancelled";
  if (code.startsWith("28") || code === "42501" || /password must be a string/.test(message))
    return "credentials";
  if (missing.includes(code)) return "missing";
  if (code.startsWith("42") || code === "25006" || code === "0A000") return "syntax";
  if (code.startsWith("53") || code === "57P03") return "busy";
  const isLost =
    /^(E[A-Z]+|08\w+|57P0[12])$/.test(code) || /terminated|timeout expired|closed|SSL/.test(message);
  return isLost ? "network" : "other";
}

// Node joins the errors of several addresses into one without a message.
function networkWords(error: DriverError, warehouse: PostgresWarehouse | undefined): string {
  const [first] = (error as unknown as AggregateError).errors ?? [error];
  const words = first.message || error.code || "the connection was lost";
  return warehouse ? `${warehouse.host}:${warehouse.port} cannot be reached: ${words}` : words;
}
