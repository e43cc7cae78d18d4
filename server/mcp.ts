import {readFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {serveMcp} from "../agents/mcp.js";
import {closeStore} from "../lib/store.js";
import {openWorkspace} from "../lib/workspace.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Serves the folder's workspace to one client over standard input and output, until it goes. */
export async function mcp(folder = process.cwd()): Promise<void> {
  const {version} = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const workspace = await openWorkspace(folder);
  await serveMcp(workspace, {root, version});
  closeStore(workspace.store);
}
