import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Browser} from "playwright-core";
import {afterAll, beforeAll, expect, test} from "vitest";
import {start} from "../../server/start.js";
import {launch, openPage} from "./browser.js";

// What a stranger sees: an empty folder, one start, and finished results in a real browser.
const stop = new AbortController();
const seen = {requests: [] as string[], problems: [] as string[]};
let browser: Browser;
let url: string;
let served: Promise<void>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-start-"));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}}\n`
  );
  url = await new Promise((ready, fail) => {
    const say = (text: string) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (address) ready(address);
    };
    served = start({folder, port: 0, say, signal: stop.signal});
    served.catch(fail);
  });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stop.abort();
  await served;
});

test("the first page shows the demo's experiments with verdicts, and withholds that of the mismatched one", async () => {
  const page = await openPage(browser, `${url}/`, {}, seen);
  const text = await page.locator(".experiments").innerText();
  expect(text).toMatch(/Free-shipping bar[\s\S]*▲ better[\s\S]*revenue per user/);
  expect(text).toMatch(/Delivery date on product page[\s\S]*SRM[\s\S]*invalid/);
  expect(text).toMatch(/One-tap reorder[\s\S]*not started/);
  await page.context().close();
});

test("a result opens from the list, recomputes without a request, and can be calculated again", async () => {
  const page = await openPage(browser, `${url}/`, {}, seen);
  await page.getByRole("link", {name: "Free-shipping bar"}).click();
  await page.locator("table.results").waitFor();
  const before = await page.locator("table.results").innerText();
  const asked = seen.requests.length;
  await page.getByLabel("Confidence").selectOption({label: "99%"});
  await expect.poll(() => page.locator("table.results").innerText()).not.toBe(before);
  expect(seen.requests.length).toBe(asked);
  const job = () =>
    page
      .locator("main")
      .innerText()
      .then((text) => Number(/Job\s+(\d+),/.exec(text)?.[1]));
  const first = await job();
  await page.getByRole("button", {name: "Calculate again"}).click();
  await expect.poll(job, {timeout: 20_000}).toBeGreaterThan(first);
  await page.context().close();
});

test("a segment recomputes the whole page without a request, its address reproduces it, and segments stand beside each other", async () => {
  const page = await openPage(browser, `${url}/results/1`, {}, seen);
  await page.locator("table.segments tbody tr").first().waitFor();
  const main = () => page.locator("table.results").first().innerText();
  const before = await main();
  const asked = seen.requests.length;
  await page.locator("summary", {hasText: "country"}).click();
  await page.getByRole("checkbox", {name: /^DE/}).check();
  await page.getByText("Only units with country DE").waitFor();
  const sliced = await main();
  expect(sliced).not.toBe(before);
  expect(await page.locator("table.segments tbody tr").allInnerTexts()).toHaveLength(1);
  await page.keyboard.press("Escape");
  await page.getByLabel("By", {exact: true}).selectOption({label: "platform"});
  await expect
    .poll(() =>
      page
        .locator("table.segments tbody th")
        .allInnerTexts()
        .then((names) => names.sort())
    )
    .toEqual(["android", "ios", "web"]);
  expect(seen.requests.length).toBe(asked);
  const again = await openPage(browser, page.url(), {}, seen);
  await again.getByText("Only units with country DE").waitFor();
  expect(await again.locator("table.results").first().innerText()).toBe(sliced);
  for (const each of [page, again]) await each.context().close();
});

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(seen.problems).toEqual([]);
  expect(
    seen.requests.filter((address) => !address.startsWith(url) && !/^(data|blob):/.test(address))
  ).toEqual([]);
  expect(seen.requests.length).toBeGreaterThan(10);
});
