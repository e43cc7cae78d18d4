import {open} from "node:fs/promises";
import {resolve} from "node:path";
import {UserError} from "../errors.js";
import {literal, type DuckDB} from "../warehouse/duckdb.js";

/**
 * Makes the table rows of a CSV file with a header line; throws a UserError with the line that is broken. The
 * columns named as labels are read as the text they are: an id of twenty digits has no exact number.
 */
export async function readCsv(duckdb: DuckDB, file: string, labels: string[]) {
  const header = await firstLine(file);
  const delimiter = delimiterOf(header);
  // Left to guess, the reader takes for preamble or comment what it cannot read, and says nothing of it.
  const exact = ["skip = 0", "comment = ''"];
  const dialect = [
    "header = true",
    ...exact,
    `delim = ${literal(delimiter)}`,
    "quote = '\"'",
    "escape = '\"'"
  ];
  try {
    const source = await typedSource(duckdb, {file, dialect, labels});
    await duckdb.rows(`create table rows as select * from ${source}`);
  } catch (error) {
    const columns = fieldsOf(header, delimiter);
    throw (await brokenRow(duckdb, file, {dialect, columns})) ?? unreadable(file, error);
  }
}

const nulls = "nullstr = ['', 'NA', 'N/A', 'NULL', 'null', 'NaN', 'nan']";

async function typedSource(
  duckdb: DuckDB,
  {file, dialect, labels}: {file: string; dialect: string[]; labels: string[]}
): Promise<string> {
  // The whole file decides each column's type: a text in the last row is found as one in the first.
  const options = [literal(resolve(file)), ...dialect, "sample_size = -1", nulls];
  const names = (await duckdb.columns(`select * from read_csv(${options.join(", ")})`)).map(({name}) => name);
  const texts = labels
    .filter((label) => names.includes(label))
    .map((label) => `${literal(label)}: 'VARCHAR'`);
  return `read_csv(${[...options, ...(texts.length ? [`types = {${texts.join(", ")}}`] : [])].join(", ")})`;
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(65536), 0, 65536, 0);
    return buffer.toString("utf8", 0, bytesRead).split(/\r?\n|\r/)[0];
  } finally {
    await handle.close();
  }
}

// The header decides: guessed from all rows, one broken row could make the whole file a single column.
function delimiterOf(header: string): string {
  return [",", ";", "\t", "|"].reduce((best, delimiter) =>
    fieldsOf(header, delimiter) > fieldsOf(header, best) ? delimiter : best
  );
}

const fieldsOf = (header: string, delimiter: string) =>
  header.replace(/"[^"]*"/g, "").split(delimiter).length;

// With its columns given, the reader names the line that does not fit, where its own guessing only gives up.
async function brokenRow(
  duckdb: DuckDB,
  file: string,
  {dialect, columns}: {dialect: string[]; columns: number}
): Promise<UserError | null> {
  const types = Array.from({length: columns}, (_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  const options = [...dialect, "auto_detect = false", `columns = {${types}}`];
  const said = await duckdb
    .rows(`select count(*) from read_csv(${literal(resolve(file))}, ${options.join(", ")})`)
    .then(
      () => "",
      (error: Error) => error.message
    );
  const [line, what] = [
    said.match(/CSV Error on Line: (\d+)/)?.[1],
    said.match(
      /^(Expected Number of Columns.*|Value with unterminated quote.*|.*not utf-8.*|.*encoding.*)$/im
    )?.[1]
  ];
  if (!line) return null;
  return new UserError(
    `the row is broken: ${(what ?? "it cannot be read").toLowerCase().replace(/\.$/, "")}`,
    "repair that row, or remove it",
    {file, line: Number(line), column: 1}
  );
}

function unreadable(file: string, error: unknown): UserError {
  const said = (error instanceof Error ? error.message : String(error))
    .split("\n")[0]
    .replace(/^[\w ]*Error: /, "");
  return new UserError(`${file} cannot be read: ${said}`, "it must be CSV with a header line, or Parquet");
}
