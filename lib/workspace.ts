import {mkdir} from "node:fs/promises";
import {join} from "node:path";
import {loadConfig} from "./config.js";
import {requireMetrics, type Registry} from "./metrics.js";
import {openStore, type Store} from "./store.js";
import type {Config} from "./types.js";

/** What every command and every request works on: one configuration, one registry, one store. */
export type Workspace = {config: Config; registry: Registry; store: Store};

/** Returns the workspace of a folder, its store opened; throws a UserError that lists all that is wrong with its files. */
export const openWorkspace = async (folder: string): Promise<Workspace> =>
  workspaceOf(await loadConfig(folder));

/** Returns the workspace of a configuration, as openWorkspace does. */
export async function workspaceOf(config: Config): Promise<Workspace> {
  const registry = await requireMetrics(config.folders.metrics);
  await mkdir(config.folders.data, {recursive: true});
  return {config, registry, store: await openStore(join(config.folders.data, "expanto.db"))};
}
