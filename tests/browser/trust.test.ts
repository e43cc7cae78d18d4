import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import type {Page} from "playwright-core";
import {expect, test} from "vitest";
import {violations} from "./axe.js";
import {reload} from "./browser.js";
import {foreignRequests, startedDemo} from "./started-demo.js";

const demo = startedDemo();

const shown = (page: Page) => page.locator("table.results").first().locator("button.opener");

test("a changed definition marks its metric, and one button computes only what changed", async () => {
  const file = join(demo.folder, "metrics", "orders.yaml");
  const yaml = await readFile(file, "utf8");
  await writeFile(file, yaml.replace(/(alias: revenue_per_user\n)/, "$1    cap: 200\n"));
  const page = await demo.open("/results/4");
  const notice = page.getByRole("region", {name: "Out of date"});
  await notice
    .getByText("the definition of Revenue per user has changed since this was calculated")
    .waitFor();
  expect(await notice.innerText()).toMatch(/Of \d+ metrics only Revenue per user may have other numbers now/);
  const stale = page.locator("table.results th", {has: page.locator("small.stale")});
  expect(await stale.allInnerTexts()).toEqual([
    expect.stringMatching(/^Revenue per user[\s\S]*out of date$/)
  ]);
  expect(await violations(page)).toEqual([]);
  const before = await stale.locator("xpath=..").locator("td").first().innerText();
  await notice.getByRole("button", {name: "Compute what changed"}).click();
  await notice.waitFor({state: "detached"});
  // A cap is taken off what the pieces hold: nothing was read again.
  await page.locator("dl.facts", {hasText: /0 computed, \d+ were there/}).waitFor();
  const row = page.locator("table.results tr", {hasText: "Revenue per user"}).first();
  await expect.poll(() => row.locator("td").first().innerText()).not.toBe(before);
  await writeFile(file, yaml);
  await page.context().close();
});

test("groups and tags choose what the table shows; the address reproduces it, and the answer stays", async () => {
  const page = await demo.open("/results/1");
  const all = await shown(page).count();
  const answer = await page.locator(".summary").innerText();
  await page.locator("summary", {hasText: "Metric groups"}).click();
  await page.getByRole("checkbox", {name: "Orders", exact: true}).check();
  await expect.poll(() => shown(page).count()).toBeLessThan(all);
  expect(await page.locator("table.results caption").first().innerText()).toMatch(/\d+ metrics are hidden/);
  const some = await shown(page).allInnerTexts();
  expect(await page.locator(".summary").innerText()).toBe(answer);
  await reload(page);
  expect(await shown(page).allInnerTexts()).toEqual(some);
  await page.context().close();
});

