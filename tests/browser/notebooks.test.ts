import {expect, test} from "vitest";
import {addressOf, reload} from "./browser.js";
import {violations} from "./axe.js";
import {foreignRequests, startedDemo} from "./started-demo.js";
import {variantsShown} from "./variants.js";

const demo = startedDemo();

test("two observations are compared: what is different in them, and which numbers moved because of it", async () => {
  for (const id of [1, 2]) await demo.send("POST", `/observations/${id}/calculate`);
  await expect
    .poll(async () => (await jobsOf(1)).every(({status}) => status === "completed"), {timeout: 30_000})
    .toBe(true);
  const unasked = await demo.open("/compare?experiment=1");
  // What the same observation gave before is compared where nobody asks for another.
  await unasked.getByText("Every number is the same in both jobs.").waitFor();
  const {observations} = await demo.json("/api/experiments/1");
  const [to, from] = [1, 2].map((id) =>
    Math.max(
      ...observations.find((each: {id: number}) => each.id === id).jobs.map((job: {id: number}) => job.id)
    )
  );
  const page = await demo.open(`/compare?experiment=1&from=${from}&to=${to}`);
  const changes = page.locator("table.changes");
  await page.locator("table.movements tbody tr").first().waitFor();
  expect(await changes.first().innerText()).toContain("platform = 'ios'");
  expect(await page.locator("td.because").first().innerText()).toContain("filters");
  expect(await page.locator("pre.sql ins, pre.sql del").count()).toBeGreaterThan(0);
  const jobs = await jobsOf(1);
  const [newest] = jobs;
  const same = await demo.open(`/compare?experiment=1&from=${newest.id}&to=${newest.id}`);
  await same.getByText("Every number is the same in both jobs.").waitFor();
  for (const each of [unasked, page, same]) await each.context().close();
});

test("a plan of several metrics becomes an experiment, and a kept plan stands beside what came", async () => {
  const page = await demo.open("/planner");
  const summary = page.locator(".summary");
  await summary.waitFor();
  await page.locator("summary", {hasText: "Metrics"}).click();
  await page.getByRole("checkbox", {name: "Revenue per user", exact: true}).check();
  await expect.poll(() => summary.innerText()).toContain("in each of 2 metrics");
  await page.keyboard.press("Escape");
  const total = async () => Number(/([\d,]+) in all/.exec(await summary.innerText())![1].replaceAll(",", ""));
  const even = await total();
  await page.getByLabel("Allocation").fill("90:10");
  await expect.poll(total).toBeGreaterThan(2 * even);
  await page.getByLabel("Keep this plan with").selectOption({label: "a new experiment"});
  await page.getByLabel("Name of the new experiment").fill("Planned here");
  // What is typed stays while the question changes.
  const uneven = await total();
  await page.getByLabel("Allocation").fill("80 and 20");
  await page.getByText("The answer is still that of what was asked before.").waitFor();
  await page.getByLabel("Allocation").fill("80:10:10");
  await expect.poll(total).not.toBe(uneven);
  await page.getByRole("button", {name: "Keep"}).click();
  await page.getByRole("link", {name: "the experiment"}).click();
  await page.getByText("This experiment is planned.").waitFor();
  expect(await variantsShown(page)).toEqual(["control 0.8 control", "treatment 1 0.1", "treatment 2 0.1"]);
  expect(await page.getByLabel("Key metrics").inputValue()).toBe("purchase_conversion\nrevenue_per_user");
  await page.goto(`${demo.url}/planner?lift=0.04`, {waitUntil: "networkidle"});
  await page.getByLabel("Keep this plan with").selectOption({label: "Search ranking v2"});
  await page.getByRole("button", {name: "Keep"}).click();
  await page.getByText("its Results say how it compares").waitFor();
  await page.goto(`${demo.url}/results/3`, {waitUntil: "networkidle"});
  const rows = page.locator("table.plan-actual tbody tr");
  await rows.first().waitFor();
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringMatching(/^Units\s+[\d,]+\s+[\d,]+$/),
    expect.stringMatching(/^Days\s+\d+\s+\d+ of 28$/),
    expect.stringMatching(/^Smallest lift, purchase conversion\s+\+4\.0%\s+\+[\d.]+%\s*seen \+[\d.]+%$/)
  ]);
  const waiting = page.locator(".waiting");
  await waiting.getByText(/If we wait \d+ days,[\s\S]* if it is the \+4\.0% planned for/).waitFor();
  const width = async () => Number(/to\s+±([\d.]+)%/.exec(await waiting.innerText())![1]);
  await waiting.getByLabel("If we wait, days").fill("1");
  await waiting.getByText("If we wait a day,").waitFor();
  const soon = await width();
  await waiting.getByLabel("If we wait, days").fill("50");
  await waiting.getByText("If we wait 50 days,").waitFor();
  expect(await width()).toBeLessThan(soon);
  expect(new URL(await addressOf(page)).searchParams.get("wait")).toBe("50");
  await page.context().close();
});

