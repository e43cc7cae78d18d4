import {UserError} from "../../errors.js";
import {WarehouseError, withLine, type WarehouseErrorKind} from "../error.js";

type DriverError = Error & {code?: string | number};

/** What surrounds an error: the query as people know it, and how many lines of ours stand before it. */
type Context = {sql?: string; linesBefore?: number; account?: string};

const kinds: Record<string, WarehouseErrorKind> = {
  "000904": "missing",
  "002003": "missing",
  "002043": "missing",
  "001003": "syntax",
  "000008": "syntax",
  "000604": "cancelled",
  "000630": "timeout",
  "003001": "credentials",
  "000606": "credentials"
};

const hints: Partial<Record<WarehouseErrorKind, string>> = {
  credentials:
    "check warehouse.user, role, warehouse and private_key_file in expanto.config.yaml, that the key is registered for the user (ALTER USER … SET RSA_PUBLIC_KEY), and what the role may read",
  network: "check warehouse.account in expanto.config.yaml and the connection to the network",
  missing:
    "check the names in the template's sources.sql, in metrics, filters, dimensions and audience tables",
  syntax: "a template gives exactly one SELECT in Snowflake's dialect",
  timeout: "narrow the windows or choose fewer metrics, or raise warehouse.time_limit_seconds"
};

/** Returns an error of the driver or the service as a WarehouseError with its kind, its own words and its place. */
export function errorOf(thrown: unknown, {sql = "", linesBefore = 0, account}: Context): UserError {
  if (thrown instanceof UserError) return thrown;
  const error = thrown as DriverError;
  const kind = kindOf(String(error.code ?? ""), error.message);
  const place = /line (\d+) at position (\d+)/.exec(error.message);
  const line = place ? Number(place[1]) - linesBefore : 0;
  const at = line > 0 ? {line, column: Number(place![2]) + 1} : null;
  const own = at
    ? error.message.replace(/line \d+ at position/, `line ${at.line} at position`)
    : error.message;
  const words = kind === "network" && account ? `account ${account} cannot be reached: ${own}` : own;
  return new WarehouseError(kind, withLine(words, sql, at), hints[kind] ?? null, at);
}

function kindOf(code: string, message: string): WarehouseErrorKind {
  const padded = code.padStart(6, "0");
  if (kinds[padded]) return kinds[padded];
  if (code.startsWith("39") || /private key|passphrase|decrypt|cipher|pkcs|jwt/i.test(message))
    return "credentials";
  if (code.startsWith("40") || /ECONN|ENOTFOUND|EAI_AGAIN|network|socket/i.test(message)) return "network";
  return "other";
}
