import {mkdtemp, readFile, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {csvParse} from "d3-dsv";
import type {Browser, Page} from "playwright-core";
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
  await page.locator("h3").getByRole("link", {name: "Free-shipping bar"}).click();
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

test("a result is held against other readings, a day is left out with its reason, and both are in what is taken along", async () => {
  const page = await openPage(browser, `${url}/results/1`, {}, seen);
  const readings = page.locator("table.readings tbody tr");
  await page.getByLabel("Metric that should hold").selectOption({label: "Revenue per user"});
  await readings.filter({hasText: "capped at 99%"}).waitFor();
  const names = await readings.locator("th").allInnerTexts();
  expect(names).toEqual(
    expect.arrayContaining(["as asked", "with CUPED", "without country DE", "without platform ios"])
  );
  expect(await readings.filter({hasText: "capped at 99%"}).innerText()).toMatch(
    /€[\s\S]*%[\s\S]*(better|unclear|worse)/
  );
  const before = await page.locator("table.results").first().innerText();
  await page.locator("summary", {hasText: "Leave out a day"}).click();
  await page.getByLabel("Reason").fill("the shop was closed");
  await page.getByRole("button", {name: "Leave out"}).click();
  await page.getByText("Without the units first exposed on").waitFor();
  const after = await page.locator("table.results").first().innerText();
  expect(after).not.toBe(before);
  await page.locator("summary", {hasText: "Readout"}).click();
  const text = await page.getByLabel("Readout as Markdown").inputValue();
  expect(text).toMatch(/^\*\*Faster checkout\*\* \(Main/);
  expect(text).toContain("(the shop was closed)");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", {name: /^CSV/}).click();
  const rows = csvParse(await readFile(await (await saved).path(), "utf8"));
  const primary = rows.find(
    ({metric, treatment}) => metric === "purchase_conversion" && treatment === "one-page"
  )!;
  const shown = /Purchase conversion[\s\S]*?([+−][\d.]+)%/.exec(after)![1].replace("−", "-");
  expect((100 * Number(primary.lift)).toFixed(1)).toBe(String(Number(shown).toFixed(1)));
  const picture = page.waitForEvent("download");
  await page.getByRole("button", {name: /^PNG.*exposures/}).click();
  const bytes = await readFile(await (await picture).path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(4000);
  const again = await openPage(browser, page.url(), {}, seen);
  await again.getByText("(the shop was closed)").first().waitFor();
  expect(await again.locator("table.results").first().innerText()).toBe(after);
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

test("an open page follows what others do, without being loaded again", async () => {
  const [list, result] = [
    await openPage(browser, `${url}/`, {}, seen),
    await openPage(browser, `${url}/results/4`, {}, seen)
  ];
  const marked = (page: Page) => page.evaluate(() => "mark" in document.body.dataset);
  for (const page of [list, result]) await page.evaluate(() => void (document.body.dataset.mark = "kept"));
  const job = async () => Number(/Job\s+(\d+),/.exec(await result.locator("main").innerText())?.[1]);
  const first = await job();
  await send("POST", "/observations/4/calculate");
  await expect.poll(job, {timeout: 20_000}).toBeGreaterThan(first);
  const {id, fields, updatedAt} = await (await fetch(`${url}/api/experiments/3`)).json();
  await send("PUT", `/experiments/${id}`, {
    fields: {...fields, owner: "somebody", hypotheses: "Changed by a colleague."},
    updatedAt
  });
  await list.getByText("Changed by a colleague.").waitFor();
  expect(await Promise.all([list, result].map(marked))).toEqual([true, true]);
  for (const each of [list, result]) await each.context().close();
});

test("two observations are compared: what is different in them, and which numbers moved because of it", async () => {
  for (const id of [1, 2]) await send("POST", `/observations/${id}/calculate`);
  await expect
    .poll(async () => (await jobsOf(1)).every(({status}) => status === "completed"), {timeout: 30_000})
    .toBe(true);
  const page = await openPage(browser, `${url}/compare?experiment=1`, {}, seen);
  const changes = page.locator("table.changes");
  await page.locator("table.movements tbody tr").first().waitFor();
  expect(await changes.first().innerText()).toContain("platform = 'ios'");
  expect(await page.locator("td.because").first().innerText()).toContain("filters");
  expect(await page.locator("pre.sql ins, pre.sql del").count()).toBeGreaterThan(0);
  const jobs = await jobsOf(1);
  const [newest] = jobs;
  const same = await openPage(
    browser,
    `${url}/compare?experiment=1&from=${newest.id}&to=${newest.id}`,
    {},
    seen
  );
  await same.getByText("Every number is the same in both jobs.").waitFor();
  for (const each of [page, same]) await each.context().close();
});

test("a plan of several metrics becomes an experiment, and a kept plan stands beside what came", async () => {
  const page = await openPage(browser, `${url}/planner`, {}, seen);
  const summary = page.locator(".summary");
  await summary.waitFor();
  await page.locator("summary", {hasText: "Metrics"}).click();
  await page.getByRole("checkbox", {name: "Revenue per user", exact: true}).check();
  await summary.filter({hasText: "in each of 2 metrics"}).waitFor();
  await page.keyboard.press("Escape");
  const total = async () => Number(/([\d,]+) in all/.exec(await summary.innerText())![1].replaceAll(",", ""));
  const even = await total();
  await page.getByLabel("Allocation").fill("90:10");
  await expect.poll(total).toBeGreaterThan(2 * even);
  await page.getByLabel("Allocation").fill("80:10:10");
  await page.getByLabel("Keep this plan with").selectOption({label: "a new experiment"});
  await page.getByLabel("Name of the new experiment").fill("Planned here");
  await page.getByRole("button", {name: "Keep"}).click();
  await page.getByRole("link", {name: "the experiment"}).click();
  await page.getByText("This experiment is planned.").waitFor();
  expect(await page.getByLabel("Variants").inputValue()).toBe(
    "*control: 0.8\ntreatment 1: 0.1\ntreatment 2: 0.1"
  );
  expect(await page.getByLabel("Key metrics").inputValue()).toBe("purchase_conversion\nrevenue_per_user");
  await page.goto(`${url}/planner?lift=0.04`, {waitUntil: "networkidle"});
  await page.getByLabel("Keep this plan with").selectOption({label: "Search ranking v2"});
  await page.getByRole("button", {name: "Keep"}).click();
  await page.getByText("its Results say how it compares").waitFor();
  await page.goto(`${url}/results/3`, {waitUntil: "networkidle"});
  const rows = page.locator("table.plan-actual tbody tr");
  await rows.first().waitFor();
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringMatching(/^Units\s+[\d,]+\s+[\d,]+$/),
    expect.stringMatching(/^Days\s+\d+\s+\d+ of 28$/),
    expect.stringMatching(/^Smallest lift, purchase conversion\s+\+4\.0%\s+\+[\d.]+%\s*seen \+[\d.]+%$/)
  ]);
  await page.getByText(/If we wait the \d+ days [\s\S]* if it is the \+4\.0% planned for/).waitFor();
  await page.context().close();
});

test("a plan starts from typed-in numbers of every type, and its link keeps them", async () => {
  const page = await openPage(browser, `${url}/planner?from=typed`, {}, seen);
  const summary = page.locator(".summary");
  await page.getByLabel("Share or mean").fill("0.2");
  await page.getByLabel("Units a day").fill("5000");
  // Two rates of 20% and 21%: (1.96·√(2·0.205·0.795) + 0.8416·√(0.2·0.8 + 0.21·0.79))² / 0.01² = 25,583 in each.
  await summary.filter({hasText: /25,58\d units in each of 2 variants/}).waitFor();
  await page.getByRole("button", {name: "Another metric"}).click();
  const row = page.locator(".typed tbody tr").nth(1);
  await row.getByLabel("Type").selectOption("mean");
  await row.getByLabel("Share or mean").fill("10");
  await row.getByLabel("Standard deviation").fill("10");
  await page.locator("summary", {hasText: "Metrics"}).click();
  await page.getByRole("checkbox", {name: "Conversion", exact: true}).uncheck();
  await page.getByRole("checkbox", {name: "Metric 2", exact: true}).check();
  // 2·(1.96 + 0.8416)²·10² / 0.5² = 6,280 in each, and a little more for Student's t.
  await summary.filter({hasText: /6,28\d units in each of 2 variants/}).waitFor();
  const said = await summary.innerText();
  await page.reload({waitUntil: "networkidle"});
  expect(await summary.innerText()).toBe(said);
  await page.context().close();
});

test("by keyboard alone: an experiment is started, paused with a reason, decided, deleted and brought back", async () => {
  const page = await openPage(browser, `${url}/`, {}, seen);
  await press(page, "Edit One-tap reorder");
  await page.getByText("This experiment is planned.").waitFor();
  await press(page, "Start");
  await page.getByText("This experiment is running.").waitFor();
  await press(page, "Pause");
  await page.keyboard.type("the payment provider was down");
  await press(page, "Pause it");
  await page.getByText("This experiment is paused.").waitFor();
  await press(page, "Complete");
  await page.keyboard.type("Not shipped: nobody used it.");
  await press(page, "Complete it");
  await page.getByText("This experiment is completed.").waitFor();
  await page.locator("summary", {hasText: "What happened so far"}).click();
  expect(await page.locator(".lifecycle ol").innerText()).toMatch(
    /planned → running[\s\S]*the payment provider was down[\s\S]*paused → completed/
  );
  expect(await page.getByLabel("Conclusion", {exact: true}).inputValue()).toBe(
    "Not shipped: nobody used it."
  );
  await press(page, "Delete");
  await page.getByText("“One-tap reorder” goes with").waitFor();
  await press(page, "Delete it");
  await page.locator("summary", {hasText: "Deleted in the last 30 days: 1"}).waitFor();
  expect(await page.locator("h3", {hasText: "One-tap reorder"}).count()).toBe(0);
  await page.locator("summary", {hasText: "Deleted in the last 30 days: 1"}).focus();
  await page.keyboard.press("Enter");
  await press(page, "Bring it back");
  await page.locator("h3", {hasText: "One-tap reorder"}).waitFor();
  await page.context().close();
});

const jobsOf = async (experiment: number): Promise<{id: number; status: string}[]> =>
  (await (await fetch(`${url}/api/experiments/${experiment}`)).json()).observations
    .flatMap(({jobs}: {jobs: {id: number; status: string}[]}) => jobs)
    .sort((a: {id: number}, b: {id: number}) => b.id - a.id);

async function send(method: string, path: string, body?: unknown) {
  const headers = {Origin: url, "Content-Type": "application/json"};
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers,
    body: body ? JSON.stringify(body) : undefined
  });
  expect([path, answer.ok]).toEqual([path, true]);
}

// Tabs until what has the focus bears a name, and presses it.
async function press(page: Page, name: string) {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const {activeElement} = document;
      return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent?.trim() ?? "";
    });
    if (focused === name) return await page.keyboard.press("Enter");
  }
  throw new Error(`Tab never reaches ${name}`);
}

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(seen.problems).toEqual([]);
  expect(
    seen.requests.filter((address) => !address.startsWith(url) && !/^(data|blob):/.test(address))
  ).toEqual([]);
  expect(seen.requests.length).toBeGreaterThan(10);
});
