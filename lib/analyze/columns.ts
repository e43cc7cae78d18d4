import {openDuckDB, identifier, type DuckDB} from "../warehouse/duckdb.js";
import type {FileColumns} from "../view-types.js";
import {checkFile, isNumeric, readFile} from "./rows.js";

type Found = FileColumns["columns"][number];

/** Returns the columns of a CSV or Parquet file with what each looks like; throws a UserError where it cannot be read. */
export async function columnsOfFile(file: string): Promise<FileColumns> {
  await checkFile(file);
  const duckdb = await openDuckDB();
  try {
    const columns = await readFile(duckdb, file, []);
    const [{n}] = await duckdb.rows("select count(*) as n from rows");
    const rows = Number(n);
    const found: Found[] = [];
    for (const {name, type} of columns) found.push(await lookedAt(duckdb, {name, type, rows}));
    return {
      rows,
      columns: onlyOne(
        onlyOne(found, "unit", /(^|_)(unit|user|id|key)/i),
        "variant",
        /variant|group|arm|treat/i
      )
    };
  } finally {
    duckdb.close();
  }
}

// More different values are no variants.
const mostValues = 50;

async function lookedAt(
  duckdb: DuckDB,
  {name, type, rows}: {name: string; type: string; rows: number}
): Promise<Found> {
  const column = identifier(name);
  const [{distinct, filled}] = await duckdb.rows(
    `select count(distinct ${column}) as "distinct", count(${column}) as filled from rows`
  );
  const isFew = Number(distinct) <= mostValues;
  const values = isFew
    ? (
        await duckdb.rows(
          `select distinct trim(cast(${column} as varchar)) as value from rows where ${column} is not null order by 1`
        )
      ).map(({value}) => String(value))
    : null;
  const isNumber = isNumeric(type);
  const isFlag =
    type === "BOOLEAN" || (isNumber && values?.every((value) => Number(value) === 0 || Number(value) === 1));
  const isKey = Number(distinct) === rows && Number(filled) === rows && rows > mostValues;
  const looksLike =
    isKey && (!isNumber || /id$|key$/i.test(name))
      ? "unit"
      : isFlag
        ? "proportion"
        : isNumber
          ? "mean"
          : values && values.length > 1 && type === "VARCHAR"
            ? "variant"
            : null;
  return {name, type, values, looksLike};
}

// Of several that look alike, the one that is called so; else the first.
function onlyOne(columns: Found[], kind: "unit" | "variant", called: RegExp): Found[] {
  const alike = columns.filter(({looksLike}) => looksLike === kind);
  const chosen = alike.find(({name}) => called.test(name)) ?? alike[0];
  return columns.map((column) =>
    column.looksLike === kind && column !== chosen ? {...column, looksLike: null} : column
  );
}
