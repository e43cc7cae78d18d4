import type {Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, describe, expect, test} from "vitest";
import {violations} from "./axe.js";
import {addressOf, setStage, reload} from "./browser.js";
import type {PageOptions, Stage} from "./browser.js";
import {hostileName} from "./fixtures.js";

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await setStage();
});
afterEach(() => page.context().close());
afterAll(() => stage.close());

async function open(path: string, options?: PageOptions) {
  page = await stage.open(path, options);
  return page;
}

const verdicts = () => page.locator("table.results").first().locator("td.verdict").allTextContents();

describe("Experiments", () => {
  test("shows each experiment with interval, verdict and traffic", async () => {
    await open("/");
    expect(await page.locator(".experiments li").count()).toBe(6);
    const checkout = page.locator("li", {hasText: "Faster checkout"});
    expect(await checkout.locator("svg.interval").count()).toBe(2);
    expect(await checkout.innerText()).toContain("better");
    expect(await checkout.innerText()).toContain("SRM ok");
    expect(await page.locator("li", {hasText: "Delivery date"}).innerText()).toMatch(
      /SRM p <0.001[\s\S]*invalid/
    );
  });

  test("a planned experiment has no interval", async () => {
    await open("/");
    const planned = page.locator("li", {hasText: "One-tap reorder"});
    expect(await planned.locator("svg.interval").count()).toBe(0);
    expect(await planned.innerText()).toContain("not started");
  });

  test("search and status narrow the list, and nothing found says so", async () => {
    await open("/");
    await page.getByRole("searchbox", {name: "Search"}).fill("address step");
    expect(await page.locator(".experiments h3").allInnerTexts()).toEqual(["Faster checkout"]);
    await page.getByLabel(/^running/).focus();
    await page.keyboard.press("Space");
    await page.getByText("No experiment matches").waitFor();
  });

  test("leads to a result", async () => {
    await open("/");
    await page.locator("h3").getByRole("link", {name: "Faster checkout"}).click();
    await page.waitForURL("**/results/1");
    await page.locator("table.results").first().waitFor();
  });
});

