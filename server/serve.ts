import type {AddressInfo} from "node:net";
import {createAdaptorServer} from "@hono/node-server";
import type {ServerType} from "@hono/node-server";
import type {Hono} from "hono";
import {refuseOpenDoor} from "../lib/access/ways-in.js";
import {UserError} from "../lib/errors.js";

/** Where to listen; port 0 takes any free one. isGuarded: people must say who they are. */
export type ServeOptions = {host?: string; port: number; isGuarded?: boolean};

/** A server that answers at url until it is closed. */
export type Serving = {url: string; close: () => Promise<void>};

/** Returns once the app answers; throws UserError where host or port cannot be had. */
export async function serve(
  app: Hono,
  {host: asked = "127.0.0.1", port, isGuarded = false}: ServeOptions
): Promise<Serving> {
  refuseOpenDoor({host: asked}, isGuarded);
  const host = asked === "localhost" ? "127.0.0.1" : asked;
  const server = createAdaptorServer({fetch: app.fetch});
  await listening(server, {host, port});
  const {port: taken} = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {url: `http://${name}:${taken}`, close: () => closed(server)};
}

function listening(server: ServerType, {host, port}: {host: string; port: number}): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, {host, port})));
    server.listen(port, host, () => resolve());
  });
}

function explained(error: NodeJS.ErrnoException, {host, port}: {host: string; port: number}): Error {
  if (["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL"].includes(error.code ?? ""))
    return new UserError(`${host} is no address of this machine`, "server.host names where it listens");
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
