// Measures published reports: `npx tsx bench/reports.ts`. Building 1, 20 and 200 of the widest (50 metrics with covariates,
// 3 variants, 20 × 3 cells, 28 days), what they weigh, and how soon one is there and answers in a headless Chromium.
import {mkdtemp, readFile, rm, stat} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import {gzipSync} from "node:zlib";
import {reportOf} from "../lib/report.js";
import {closeStore} from "../lib/store.js";
import {publish} from "../server/publish.js";
import {buildSite} from "../server/site.js";
import {launch, root, site} from "../tests/browser/browser.js";
import {serveStatic} from "../tests/browser/static-server.js";
import {reportedWorkspace} from "../tests/fixtures/reported.js";
import {wideReport} from "../tests/fixtures/wide-report.js";

await buildSite({root, out: site});
const {workspace} = await reportedWorkspace();
const small = await reportOf(workspace, 1);
const out = await mkdtemp(join(tmpdir(), "expanto-bench-reports-"));
const folder = (n: number) => join(out, String(n));

async function* wide(n: number) {
  for (let id = 1; id <= n; id++) yield wideReport(small, id);
}
async function* stored(n: number) {
  for (let i = 0; i < n; i++) yield await reportOf(workspace, 1);
}

console.log("building".padEnd(52), "s".padStart(8), "ms a report".padStart(12));
for (const n of [1, 20, 200]) await timed(`${n} from the store, small`, n, () => publish(stored(n), {root, site, out: `${folder(n)}-small`})); // prettier-ignore
for (const n of [1, 20, 200])
  await timed(`${n} as pages, widest`, n, () => publish(wide(n), {root, site, out: folder(n)}));
await timed("1 as a file, widest", 1, () => publish(wide(1), {root, site, out, isSingle: true}));
closeStore(workspace.store);

const single = join(out, "experiment-1-1.html");
for (const file of [join(folder(200), "1.html"), join(folder(200), "index.html"), single]) {
  const {size} = await stat(file);
  const packed = gzipSync(await readFile(file)).length;
  console.log(
    `${file.slice(out.length + 1).padEnd(52)} ${(size / 1e6).toFixed(2)} MB, ${(packed / 1e6).toFixed(2)} MB gzipped`
  );
}

const server = await serveStatic(folder(200), "/r/");
const browser = await launch();
console.log("in a browser, median of 7".padEnd(52), "FCP ms".padStart(8), "ready ms".padStart(9), "an answer: median".padStart(19), "p95".padStart(7)); // prettier-ignore
for (const [name, url] of [
  ["static server", `${server.url}1.html`],
  ["file from disk", pathToFileURL(single).href]
]) {
  const [paints, ready]: number[][] = [[], []];
  for (let i = 0; i < 7; i++) {
    const page = await browser.newPage();
    await page.goto(url, {waitUntil: "load"});
    await page.locator("table.segments").first().waitFor();
    ready.push(await page.evaluate(() => performance.now()));
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
    paints.push(
      await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime)
    );
    await page.close();
  }
  const page = await browser.newPage();
  await page.goto(url, {waitUntil: "load"});
  await page.locator("table.segments").first().waitFor();
  // An answer is what the event's handler has put on the page when it returns: sentence, figures and table.
  const answers = await page.evaluate(async () => {
    const select = [...document.querySelectorAll("select")].find((each) =>
      /90%/.test(each.textContent ?? "")
    )!;
    const times: number[] = [];
    for (let i = 0; i < 60; i++) {
      await new Promise((done) => setTimeout(done, 50));
      const started = performance.now();
      select.selectedIndex = i % 4;
      select.dispatchEvent(new Event("input", {bubbles: true}));
      times.push(performance.now() - started);
    }
    return times;
  });
  console.log(name.padEnd(52), quantile(paints, 0.5).padStart(8), quantile(ready, 0.5).padStart(9), quantile(answers, 0.5).padStart(19), quantile(answers, 0.95).padStart(7)); // prettier-ignore
  await page.close();
}
await browser.close();
await server.close();
await rm(out, {recursive: true});

async function timed(what: string, n: number, work: () => Promise<unknown>) {
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  console.log(what.padEnd(52), (ms / 1000).toFixed(2).padStart(8), (ms / n).toFixed(1).padStart(12));
}

function quantile(values: number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1);
}
