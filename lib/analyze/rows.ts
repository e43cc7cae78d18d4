import {stat} from "node:fs/promises";
import {extname, resolve} from "node:path";
import {UserError} from "../errors.js";
import {counted} from "../stats/words.js";
import {identifier, literal, type Column, type DuckDB} from "../warehouse/duckdb.js";
import {readCsv} from "./csv.js";
import {unknownName, type Asked, type Measure} from "./question.js";

/** What no number counts, and is said: rows without a variant or unit, units in several variants, units without a value by column. */
export type LeftOut = {
  rowsWithoutVariant: number;
  rowsWithoutUnit: number;
  crossovers: number;
  missing: Record<string, number>;
};

/** Throws a UserError where there is no file with content. */
export async function checkFile(file: string) {
  const found = await stat(file).catch(() => null);
  if (!found) throw new UserError(`there is no file ${file}`, `looked in ${resolve(file)}`);
  if (found.isDirectory()) throw new UserError(`${file} is a folder`, "name one CSV or Parquet file");
  if (!found.size) throw new UserError(`${file} is empty`, "it needs a header line and one row a unit");
}

/** Makes the table rows of a CSV or Parquet file and returns its columns; throws a UserError that names the line that is broken. */
export async function readFile(duckdb: DuckDB, file: string, labels: string[]): Promise<Column[]> {
  if (extname(file).toLowerCase() === ".parquet") await readParquet(duckdb, file);
  else await readCsv(duckdb, file, labels);
  const [{n}] = await duckdb.rows("select count(*) as n from rows");
  if (!n) throw new UserError(`${file} holds no rows`, "it needs a header line and one row a unit");
  const columns = await duckdb.columns("select * from rows");
  if (columns.some(({name}) => name.includes("\0")))
    throw new UserError(
      `${file} has a column whose name holds a NUL character`,
      "give the column another name"
    );
  return columns;
}

async function readParquet(duckdb: DuckDB, file: string) {
  await duckdb
    .rows(`create table rows as select * from read_parquet(${literal(resolve(file))})`)
    .catch((error: Error) => {
      throw new UserError(
        `${file} cannot be read: ${error.message.split("\n")[0]}`,
        "it must be CSV with a header line, or Parquet"
      );
    });
}

/** Throws a UserError for a column whose values cannot be what they are asked as. */
export async function checkValues(duckdb: DuckDB, {measures, columns}: Asked) {
  for (const measure of measures) {
    const type = columns.find((d) => d.name === measure.column)!.type;
    if (isNumeric(type)) await checkNumbers(duckdb, measure);
    else if (type !== "BOOLEAN") await refuseText(duckdb, measure, type);
  }
}

/** Returns whether a column of an engine's type holds numbers. */
export const isNumeric = (type: string) =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type);

async function refuseText(duckdb: DuckDB, {column, kind}: Measure, type: string) {
  const name = identifier(column);
  const [{filled}] = await duckdb.rows(`select count(${name}) as filled from rows`);
  if (!filled)
    throw new UserError(`column ${column} has no value in any row`, "leave it out, or name another");
  const odd = type === "VARCHAR" ? `try_cast(${name} as double) is null` : "true";
  const samples = await duckdb.rows(
    `select distinct cast(${name} as varchar) as value from rows where ${name} is not null and ${odd} order by 1 limit 3`
  );
  const shown = samples.map(({value}) => JSON.stringify(value)).join(", ");
  throw new UserError(
    `column ${column} holds ${type === "VARCHAR" ? "text" : type.toLowerCase()}, not numbers: ${shown}`,
    kind === "proportion" ? "a proportion needs TRUE/FALSE or 0/1" : "a mean needs numbers"
  );
}

async function checkNumbers(duckdb: DuckDB, {column, kind}: Measure) {
  const value = `cast(${identifier(column)} as double)`;
  const infinite = await oddRows(duckdb, `isinf(${value})`, column);
  if (infinite)
    throw new UserError(
      `column ${column} holds infinite values in ${infinite}`,
      "repair or remove those rows: no mean can be taken over them"
    );
  const odd =
    kind === "proportion"
      ? await oddRows(duckdb, `${value} not in (0, 1) and not isnan(${value})`, column)
      : null;
  if (odd)
    throw new UserError(
      `column ${column} is not a proportion: it holds other values than 0 and 1 in ${odd}`,
      `use --mean ${column}`
    );
}