test("a plan starts from every unit of a window, measured once a button asks for it; its link keeps the window", async () => {
  const page = await demo.open("/planner?from=units");
  const summary = page.locator(".summary");
  expect(await summary.count()).toBe(0);
  await page.getByRole("button", {name: "Measure"}).click();
  await summary.filter({hasText: /\d days? to see a lift of 5\.0%/}).waitFor({timeout: 30_000});
  const [measured] = /[\d,]+ units\./.exec(await page.locator("main").innerText())!;
  await page.locator("summary", {hasText: "Baselines"}).click();
  expect(await page.locator("details table.values tbody tr").count()).toBeGreaterThan(10);
  const again = await demo.open(await addressOf(page));
  await again.getByText(measured).waitFor();
  await expect.poll(() => again.locator(".summary").innerText()).toBe(await summary.innerText());
  expect(await violations(page)).toEqual([]);
  const problems = demo.seen.problems.length;
  await page.getByLabel("Exposure from (UTC)").fill("2030-01-01");
  await page.getByLabel("Exposure until").fill("2030-02-01");
  await page.getByRole("button", {name: "Measure"}).click();
  await page.getByText("no unit was exposed").waitFor();
  // The browser itself notes the refusal, 400, in its console.
  expect(demo.seen.problems.splice(problems).join()).toContain("400");
  for (const each of [page, again]) await each.context().close();
});

test("a plan starts from typed-in numbers of every type, and its link keeps them", async () => {
  const page = await demo.open("/planner?from=typed");
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
  await reload(page);
  expect(await summary.innerText()).toBe(said);
  await page.context().close();
});

test("all units of a window are planned from once they are measured; until then no answer of another source stands there", async () => {
  const page = await demo.open("/planner");
  const summary = page.locator(".summary");
  await summary.waitFor();
  await page.getByLabel("Traffic and baseline of").selectOption({label: "all units of a window"});
  await summary.waitFor({state: "hidden"});
  expect(await page.getByRole("button", {name: "Keep"}).isVisible()).toBe(false);
  await page.getByRole("button", {name: "Measure"}).click();
  await summary.waitFor();
  expect(await summary.innerText()).toMatch(/days? to see a lift of 5\.0%/);
  await page.context().close();
});

test("a result is published by its button; the report leads on from there, and verifies", async () => {
  const page = await demo.open("/results/3");
  await page.getByRole("button", {name: "Publish report"}).click();
  await page.getByRole("link", {name: "the report"}).click();
  await page.getByRole("button", {name: "Verify"}).click();
  await page.getByText(/^✓ Match/).waitFor();
  await page.goto(`${demo.url}/reports/`, {waitUntil: "networkidle"});
  await page.getByRole("link", {name: "Search ranking v2"}).first().waitFor();
  await page.context().close();
});

test("the catalogue tells what a metric is, where it decides and what it showed; another formula is tried on units that are there", async () => {
  const page = await demo.open("/metrics");
  await page.getByRole("searchbox", {name: "Search"}).fill("bought");
  await page.getByRole("link", {name: "Purchase conversion"}).click();
  const history = page.locator("table.history tbody tr");
  await history.first().waitFor();
  expect(await history.filter({hasText: "Delivery date"}).innerText()).toContain("invalid");
  expect(await history.filter({hasText: "Free-shipping bar"}).innerText()).toMatch(/[▲○▼]/);
  await page.getByLabel("On the units of").selectOption({label: "Free-shipping bar, Main"});
  await page.getByRole("button", {name: "Try it"}).click();
  const tried = page.getByRole("region", {name: "What it comes to"});
  await tried.locator("table").waitFor();
  // The same formula gives what the job gave: rate and units of the control.
  const known = await history.filter({hasText: "Free-shipping bar"}).locator("td").first().innerText();
  expect((await tried.locator("tbody td").first().innerText()).replace(/\s+/g, " ")).toBe(
    known.replace(/\s+/g, " ")
  );
  const yaml = page.getByLabel("Metric as YAML");
  await yaml.fill((await yaml.inputValue()).replace(/event: \w+/, "event: search"));
  await page.getByRole("button", {name: "Try it"}).click();
  await expect.poll(() => tried.locator("tbody td").first().innerText()).not.toContain(known.split(/\s/)[0]);
  const problems = demo.seen.problems.length;
  await yaml.fill("metric_group_name: Mine\nmetrics:\n  - {alias: mine, type: average}");
  await page.getByRole("button", {name: "Try it"}).click();
  await tried.getByText("what you typed:3:").first().waitFor();
  expect(demo.seen.problems.splice(problems).join()).toContain("400");
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

const jobsOf = async (experiment: number): Promise<{id: number; status: string}[]> =>
  (await demo.json(`/api/experiments/${experiment}`)).observations
    .flatMap(({jobs}: {jobs: {id: number; status: string}[]}) => jobs)
    .sort((a: {id: number}, b: {id: number}) => b.id - a.id);

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(demo.seen.problems).toEqual([]);
  expect(foreignRequests(demo)).toEqual([]);
  expect(demo.seen.requests.length).toBeGreaterThan(10);
});
