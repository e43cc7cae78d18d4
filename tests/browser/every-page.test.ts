// What holds on every page and state of the started demo, in any width, on paper, and where an answer does not come.
import {beforeAll, expect, test, vi} from "vitest";
import {addressOf} from "./browser.js";
import {violations} from "./axe.js";
import {foreignRequests, startedDemo} from "./started-demo.js";

const demo = startedDemo();

// Each with what has to stand there before it is looked at.
const states: [path: string, shows: string][] = [
  ["/", ".experiments li"],
  ["/?experiment=0", "form.fields"],
  ["/?experiment=1", ".lifecycle"],
  ["/?search=nothing+like+this", ".empty"],
  ["/observations?experiment=1", "table.observations tbody"],
  ["/observations?experiment=1&observation=1", ".preview pre.sql"],
  ["/observations?experiment=4", ".job-failure pre.sql .lit"],
  ["/results/1", "table.readings tbody tr"],
  ["/results/3", ".waiting"],
  ["/results/6", ".readiness"],
  ["/results/999", "[role=alert]"],
  ["/planner", "table.plan"],
  ["/planner?from=typed", "table.plan"],
  ["/planner?from=units", "form.fields"],
  ["/metrics", "main table"],
  ["/metrics?metric=purchase_conversion", "table.history"],
  ["/file", "h1"],
  ["/compare?experiment=1", "table.movements"],
  ["/compare?experiment=2", ".empty"],
  ["/no-such-page", "h1"]
];

// A job that fails in the warehouse, for what is said of it.
beforeAll(async () => {
  const {observations} = await demo.json("/api/experiments/4");
  const fields = {...observations[0].fields, name: "Mistyped", event_filters: ["platfrom = 'ios'"]};
  await demo.send("POST", "/experiments/4/observations", {fields});
  const made = async () =>
    (await demo.json("/api/experiments/4")).observations.find(
      (each: {fields: {name: string}}) => each.fields.name === "Mistyped"
    );
  await demo.send("POST", `/observations/${(await made()).id}/calculate`);
  await vi.waitFor(async () => expect((await made()).jobs[0].status).toBe("failed"), {timeout: 30_000});
});

const opened = async (path: string, shows: string, options = {}) => {
  const page = await demo.open(path, options);
  await page.locator(shows).first().waitFor({timeout: 30_000});
  return page;
};

test.each([420, 1600])("at %i pixels no page is wider than the window", async (width) => {
  const wide: string[] = [];
  for (const [path, shows] of states) {
    const page = await opened(path, shows, {width});
    const found = await page.evaluate(() => document.documentElement.scrollWidth);
    if (found > width) wide.push(`${path}: ${found}`);
    await page.context().close();
  }
  expect(wide).toEqual([]);
});

test("at 420 pixels the labels of every scale stand apart, and a metric's words have more than half of the width", async () => {
  const page = await opened("/results/1", "table.segments tfoot", {width: 420});
  const gaps = await page.locator(".scale svg.axis").evaluateAll((axes) =>
    axes.flatMap((axis) => {
      const shown = [...axis.querySelectorAll("text")].map((label) => label.getBoundingClientRect());
      const drawn = shown.filter(({width}) => width).sort((a, b) => a.left - b.left);
      return drawn.slice(1).map(({left}, i) => left - drawn[i].right);
    })
  );
  expect(gaps.length).toBeGreaterThan(2);
  expect(Math.min(...gaps)).toBeGreaterThan(2);
  await page.goto(`${demo.url}/metrics`);
  const words = page.locator(".metrics tbody tr:not(.group) th");
  await words.first().waitFor();
  const widths = await words.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
  expect(Math.min(...widths)).toBeGreaterThan(210);
  await page.context().close();
});

test.each(["light", "dark"] as const)(
  "no page or state has an accessibility violation in %s",
  async (scheme) => {
    const found: string[] = [];
    for (const [path, shows] of states) {
      const page = await opened(path, shows, {scheme});
      found.push(...(await violations(page)).map((violation) => `${path}: ${violation}`));
      await page.context().close();
    }
    expect(found).toEqual([]);
  }
);

test("nothing moves for who asked for no motion", async () => {
  const page = await opened("/results/1", "table.readings tbody tr");
  await page.getByLabel("Confidence").selectOption({label: "99%"});
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.context().close();
});

