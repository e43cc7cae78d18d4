import {join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import type {ReportBundle} from "../lib/report-types.js";
import {reportsFolder, type Workspace} from "../lib/workspace.js";
import {publish, type Published} from "./publish.js";
import {buildSite} from "./site.js";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Returns where a workspace keeps its built pages, and where its reports go unless somebody says otherwise. */
export const siteOf = ({config}: Pick<Workspace, "config">) => join(config.folders.data, "site");
export const reportsOf = ({config}: Pick<Workspace, "config">) => reportsFolder(config);

/** Returns where reports were written, after building the pages they are made from where those are not there. */
export async function publishTo(
  workspace: Workspace,
  bundles: AsyncIterable<ReportBundle>,
  {out, isSingle}: {out: string | null; isSingle: boolean}
): Promise<Published[]> {
  const site = siteOf(workspace);
  await buildSite({root, out: site});
  return await publish(bundles, {
    root,
    site,
    out: out === null ? reportsOf(workspace) : resolve(out),
    isSingle
  });
}
