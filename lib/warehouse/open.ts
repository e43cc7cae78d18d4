import type {Warehouse} from "../config/types.js";
import {traced} from "../trace.js";
import type {Connector} from "./connector.js";
import {openEmbedded, embeddedIdentity} from "./embedded.js";

/**
 * Returns a connector to the configured warehouse; its driver is loaded here and not before. Throws a UserError where
 * it cannot be reached or refuses the credentials. `writable` are the folders an embedded engine may write to.
 */
export async function openConnector(warehouse: Warehouse, options: {writable: string[]}): Promise<Connector> {
  const connector = await opened(warehouse, options);
  const {run} = connector;
  return {
    ...connector,
    run: (sql, options) => traced("query", {name: connector.dialect}, () => run.call(connector, sql, options))
  };
}

async function opened(warehouse: Warehouse, {writable}: {writable: string[]}): Promise<Connector> {
  switch (warehouse.type) {
    case "duckdb":
      return openEmbedded(warehouse, {writable});
    case "postgres":
      return (await import("./postgres.js")).openPostgres(warehouse);
    case "bigquery":
      return (await import("./bigquery.js")).openBigQuery(warehouse);
    case "snowflake":
      return (await import("./snowflake.js")).openSnowflake(warehouse);
  }
}

/**
 * Returns a text that names the source of all numbers: of an embedded warehouse it changes with any of its files, of
 * another it names the connection alone.
 */
export async function warehouseIdentity(warehouse: Warehouse): Promise<string> {
  switch (warehouse.type) {
    case "duckdb":
      return embeddedIdentity(warehouse);
    case "postgres":
      return `postgres ${warehouse.host}:${warehouse.port}/${warehouse.database}`;
    case "bigquery":
      return `bigquery ${warehouse.project} ${warehouse.location ?? ""} ${warehouse.dataset ?? ""}`;
    case "snowflake":
      return `snowflake ${warehouse.account} ${warehouse.database ?? ""} ${warehouse.schema ?? ""}`;
  }
}
