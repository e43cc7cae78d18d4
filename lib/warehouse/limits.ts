import type {Connector, QueryEstimate} from "./connector.js";
import {WarehouseError} from "./error.js";

/** Throws a WarehouseError where a query would read more than the limit, or where nobody can tell. */
export async function refuseBytes(
  limit: number | null | undefined,
  estimate: () => Promise<Pick<QueryEstimate, "bytes">>
): Promise<void> {
  if (limit === null || limit === undefined) return;
  const {bytes} = await estimate();
  if (bytes === null) {
    throw new WarehouseError(
      "byte-limit",
      "the warehouse cannot tell how many bytes this query reads, and there is a limit",
      "take warehouse.byte_limit out of expanto.config.yaml, or keep the tables as Parquet"
    );
  }
  if (bytes > limit) {
    throw new WarehouseError(
      "byte-limit",
      `the query would read ${readable(bytes)}; the limit is ${readable(limit)}`,
      "narrow the windows or choose fewer metrics, or raise warehouse.byte_limit in expanto.config.yaml"
    );
  }
}

/** Returns the bytes the warehouse expects a query to read, where it can tell. */
export const expectedBytes = (
  warehouse: Pick<Connector, "estimate">,
  sql: string
): Promise<{bytes?: number}> =>
  warehouse.estimate(sql).then(
    ({bytes}) => (bytes === null ? {} : {bytes}),
    () => ({})
  );

/** Returns bytes as people read them: "1.2 GB". */
export function readable(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return `${step && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}
