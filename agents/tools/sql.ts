import {z} from "zod";
import {tool} from "../types.js";

export const queryDatabase = tool({
  name: "query_database",
  description:
    "Runs one SELECT on Expanto's metadata in SQLite, read-only, at most 200 rows and 3 seconds. The reader sees the SQL and the rows. Never compute statistics with it.",
  schema: z.object({sql: z.string().min(6).max(8000)}),
  limitMs: 10_000,
  run: async ({sql}, {query, signal}) => {
    const {columns, rows, isCut} = await query(sql, signal);
    return {
      value: {
        sql,
        rows: rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
        is_cut: isCut
      },
      said: `${rows.length}${isCut ? " or more" : ""} ${rows.length === 1 ? "row" : "rows"}`
    };
  }
});
