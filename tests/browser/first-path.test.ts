import {readFile} from "node:fs/promises";
import {csvParse} from "d3-dsv";
import {expect, test} from "vitest";
import {addressOf} from "./browser.js";
import {foreignRequests, startedDemo} from "./started-demo.js";

const demo = startedDemo();

test("the first page shows the demo's experiments with verdicts, and withholds that of the mismatched one", async () => {
  const page = await demo.open("/");
  const text = await page.locator(".experiments").innerText();
  expect(text).toMatch(/Free-shipping bar[\s\S]*▲ better[\s\S]*revenue per user/);
  expect(text).toMatch(/Delivery date on product page[\s\S]*SRM[\s\S]*invalid/);
  expect(text).toMatch(/One-tap reorder[\s\S]*not started/);
  await page.context().close();
});

test("a result opens from the list, recomputes without a request, and can be calculated again", async () => {
  const page = await demo.open("/");
  await page.locator("h3").getByRole("link", {name: "Free-shipping bar"}).click();
  await page.locator("table.results").first().waitFor();
  const before = await page.locator("table.results").first().innerText();
  await page.locator("table.readings tr", {hasText: "capped at 99%"}).waitFor();
  await page.waitForLoadState("networkidle");
  const asked = demo.seen.requests.length;
  await page.getByLabel("Confidence").selectOption({label: "99%"});
  await expect.poll(() => page.locator("table.results").first().innerText()).not.toBe(before);
  expect(demo.seen.requests.slice(asked)).toEqual([]);
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
  const page = await demo.open("/results/1");
  await page.locator("table.segments tbody tr").first().waitFor();
  const main = () => page.locator("table.results").first().innerText();
  const before = await main();
  const asked = demo.seen.requests.length;
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
  expect(demo.seen.requests.slice(asked)).toEqual([]);
  const again = await demo.open(await addressOf(page));
  await again.getByText("Only units with country DE").waitFor();
  expect(await again.locator("table.results").first().innerText()).toBe(sliced);
  for (const each of [page, again]) await each.context().close();
});

test("the units answer what no cell can: a condition and a quantile; a link asks it again, and a wrong column says so", async () => {
  const page = await demo.open("/results/1");
  await page.locator("summary", {hasText: "Ask the units"}).click();
  await page.getByLabel("Only units where").fill("country = 'DE' or platform <> 'web'");
  const chosen = (name: string) => page.locator(`details.units select[name=${name}]`);
  await chosen("by").selectOption({label: "by platform"});
  await chosen("metric").selectOption({label: "Page load seconds (slowest tenth of users)"});
  await page.getByRole("form", {name: "Ask the units"}).getByRole("button", {name: "Ask"}).click();
  const answer = (of: typeof page) => of.getByRole("region", {name: "What the units answer"});
  await answer(page).waitFor();
  const groups = await answer(page).locator("tr.group").allInnerTexts();
  expect(groups.map((text) => text.split(":")[0].trim()).sort()).toEqual(["android", "ios", "web"]);
  expect(await answer(page).locator("tbody tr:not(.group)").count()).toBe(3);
  const again = await demo.open(await addressOf(page));
  await answer(again).waitFor();
  expect(await answer(again).innerText()).toBe(await answer(page).innerText());
  await again.context().close();
  const problems = demo.seen.problems.length;
  await page.getByLabel("Only units where").fill("contry = 'DE'");
  await page.getByRole("form", {name: "Ask the units"}).getByRole("button", {name: "Ask"}).click();
  const reason = page.locator(".units-answer .problem");
  await reason.waitFor();
  expect(await reason.innerText()).toMatch(/contry[\s\S]*country/);
  // The browser itself notes the refusal, 400, in its console.
  expect(demo.seen.problems.splice(problems).join()).toContain("400");
  await page.getByRole("button", {name: "Clear"}).click();
  await expect.poll(() => new URL(page.url()).searchParams.has("units-where")).toBe(false);
  await expect.poll(() => page.locator(".units-answer").count()).toBe(0);
  await page.context().close();
});

test("a result is held against other readings, a day is left out with its reason, and both are in what is taken along", async () => {
  const page = await demo.open("/results/1");
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
  const again = await demo.open(await addressOf(page));
  await again.getByText("(the shop was closed)").first().waitFor();
  expect(await again.locator("table.results").first().innerText()).toBe(after);
  for (const each of [page, again]) await each.context().close();
});

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(demo.seen.problems).toEqual([]);
  expect(foreignRequests(demo)).toEqual([]);
  expect(demo.seen.requests.length).toBeGreaterThan(10);
});
