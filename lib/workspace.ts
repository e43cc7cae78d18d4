import {join} from "node:path";
import {loadConfig} from "./config.js";
import {metricFilesSeen, requireMetrics, type Registry} from "./metrics.js";
import {openStore, type Store} from "./store.js";
import type {Config} from "./config/types.js";

/** What every command and every request works on: one configuration, one registry, one store. */
export type Workspace = {
  config: Config;
  registry: Registry;
  store: Store;
  /** What the metric files were when the registry was read. */
  metricFiles?: string;
};

/** Returns the file of the database. */
export const storeFile = ({folders}: Config): string => join(folders.data, "expanto.db");

/** Returns the folder reports go to unless somebody says otherwise. */
export const reportsFolder = ({folders}: Config): string => join(folders.data, "reports");

/** Returns the workspace of a folder, its store opened; throws a UserError that lists all that is wrong with its files. */
export const openWorkspace = async (folder: string): Promise<Workspace> =>
  workspaceOf(await loadConfig(folder));

/** Returns the workspace of a configuration, as openWorkspace does. */
export async function workspaceOf(config: Config): Promise<Workspace> {
  const metricFiles = await metricFilesSeen(config.folders.metrics);
  const registry = await requireMetrics(config.folders.metrics);
  return {config, registry, metricFiles, store: await openStore(storeFile(config))};
}

/** Reads the metrics again where their files were changed; throws a UserError that lists what is wrong with them, and keeps those it had. */
export async function refreshMetrics(workspace: Workspace): Promise<void> {
  const {folders} = workspace.config;
  if (workspace.metricFiles === undefined) return;
  const seen = await metricFilesSeen(folders.metrics);
  if (seen === workspace.metricFiles) return;
  workspace.registry = await requireMetrics(folders.metrics);
  workspace.metricFiles = seen;
}
