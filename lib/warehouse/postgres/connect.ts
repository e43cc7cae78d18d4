import type {Client} from "pg";
import pRetry from "p-retry";
import type {PostgresWarehouse} from "../../config/types.js";
import {errorOf} from "./error.js";

export type Driver = (typeof import("pg"))["default"];

// The server is starting, or has no slot free: nothing was done yet, and waiting a little helps.
const isPassing = (error: Error) =>
  ["57P03", "53300"].includes((error as Error & {code?: string}).code ?? "");

/** Returns a connected client; throws a WarehouseError that says what is missing. */
export async function connect(driver: Driver, warehouse: PostgresWarehouse): Promise<Client> {
  try {
    return await pRetry(() => open(driver, warehouse), {
      retries: 4,
      minTimeout: 250,
      shouldRetry: (context) => isPassing("error" in context ? (context.error as Error) : context)
    });
  } catch (error) {
    throw errorOf(error, {warehouse});
  }
}

async function open(driver: Driver, {host, port, database, user, password, ssl}: PostgresWarehouse) {
  const client = new driver.Client({
    host,
    port,
    database,
    user,
    password: password ?? undefined,
    ssl,
    application_name: "expanto",
    connectionTimeoutMillis: 15_000
  });
  // A connection that is lost while idle is told by the next query.
  client.on("error", () => {});
  await client.connect();
  return client;
}