describe("Results", () => {
  test("answers in a sentence before the table", async () => {
    await open("/results/1");
    expect(await page.locator(".summary").innerText()).toBe(
      "one page raises purchase conversion by 7.2%, with a 95% interval from +1.0% to +13.4%. That is better. One guardrail, refund rate, is worse."
    );
    expect(await page.locator(".readiness").innerText()).toContain("Ready to read");
    expect(await page.locator("tr.group").allInnerTexts()).toEqual([
      "Primary",
      "Secondary",
      "Guardrails",
      "Other metrics"
    ]);
    expect(await verdicts()).toEqual([
      "▲ better",
      "○ unclear",
      "▲ better",
      "▼ worse",
      "▲ better",
      "↑ higher"
    ]);
  });

  test("an absent value says its reason in its own row", async () => {
    await open("/results/1");
    const row = page.locator(".results tr", {hasText: "Gifts per voucher"}).first();
    expect(await row.locator("td").innerText()).toBe("the denominator is 0 in every unit");
  });

  test("the effect over time ends where the table does, and follows the inputs", async () => {
    await open("/results/1");
    const chart = (label: string | RegExp) => page.getByRole("img", {name: label});
    await chart("Lift of Purchase conversion by day; it ends at 7.2%, between 1.0% and 13.4%").waitFor();
    await page.getByLabel("Confidence").selectOption({label: "99%"});
    await chart(/Lift of Purchase conversion by day; it ends at 7\.2%, between −/).waitFor();
    const metric = page.getByLabel("Metric", {exact: true});
    await metric.selectOption({index: 1});
    await chart(/^Lift of (?!Purchase)/).waitFor();
    expect(await page.getByText("to decide on the first day it leaves zero").count()).toBe(1);
  });

  test("every input changes the numbers without a request, and the address keeps it", async () => {
    await open("/results/1");
    const asked = stage.requests.length;
    const caption = (text: string) => page.locator(".results > caption", {hasText: text}).first().waitFor();
    const lifts = () => page.locator("tr:has(> th .opener) td:nth-child(4)").allInnerTexts();
    const before = await lifts();
    await page.getByLabel("Confidence").selectOption({label: "99%"});
    await caption("99% intervals");
    const wider = await lifts();
    await page.getByLabel("Compare").selectOption({label: "express"});
    await caption("Lift of express");
    const other = await lifts();
    await page.getByLabel("absolute").focus();
    await page.keyboard.press("Space");
    await page.getByRole("columnheader", {name: "Difference"}).first().waitFor();
    const absolute = await lifts();
    expect(new Set([before, wider, other, absolute].map(String)).size).toBe(4);
    expect(absolute[0]).toContain("pp");
    expect(stage.requests.length).toBe(asked);
    expect(new URL(await addressOf(page)).search).toBe("?variant=express&confidence=0.99&scale=absolute");
    await reload(page);
    expect(await lifts()).toEqual(absolute);
  });

  test("other ways to read it: a correction, always-valid intervals and one side change the numbers, and a link keeps them", async () => {
    await open("/results/1");
    const caption = page.locator(".results > caption").first();
    const cells = () => page.locator("tr:has(> th .opener) td.p").allInnerTexts();
    const before = await cells();
    await page.getByText("Other ways to read it").click();
    await page.getByLabel("Correction").selectOption({label: "Holm"});
    await caption.filter({hasText: "corrected by Holm for"}).waitFor();
    const corrected = await cells();
    // The primary metric's p grows; a guardrail is in no family.
    expect(Number(corrected[0])).toBeGreaterThan(Number(before[0]));
    expect(corrected[3]).toBe(before[3]);
    await page.getByLabel("Always valid").check();
    await caption.filter({hasText: "always valid"}).waitFor();
    await page.getByLabel("Test", {exact: true}).selectOption({label: "is it higher"});
    await caption.filter({hasText: "one-sided"}).waitFor();
    const last = await cells();
    expect(new URL(await addressOf(page)).search).toBe(
      "?variant=one+page&confidence=0.95&scale=relative&correction=holm&sequential=true&side=greater"
    );
    await reload(page);
    expect(await cells()).toEqual(last);
    expect(await page.getByLabel("CUPED").isDisabled()).toBe(true);
  });

  test("a mismatch withholds the sentence and every verdict, and keeps the numbers", async () => {
    await open("/results/3");
    expect(await page.locator(".readiness").innerText()).toContain("Do not read yet");
    expect(await page.locator(".summary").innerText()).toContain("No conclusion");
    expect(new Set(await verdicts())).toEqual(new Set(["– invalid"]));
    expect(await page.locator(".results tbody").first().innerText()).toContain("12.14%");
  });

  test("warnings stand under the readiness, and only where there are any", async () => {
    await open("/results/1");
    expect(await page.locator(".checks.warn").count()).toBe(0);
    await page.context().close();
    await open("/results/6");
    const warned = page.getByRole("region", {name: "Read with care"});
    expect(await warned.locator("li").allInnerTexts()).toEqual([
      "1.8% of all units (900) were seen in more than one variant. They are left out of every number; check how units are assigned."
    ]);
    const above = (await page.locator(".readiness").boundingBox())!.y;
    const below = (await page.locator(".summary").boundingBox())!.y;
    const {y} = (await warned.boundingBox())!;
    expect([above < y, y < below]).toEqual([true, true]);
  });

  test("the smallest effect the test could find follows the scale, and is withheld under a mismatch", async () => {
    await open("/results/1");
    const note = page.locator(".checks.info li", {hasText: "With these units"});
    expect(await note.innerText()).toMatch(
      /^With these units, a true lift of \d\.\d% in purchase conversion/
    );
    await page.getByLabel("absolute").focus();
    await page.keyboard.press("Space");
    await page.getByText(/a true difference of \d\.\d\d pp in purchase/).waitFor();
    await page.context().close();
    await open("/results/3");
    expect(await page.locator(".checks.info").count()).toBe(0);
  });

  test("a control that nobody declared is asked for before any verdict", async () => {
    await open("/results/8");
    expect(await page.locator("table.results").count()).toBe(0);
    expect(await page.locator(".values tbody tr").first().innerText()).toMatch(
      /Purchase conversion\s+12\.14%\s*n 5,000\s+13\.01%\s*n 5,050/
    );
    expect(await page.locator("body").innerText()).not.toMatch(/[▲▼○]/);
    await page.getByRole("radio", {name: "a", exact: true}).check();
    await page.getByRole("button", {name: "Declare"}).click();
    await page.locator("table.results").first().waitFor();
    expect(await page.locator("thead th").nth(1).innerText()).toBe("a");
    expect(await page.locator(".readiness").innerText()).toContain("sample ratio mismatch");
  });

  test("a name with quotes and markup stays text", async () => {
    await open("/results/4");
    expect(await page.locator("thead th").nth(2).innerText()).toBe(hostileName);
    expect(await page.title()).toBe("Names that bite | Expanto");
    expect(await page.locator("main script").count()).toBe(0);
  });

  test("a row opens and closes by keyboard and survives a change of confidence", async () => {
    await open("/results/1");
    const opener = page.getByRole("button", {name: "Purchase conversion"});
    await opener.focus();
    await page.keyboard.press("Enter");
    expect(await opener.getAttribute("aria-expanded")).toBe("true");
    expect(await page.locator("#about-purchase_conversion").innerText()).toContain(
      "max(purchases.at is not null)"
    );
    await page.getByLabel("Confidence").selectOption({label: "90%"});
    await page.locator("caption", {hasText: "90% intervals"}).first().waitFor();
    expect(await page.locator("#about-purchase_conversion").isVisible()).toBe(true);
    await opener.focus();
    await page.keyboard.press("Space");
    expect(await page.locator("#about-purchase_conversion").isVisible()).toBe(false);
  });

  test("without a result there is a button that calculates one", async () => {
    await open("/results/7");
    expect(await page.locator(".evidence").isVisible()).toBe(false);
    const answered = page.waitForResponse("**/api/observations/7/calculate");
    await page.getByRole("button", {name: "Calculate"}).click();
    expect((await answered).status()).toBe(202);
    await page.waitForLoadState("networkidle");
  });

  test("an observation that does not exist is explained", async () => {
    await open("/results/99");
    expect(await page.getByRole("alert").innerText()).toMatch(/^No observation 99/i);
    stage.problems.length = 0;
  });

  test("at 420 pixels nothing but the table may be wider than the page", async () => {
    await open("/results/1", {width: 420});
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
    expect(await page.locator(".results td.arm").first().isVisible()).toBe(false);
    await page.context().close();
    await open("/planner", {width: 420});
    await page.locator("table.plan").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
  });
});

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
  test.each([
    "/",
    "/results/1",
    "/results/3",
    "/results/6",
    "/results/7",
    "/results/8",
    "/results/1?side=greater&sequential=true",
    "/planner"
  ])("%s has no accessibility violation", async (path) => {
    await open(path, {scheme});
    expect(await violations(page)).toEqual([]);
  });
});