test("an effect is followed by events, by units until a day, and by each day's units", async () => {
  const page = await demo.open("/results/1");
  expect(await page.locator("td.trend svg").count()).toBeGreaterThan(0);
  const chart = page.getByRole("img", {name: /^Lift of Purchase conversion by day/});
  await chart.waitFor();
  const last = async () => /it ends at (\S+),/.exec((await chart.getAttribute("aria-label"))!)![1];
  const whole = await last();
  await page.getByLabel("Follow").selectOption({label: "units that had come until each day"});
  await page.getByText("of the units that had come until each day, with all their events").waitFor();
  // On the last day all units have come, so that both ways end at the whole's lift.
  expect(await last()).toBe(whole);
  await page.getByLabel("Follow").selectOption({label: "units of each day"});
  await page.getByRole("img", {name: /^Lift of Purchase conversion by day of first exposure/}).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test("the split of every part is listed, and a mismatch is open from the start", async () => {
  const page = await demo.open("/results/6");
  const tables = page.locator("details.splits table");
  await tables.first().waitFor();
  expect(await page.locator("details.splits summary").innerText()).toMatch(
    /parts are split other than planned/
  );
  expect(await tables.locator("b", {hasText: "off"}).count()).toBeGreaterThan(0);
  await page.context().close();
});

test("shares changed while an experiment runs make periods, each with its own split and effect", async () => {
  const {fields, updatedAt} = await demo.json("/api/experiments/2");
  const variants = fields.variants.map((variant: {control?: boolean}) => ({
    ...variant,
    allocation: variant.control ? 0.2 : 0.8
  }));
  await demo.send("PUT", "/experiments/2", {fields: {...fields, variants}, updatedAt});
  const page = await demo.open("/results/3");
  const rows = page.locator("table.periods tbody tr");
  await rows.first().waitFor();
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringMatching(/^until [\s\S]*50 : 50[\s\S]*(unclear|better|worse)/),
    expect.stringMatching(/^from [\s\S]*20 : 80[\s\S]*no whole day lies in it/)
  ]);
  // Who came before the change is held to the shares of then.
  expect(await page.getByRole("complementary", {name: "Readiness"}).innerText()).toContain(
    "No sample ratio mismatch"
  );
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test("experiments on the same units are crossed, on demand", async () => {
  const page = await demo.open("/results/1");
  await page.getByRole("button", {name: "Cross their units"}).click();
  const rows = page.locator("table.crossing tbody tr");
  await rows.first().waitFor();
  const texts = await rows.allInnerTexts();
  expect(texts.map((text) => text.split("\n")[0])).toContain("Search ranking v2");
  expect(texts.find((text) => text.startsWith("Delivery date"))).toContain("invalid");
  expect(texts.find((text) => text.startsWith("Larger product"))).toMatch(/(no sign|differs)/);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test("a file is dropped, its columns are guessed, and its analysis stands there; what is wrong with one is said", async () => {
  const page = await demo.open("/file");
  expect(await violations(page)).toEqual([]);
  const lines = Array.from(
    {length: 400},
    (_, i) => `u${i},${i % 2 ? "new" : "control"},${(i * 7) % 11},${i % 3 ? 1 : 0}`
  );
  const dropped = (name: string, text: string) =>
    page.locator(".file-drop").evaluate(
      (place, [name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        place.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
      },
      [name, text]
    );
  await dropped("own.csv", `user,arm,orders,bought\n${lines.join("\n")}\n`);
  const button = page.getByRole("button", {name: "Analyse"});
  await button.waitFor();
  expect(await page.getByLabel("Variant").inputValue()).toBe("arm");
  expect(await page.getByLabel("Control").inputValue()).toBe("control");
  expect(await page.locator("select[name=unit]").inputValue()).toBe("user");
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator("table.results").waitFor();
  expect(await shown(page).allInnerTexts()).toEqual(["orders", "bought"]);
  expect(await page.locator(".summary").innerText()).toContain("orders");
  await page.getByLabel("Confidence").selectOption("99%");
  await page.locator("caption", {hasText: "99% intervals"}).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.locator(".file-form summary", {hasText: "Metrics"}).click();
  await page.locator(".file-form").getByRole("checkbox", {name: "bought"}).first().uncheck();
  await expect.poll(() => shown(page).allInnerTexts()).toEqual(["orders"]);
  const problems = demo.seen.problems.length;
  await dropped("own.csv", "user,arm,orders\nu1,control\n");
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").innerText()).toMatch(/own\.csv/);
  expect(demo.seen.problems.splice(problems).join()).toContain("400");
  await page.context().close();
});

test("experiments are put in order and found by the days they ran, and a link does so again", async () => {
  const page = await demo.open("/");
  const names = () => page.locator(".experiments h3").allInnerTexts();
  const all = await names();
  await page.getByLabel("Order").selectOption({label: "by name"});
  await expect.poll(names).toEqual([...all].sort());
  await page.getByLabel("Ran from").fill("2100-01-01");
  await page.getByText("No experiment matches.").waitFor();
  await page.getByLabel("Ran from").fill("");
  await expect.poll(names).toEqual([...all].sort());
  await reload(page);
  await expect.poll(names).toEqual([...all].sort());
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(demo.seen.problems).toEqual([]);
  expect(foreignRequests(demo)).toEqual([]);
});
