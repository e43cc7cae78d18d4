import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Browser} from "playwright-core";
import {afterAll, beforeAll, expect, test} from "vitest";
import {start} from "../../server/start.js";
import {violations} from "./axe.js";
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
  await page.locator("table.results").first().waitFor();
  const before = await page.locator("table.results").first().innerText();
  const asked = seen.requests.length;
  await page.getByLabel("Confidence").selectOption({label: "99%"});
  await expect.poll(() => page.locator("table.results").first().innerText()).not.toBe(before);
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

test("an experiment and an observation are made by forms, run, and read; the SQL follows what is typed", async () => {
  const page = await openPage(browser, `${url}/?experiment=0`, {}, seen);
  const known = await (await fetch(`${url}/api/experiments/1`)).json();
  const {exposure_start_datetime: from, exposure_end_datetime: until} = known.observations[0].fields;
  const made = page.getByRole("form", {name: "Experiment"});
  await made.getByLabel("Name").fill("Checkout, seen again");
  await made.getByLabel("Variants").fill("*control\none-page\nexpress");
  await made.getByLabel("Key metrics").fill("purchase_conversion");
  await page.getByRole("button", {name: "Create the experiment"}).click();
  const form = page.getByRole("form", {name: "New observation"});
  await form.getByLabel("Experiment’s name in the warehouse").fill("faster_checkout");
  await form.getByLabel("Exposure from").fill(from);
  await form.getByLabel("Exposure until").fill(until);
  const sql = page.getByRole("region", {name: "What would run"});
  await expect.poll(() => sql.innerText()).toContain(`'faster_checkout'`);
  const problems = seen.problems.length;
  await form.getByLabel("Filters on assignments").fill("platform in (select 1)");
  await expect.poll(() => sql.innerText()).toMatch(/^this could not be calculated/);
  // The browser itself notes the refusal, 400, in its console.
  expect(seen.problems.splice(problems).join()).toContain("400");
  await form.getByLabel("Filters on assignments").fill("platform = 'ios'");
  await expect.poll(() => sql.innerText()).toMatch(/platform"? = 'ios'/);
  await page.getByRole("button", {name: "Create", exact: true}).click();
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.locator("summary", {hasText: /Job \d+ completed/}).waitFor({timeout: 30_000});
  await page.getByRole("link", {name: "Results"}).last().click();
  await page.locator("table.results").first().waitFor();
  expect(await page.locator("h1").innerText()).toBe("Checkout, seen again");
  await page.context().close();
});

test.each(["light", "dark"] as const)(
  "observations and segments have no accessibility violation in %s",
  async (scheme) => {
    for (const path of [
      "/observations?experiment=1&observation=1",
      "/?experiment=0",
      "/?experiment=1",
      "/compare?experiment=1",
      "/results/1?in=country:DE"
    ]) {
      const page = await openPage(browser, url + path, {scheme}, seen);
      await page.locator("form.fields, table.segments, table.movements").first().waitFor();
      expect([path, await violations(page)]).toEqual([path, []]);
      await page.context().close();
    }
  }
);

test("a page that was opened before somebody saved is not drawn anew under who types", async () => {
  const page = await openPage(browser, `${url}/observations?experiment=2&observation=3`, {}, seen);
  const days = page.getByLabel("Days after exposure that count");
  await days.fill("5");
  await page.getByRole("button", {name: "Run again"}).first().click();
  await page
    .getByText(/Job (?!3 )\d+ completed/)
    .first()
    .waitFor({timeout: 30_000});
  expect(await days.inputValue()).toBe("5");
  await page.context().close();
});

test("who saves second is told, and overwrites nothing", async () => {
  const open = () => openPage(browser, `${url}/observations?experiment=1&observation=1`, {}, seen);
  const [first, second] = [await open(), await open()];
  const save = async (page: typeof first, days: string) => {
    await page.getByLabel("Days after exposure that count").fill(days);
    await page.getByRole("button", {name: "Save", exact: true}).click();
  };
  await save(first, "7");
  await expect
    .poll(
      async () => (await (await fetch(`${url}/api/experiments/1`)).json()).observations[0].fields.horizon_days
    )
    .toBe(7);
  const problems = seen.problems.length;
  await save(second, "9");
  await second.getByText("was changed by somebody else").waitFor();
  // The browser itself notes the refusal, 409, in its console.
  expect(seen.problems.splice(problems).join()).toContain("409");
  expect((await (await fetch(`${url}/api/experiments/1`)).json()).observations[0].fields.horizon_days).toBe(
    7
  );
  for (const page of [first, second]) await page.context().close();
});

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(seen.problems).toEqual([]);
  expect(
    seen.requests.filter((address) => !address.startsWith(url) && !/^(data|blob):/.test(address))
  ).toEqual([]);
  expect(seen.requests.length).toBeGreaterThan(10);
});