test("no page asked another host for anything, and none complained", async () => {
  await open("/");
  expect(stage.requests.filter((url) => !url.startsWith(stage.url) && !url.startsWith("data:"))).toEqual([]);
  expect(stage.problems).toEqual([]);
});

describe("Planner", () => {
  test("says the days first, follows every input, and a link keeps the question", async () => {
    await open("/planner");
    const summary = page.locator(".summary");
    await summary.waitFor();
    const before = await summary.innerText();
    expect(before).toMatch(/lift of 5\.0% in purchase conversion.* units in each of 2 variants/);
    const unitsIn = (text: string) => Number(/([\d,]+) units in each/.exec(text)![1].replaceAll(",", ""));
    await page.getByLabel("Lift, %").fill("10");
    await summary.filter({hasText: "lift of 10%"}).waitFor();
    const after = await summary.innerText();
    // A proportion's units fall with the square of the lift, a little slower.
    expect(unitsIn(before) / unitsIn(after)).toBeGreaterThan(3.5);
    expect(unitsIn(before) / unitsIn(after)).toBeLessThan(4.1);
    await page.getByLabel("Always valid").check();
    await page.waitForFunction((text) => document.querySelector(".summary")?.textContent !== text, after);
    const always = await summary.innerText();
    expect(unitsIn(always)).toBeGreaterThan(1.5 * unitsIn(after));
    await reload(page);
    expect(await summary.innerText()).toBe(always);
  });

  test("shuffles the units on request and shows what came of it", async () => {
    await open("/planner");
    await page.getByRole("button", {name: "Shuffle 2,000 times"}).click();
    await page.getByText("rejects 5.2% where 5% are promised").waitFor();
    const bars = page.locator("svg.spread rect");
    const heights = await bars.evaluateAll((nodes) =>
      nodes.map((node) => node.getBoundingClientRect().height)
    );
    expect(heights.map((height) => Math.round(height))).toEqual([31, 29, 30, 30]);
    expect(stage.problems).toEqual([]);
  });
});