async function oddRows(duckdb: DuckDB, condition: string, column: string): Promise<string | null> {
  const numbered = `select row_number() over () as row, ${identifier(column)} as value from rows`;
  const found = await duckdb.rows(
    `select row, cast(value as varchar) as value, count(*) over () as n from (${numbered.replace("as value", "as value, *")}) where ${condition} order by row limit 3`
  );
  if (!found.length) return null;
  return `${counted(Number(found[0].n), "row")}, such as ${found.map(({row, value}) => `${value} in row ${row}`).join(", ")}`;
}

const mostVariants = 200;

/** Makes the table units (one row a unit, its variant, one column a measure) and returns what was left out. */
export async function unitRows(duckdb: DuckDB, asked: Asked): Promise<LeftOut> {
  const {unit, variant, measures, aggregate} = asked;
  const id = unit === undefined ? "row_number() over ()" : identifier(unit);
  const values = measures.map((measure) => `${valueOf(measure)} as ${measure.alias}`).join(", ");
  await duckdb.rows(
    `create table numbered as select ${id} as unit_id, nullif(trim(cast(${identifier(variant)} as varchar)), '') as variant, ${values} from rows`
  );
  const [{rowsWithoutVariant, rowsWithoutUnit}] = await duckdb.rows(
    `select count(*) filter (where variant is null) as "rowsWithoutVariant", count(*) filter (where variant is not null and unit_id is null) as "rowsWithoutUnit" from numbered`
  );
  if (!aggregate) await refuseRepeated(duckdb, asked);
  await checkVariants(duckdb, asked);
  const sums = measures
    .map(({alias, kind}) => `${kind === "proportion" ? "max" : "sum"}(${alias}) as ${alias}`)
    .join(", ");
  await duckdb.rows(
    `create table units as select unit_id, any_value(variant) as variant, count(distinct variant) > 1 as crossover, ${sums}
     from numbered where variant is not null and unit_id is not null group by unit_id`
  );
  return {
    rowsWithoutVariant: Number(rowsWithoutVariant),
    rowsWithoutUnit: Number(rowsWithoutUnit),
    crossovers: 0,
    missing: await countMissing(duckdb, asked)
  };
}

function valueOf({column, isBoolean}: Measure): string {
  const value = `cast(${identifier(column)} as double)`;
  return isBoolean ? value : `case when not isnan(${value}) then ${value} end`;
}

async function refuseRepeated(duckdb: DuckDB, {unit}: Asked) {
  const repeated = await duckdb.rows(
    `select cast(unit_id as varchar) as unit, count(*) as times, count(distinct variant) as variants, count(*) over () as n
     from numbered where unit_id is not null group by unit_id having count(*) > 1 order by times desc, unit limit 3`
  );
  if (!repeated.length) return;
  const few = repeated
    .map((d) => `${d.unit} (${d.times} rows${Number(d.variants) > 1 ? ` in ${d.variants} variants` : ""})`)
    .join(", ");
  throw new UserError(
    `${counted(Number(repeated[0].n), `value of ${unit} occurs`, `values of ${unit} occur`)} in more than one row: ${few}${Number(repeated[0].n) > 3 ? ", …" : ""}`,
    "each row must be one unit; --aggregate sums the rows of a unit"
  );
}

async function checkVariants(duckdb: DuckDB, {variant, control}: Asked) {
  const found = await duckdb.rows(
    "select variant, count(*) over () as n from numbered where variant is not null group by variant order by variant limit 201"
  );
  const names = found.map((row) => String(row.variant));
  if (!names.length)
    throw new UserError(`column ${variant} has no value in any row`, "it must name each unit's variant");
  if (names.length > mostVariants) {
    throw new UserError(
      `column ${variant} has ${found[0].n} different values: that is not a variant`,
      "name the column that says which variant a unit was given"
    );
  }
  if (!names.includes(control)) throw unknownName("variant", control, names, "--control");
  if (names.length < 2)
    throw new UserError(
      `column ${variant} has one variant only: ${names[0]}`,
      "a comparison needs a control and at least one other variant"
    );
}

async function countMissing(duckdb: DuckDB, {measures}: Asked): Promise<Record<string, number>> {
  const counts = measures.map(({alias}) => `count(*) filter (where ${alias} is null) as ${alias}`).join(", ");
  const [row] = await duckdb.rows(`select ${counts} from units`);
  return Object.fromEntries(measures.map(({alias, column}) => [column, Number(row[alias])]));
}
