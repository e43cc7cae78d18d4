import type {AddressInfo} from "node:net";
import {createAdaptorServer} from "@hono/node-server";
import type {ServerType} from "@hono/node-server";
import type {Hono} from "hono";
import {UserError} from "../lib/errors.js";

/** Where to listen; port 0 takes any free one. */
export type ServeOptions = {host?: string; port: number};

/** A server that answers at url until it is closed. */
export type Serving = {url: string; close: () => Promise<void>};

/** Returns once the app answers on this machine alone; throws UserError where host or port cannot be had. */
export async function serve(app: Hono, {host = "127.0.0.1", port}: ServeOptions): Promise<Serving> {
  if (!["127.0.0.1", "localhost"].includes(host)) {
    const hint = "there is no sign-in yet, so only this machine may reach it: use 127.0.0.1";
    throw new UserError(`cannot serve on ${host}`, hint);
  }
  const server = createAdaptorServer({fetch: app.fetch});
  await listening(server, port);
  const {port: taken} = server.address() as AddressInfo;
  return {url: `http://127.0.0.1:${taken}`, close: () => closed(server)};
}

function listening(server: ServerType, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, port)));
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

function explained(error: NodeJS.ErrnoException, port: number): Error {
  const hint = "give another with --port or server.port in expanto.config.yaml";
  if (error.code === "EADDRINUSE")
    return new UserError(`port ${port} is in use`, `stop what uses it, or ${hint}`);
  if (error.code === "EACCES") return new UserError(`port ${port} needs special rights`, hint);
  return error;
}

function closed(server: ServerType): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
