// Measures in a headless Chromium what a page recomputes on an input: `npx tsx bench/browser.ts`.
import {fileURLToPath} from "node:url";
import {bundle} from "../scripts/bundle.js";
import {launch} from "../tests/browser/browser.js";

type Bench = typeof import("./browser/work.js");

const browser = await launch();
const page = await browser.newPage();
const script = await bundle(fileURLToPath(new URL("browser/work.ts", import.meta.url)), "bench");
await page.addScriptTag({content: script});
const names = await page.evaluate(() => Object.keys((globalThis as unknown as {bench: Bench}).bench.works));
console.log(`${"".padEnd(42)}${"median".padStart(10)}${"p95".padStart(10)}  ms`);
for (const name of names) {
  const {median, p95} = await page.evaluate(
    (name) => (globalThis as unknown as {bench: Bench}).bench.measure(name, 300),
    name
  );
  console.log(`${name.padEnd(42)}${median.toFixed(2).padStart(10)}${p95.toFixed(2).padStart(10)}`);
}
await browser.close();
