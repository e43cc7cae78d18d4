import type {Page} from "playwright-core";
import {expect, test} from "vitest";
import {saveEditedExperiment} from "../../lib/editing.js";
import {closeStore} from "../../lib/store.js";
import {openWorkspace} from "../../lib/workspace.js";
import {violations} from "./axe.js";
import {foreignRequests, startedDemo} from "./started-demo.js";
import {fillVariants} from "./variants.js";

const demo = startedDemo();

test("an experiment and an observation are made by forms, run, and read; the SQL follows what is typed", async () => {
  const page = await demo.open("/?experiment=0");
  const known = await demo.json("/api/experiments/1");
  const {exposure_start_datetime: from, exposure_end_datetime: until} = known.observations[0].fields;
  const made = page.getByRole("form", {name: "Experiment"});
  await made.getByLabel("Name").fill("Checkout, seen again");
  await fillVariants(made, ["control", "one-page", "express"]);
  await made.getByLabel("Key metrics").fill("purchase_conversion");
  await page.getByRole("button", {name: "Create the experiment"}).click();
  const form = page.getByRole("form", {name: "New observation"});
  await form.getByLabel("Experiment’s name in the warehouse").fill("faster_checkout");
  await form.getByLabel("Exposure from").fill(from);
  await form.getByLabel("Exposure until").fill(until);
  const sql = page.getByRole("region", {name: "What would run"});
  await expect.poll(() => sql.innerText()).toContain(`'faster_checkout'`);
  const problems = demo.seen.problems.length;
  await form.getByLabel("Filters on assignments").fill("platform in (select 1)");
  await expect.poll(() => sql.innerText()).toMatch(/^this could not be calculated/);
  // The browser itself notes the refusal, 400, in its console.
  expect(demo.seen.problems.splice(problems).join()).toContain("400");
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
      const page = await demo.open(path, {scheme});
      await page.locator(":is(form.fields, table.segments, table.movements):visible").first().waitFor();
      expect([path, await violations(page)]).toEqual([path, []]);
      await page.context().close();
    }
  }
);

test("a page that was opened before somebody saved is not drawn anew under who types", async () => {
  const page = await demo.open("/observations?experiment=2&observation=3");
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
  const open = () => demo.open("/observations?experiment=1&observation=1");
  const [first, second] = [await open(), await open()];
  const save = async (page: typeof first, days: string) => {
    await page.getByLabel("Days after exposure that count").fill(days);
    await page.getByRole("button", {name: "Save", exact: true}).click();
  };
  await save(first, "7");
  await expect
    .poll(async () => (await demo.json("/api/experiments/1")).observations[0].fields.horizon_days)
    .toBe(7);
  const problems = demo.seen.problems.length;
  await save(second, "9");
  await second.getByText("was changed by somebody else").waitFor();
  // The browser itself notes the refusal, 409, in its console.
  expect(demo.seen.problems.splice(problems).join()).toContain("409");
  expect((await demo.json("/api/experiments/1")).observations[0].fields.horizon_days).toBe(7);
  for (const page of [first, second]) await page.context().close();
});

test("an open page follows what others do, without being loaded again", async () => {
  const [list, result] = [await demo.open("/"), await demo.open("/results/4")];
  const marked = (page: Page) => page.evaluate(() => "mark" in document.body.dataset);
  for (const page of [list, result]) await page.evaluate(() => void (document.body.dataset.mark = "kept"));
  const job = async () => Number(/Job\s+(\d+),/.exec(await result.locator("main").innerText())?.[1]);
  const first = await job();
  await demo.send("POST", "/observations/4/calculate");
  await expect.poll(job, {timeout: 20_000}).toBeGreaterThan(first);
  const {id, fields, updatedAt} = await demo.json("/api/experiments/3");
  await demo.send("PUT", `/experiments/${id}`, {
    fields: {...fields, owner: "somebody", hypotheses: "Changed by a colleague."},
    updatedAt
  });
  await list.getByText("Changed by a colleague.").waitFor();
  const beside = await openWorkspace(demo.folder);
  const now = await demo.json("/api/experiments/3");
  const edit = {fields: {...now.fields, hypotheses: "Changed by a command."}, updatedAt: now.updatedAt};
  await saveEditedExperiment(beside, edit, {id: 3});
  closeStore(beside.store);
  await list.getByText("Changed by a command.").waitFor();
  expect(await Promise.all([list, result].map(marked))).toEqual([true, true]);
  for (const each of [list, result]) await each.context().close();
});

test("a change is told at the end of the form: when, which field, from what to what", async () => {
  const {id, fields, updatedAt} = await demo.json("/api/experiments/2");
  await demo.send("PUT", `/experiments/${id}`, {fields: {...fields, owner: "bo"}, updatedAt});
  const page = await demo.open(`/?experiment=${id}`);
  await page.locator("summary", {hasText: "Every change"}).click();
  const newest = page.locator(".trail li").first();
  expect(await newest.innerText()).toMatch(new RegExp(`\\d\\d:\\d\\d.*: owner ${fields.owner} → bo$`));
  await page.context().close();
});

test("by keyboard alone: an experiment is started, paused with a reason, decided, deleted and brought back", async () => {
  const page = await demo.open("/");
  await press(page, "edit One-tap reorder");
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
  expect(demo.seen.problems).toEqual([]);
  expect(foreignRequests(demo)).toEqual([]);
  expect(demo.seen.requests.length).toBeGreaterThan(10);
});