test.each(["/results/1", "/results/3"])(
  "%s prints on two A4 pages at most, without inputs or sidebar",
  async (path) => {
    const page = await opened(path, "table.readings tbody tr", {scheme: "dark"});
    const pdf = (await page.pdf({preferCSSPageSize: true})).toString("latin1");
    expect(pdf.match(/\/Type \/Page\b(?!s)/g)!.length).toBeLessThanOrEqual(2);
    const [, wide, high] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf)!.map(Number);
    // A4 in points, rounded by the browser to whole pixels.
    expect([Math.abs(wide - 595.3) < 1, Math.abs(high - 841.9) < 1]).toEqual([true, true]);
    await page.emulateMedia({media: "print"});
    expect(
      await page
        .locator("#observablehq-sidebar, main :is(input, select, textarea)")
        .filter({visible: true})
        .count()
    ).toBe(0);
    expect(await page.locator("table.results").first().isVisible()).toBe(true);
    await page.context().close();
  }
);

const broken: [path: string, asked: RegExp, left: string][] = [
  ["/results/1", /\/api\/jobs\/\d+\/cells/, "table.results tbody"],
  ["/results/1", /\/api\/observations\/1\/overlaps/, "table.readings tbody tr"],
  ["/", /\/api\/deleted/, ".experiments li"],
  ["/", /\/api\/changes/, ".experiments li"],
  ["/observations?experiment=1", /\/api\/experiments\/1\/preview/, "table.observations tbody"]
];

test.each(broken)("%s without an answer of %s: what hangs on it fails alone", async (path, asked, left) => {
  const context = await demo.browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", ({message}) => problems.push(message));
  await page.route(asked, (route) =>
    route.fulfill({status: 500, json: {error: "the disk is full", hint: "make room"}})
  );
  await page.goto(demo.url + path, {waitUntil: "load"});
  await page.locator(left).first().waitFor({timeout: 30_000});
  if (!/changes/.test(asked.source)) {
    const said = page.getByText("the disk is full").first();
    await said.waitFor();
    expect(
      await said.locator("xpath=ancestor-or-self::*[contains(@class, 'failure')]").first().innerText()
    ).toMatch(/make room/i);
  }
  expect(problems).toEqual([]);
  await context.close();
});

test("a reading that cannot be asked for says why in its own row", async () => {
  const context = await demo.browser.newContext();
  const page = await context.newPage();
  await page.route(/\/slice/, (route) => route.fulfill({status: 500, json: {error: "the disk is full"}}));
  await page.goto(`${demo.url}/results/1`, {waitUntil: "load"});
  const rows = page.locator("table.readings tbody tr");
  await rows.first().waitFor({timeout: 30_000});
  await page.getByLabel("Metric that should hold").selectOption({label: "Revenue per user"});
  await rows.filter({hasText: "the disk is full"}).first().waitFor();
  expect(await rows.filter({hasText: "with CUPED"}).innerText()).toMatch(/[▲○▼]/);
  await context.close();
});

test("a server that does not answer is told with a way out, on every page", async () => {
  for (const path of ["/", "/observations", "/results/1", "/planner", "/metrics", "/compare?experiment=1"]) {
    const context = await demo.browser.newContext();
    const page = await context.newPage();
    await page.route(/\/api\//, (route) => route.abort());
    await page.goto(demo.url + path, {waitUntil: "load"});
    await page.getByText("the server does not answer").first().waitFor();
    await page.getByText("Start it again, or tell whoever runs it").first().waitFor();
    expect(await page.getByRole("link", {name: "To the experiments"}).count()).toBeGreaterThan(0);
    await context.close();
  }
});

test("Back returns to a page as it was left, inputs included", async () => {
  const page = await opened("/results/1", "table.readings tbody tr");
  await page.getByLabel("Confidence").selectOption({label: "99%"});
  await page.getByLabel("absolute").focus();
  await page.keyboard.press("Space");
  await page
    .locator("caption", {hasText: /^\s*Difference of.*99% intervals/})
    .first()
    .waitFor();
  await page.waitForURL(/confidence=0.99.*scale=absolute/);
  // Trends are drawn last and say nothing in words: only blanks tell whether they are there yet.
  const words = async () => (await page.locator("table.results").first().innerText()).split(/\s+/);
  const [address, table] = [await addressOf(page), await words()];
  await page.getByRole("link", {name: "Planner"}).click();
  await page.locator("table.plan").waitFor();
  await page.getByLabel("Lift, %").fill("8");
  await page.locator(".summary", {hasText: "lift of 8.0%"}).waitFor();
  await page.getByRole("link", {name: "Metrics"}).click();
  await page.locator("main table").first().waitFor();
  await page.goBack();
  await page.locator(".summary", {hasText: "lift of 8.0%"}).waitFor();
  await page.goBack();
  await page.locator("table.readings tbody tr").first().waitFor();
  expect(page.url()).toBe(address);
  expect(await words()).toEqual(table);
  await page.goForward();
  await page.locator(".summary", {hasText: "lift of 8.0%"}).waitFor();
  await page.context().close();
});

test("no other host was asked", () => {
  expect(foreignRequests(demo)).toEqual([]);
});
