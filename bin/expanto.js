#!/usr/bin/env node
// Plain JavaScript, so that it can say what is missing before anything else is loaded.
import {existsSync} from "node:fs";

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Expanto needs Node 20 or later; this is ${process.version}.`);
  process.exit(2);
}
if (!existsSync(new URL("../node_modules/.package-lock.json", import.meta.url))) {
  console.error("Expanto is not installed yet; run: npm install   (npm start does it by itself)");
  process.exit(2);
}
// Each running query holds a thread of this pool; with the default of four, files would wait behind queries.
process.env.UV_THREADPOOL_SIZE ??= "16";
const {register} = await import("tsx/esm/api");
register();
const {main} = await import("../lib/cli/main.ts");
const start = async (options) => (await import("../server/start.ts")).start(options);
const publish = async (...asked) => (await import("../server/publishing.ts")).publishTo(...asked);
const mcp = async () => (await import("../server/mcp.ts")).mcp();
process.exitCode = await main(process.argv.slice(2), {start, publish, mcp});
