// A process of its own that reads one database, one statement at a time; whoever started it kills it when that takes too long.
import Database from "better-sqlite3";

const [file, limitsText] = process.argv.slice(2);
const {mostRows, mostInCell, mostInAll} = JSON.parse(limitsText);
const db = new Database(file, {readonly: true, fileMustExist: true, timeout: 1000});
db.pragma("query_only = ON");
db.pragma("trusted_schema = OFF");

const allowed = ["experiments", "observations", "calculation_jobs", "precomputes", "exposures"];
// What reads neither files nor the machine; SQLite's own parser says what a statement calls.
const isKnown = (sql) => /^\s*(select|with|values)\b/i.test(sql);

// SQLite is asked what it would read: the root pages its program opens.
function tablesOf(sql) {
  const roots = new Map(
    db
      .prepare("select rootpage, tbl_name as name from sqlite_schema where rootpage > 0")
      .all()
      .map((d) => [d.rootpage, d.name])
  );
  const opened = db.prepare(`explain ${sql}`).all();
  const tables = opened.flatMap(({opcode, p2, p3}) => {
    if (opcode === "OpenRead") return [p3 === 0 ? (roots.get(p2) ?? "sqlite_schema") : "another database"];
    return opcode === "VOpen" ? ["a virtual table"] : [];
  });
  return [...new Set(tables)];
}

function refuseUnreadable(sql) {
  if (!isKnown(withoutComments(sql))) throw new Error("only one SELECT can be run");
  const statement = db.prepare(sql);
  if (!statement.reader || !statement.readonly) throw new Error("only statements that read can be run");
  const listsJson = /\bjson_(each|tree)\s*\(/i.test(sql);
  const named =
    /\b(pragma_\w+|sqlite_(?:schema|master|temp_\w+|dbpage|stmt|stat\d)|dbstat|fts\w*|load_extension|readfile|writefile|edit)\b/i.exec(
      sql
    );
  const hidden = tablesOf(sql).filter(
    (name) => !allowed.includes(name) && !(name === "a virtual table" && listsJson)
  );
  const refused = named?.[0] ?? hidden.at(0);
  if (refused) throw new Error(`${refused} is not to be read; there are ${allowed.join(", ")}`);
  return statement;
}

const withoutComments = (sql) => sql.replace(/^(\s*(--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/))+/, "");

function run(text) {
  const started = performance.now();
  const statement = refuseUnreadable(text.trim().replace(/;\s*$/, ""));
  const columns = statement.columns().map(({name}) => name);
  const rows = [];
  let size = 0;
  let isCut = false;
  for (const row of statement.raw().iterate()) {
    const shown = row.map(cellOf);
    size += JSON.stringify(shown).length;
    isCut = rows.length >= mostRows || size > mostInAll;
    if (isCut) break;
    rows.push(shown);
  }
  return {columns, rows, isCut, ms: Math.round(performance.now() - started)};
}

function cellOf(value) {
  if (typeof value === "bigint") return Number(value);
  if (Buffer.isBuffer(value)) return `(${value.length} bytes)`;
  return typeof value === "string" && value.length > mostInCell ? `${value.slice(0, mostInCell)}…` : value;
}

process.on("message", ({id, sql}) => {
  try {
    process.send({id, found: run(sql)});
  } catch (error) {
    process.send({id, error: String(error.message).slice(0, 500)});
  }
});
process.on("disconnect", () => process.exit());
