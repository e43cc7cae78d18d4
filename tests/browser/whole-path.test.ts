// One experiment from its first form to its decision, as somebody does it who has only the pages.
import type {Page} from "playwright-core";
import {expect, test} from "vitest";
import {reload} from "./browser.js";
import {foreignRequests, startedDemo} from "./started-demo.js";
import {fillVariants} from "./variants.js";

const demo = startedDemo();

test("an experiment is made, observed, run, read, compared with a second look, and decided", async () => {
  const known = await demo.json("/api/experiments/1");
  const {exposure_start_datetime: from, exposure_end_datetime: until} = known.observations[0].fields;
  const page = await demo.open("/");
  await page.getByRole("link", {name: "New experiment"}).click();
  const made = page.getByRole("form", {name: "Experiment"});
  await made.getByLabel("Name").fill("Checkout in one page");
  await made.getByLabel("Hypothesis").fill("Fewer steps, more orders.");
  await fillVariants(made, ["control", "one-page", "express"]);
  await made.getByLabel("Key metrics").fill("purchase_conversion\nrevenue_per_user");
  await made.getByLabel("Guardrails").fill("refund_rate");
  await made.getByLabel("Start (UTC)").fill(from);
  await made.getByLabel("End (UTC)").fill(until);
  await page.getByRole("button", {name: "Create the experiment"}).click();

  const form = page.getByRole("form", {name: "New observation"});
  await form.getByLabel("Experiment’s name in the warehouse").fill("faster_checkout");
  await form.getByLabel("Exposure from").fill(from);
  await form.getByLabel("Exposure until").fill(until);
  await form.getByLabel("Events from").fill(from);
  await form.getByLabel("Events until").fill(until);
  await form.getByLabel("Days before exposure for CUPED").fill("14");
  await form.getByLabel("Dimensions").fill("country\nplatform");
  await form.getByRole("checkbox", {name: /^Orders/}).check();
  await page.getByText(/\d+ metrics from/).waitFor();
  const said = heard(page, "[role=status]");
  await page.getByRole("button", {name: "Create and run"}).click();
  const table = page.locator("table.observations");
  await table.getByText("✓ completed").waitFor({timeout: 60_000});
  expect(await said()).toMatch(/Calculating … .*\d(\.\d)? m?s/);
  await table.locator("summary", {hasText: /Job \d+ completed/}).click();
  expect(await table.locator(".history li").first().innerText()).toMatch(
    /completed · .* UTC · .* m?s · [\d,]+ rows/
  );

  await table.getByRole("link", {name: "Results"}).click();
  await page.locator("table.readings tbody tr").first().waitFor();
  expect(await page.locator("h1").innerText()).toBe("Checkout in one page");
  expect(await page.locator(".summary").first().innerText()).toMatch(/purchase conversion/);
  await sixInputs(page);

  await page.getByRole("link", {name: "Observations"}).click();
  await page.getByLabel("Experiment", {exact: true}).selectOption({label: "Checkout in one page"});
  await table.getByRole("button", {name: "Copy"}).click();
  const second = page.getByRole("form", {name: "New observation"});
  const named = second.getByLabel("Name", {exact: true});
  await expect.poll(() => named.inputValue()).toBe("Main, copy");
  await named.fill("iOS");
  await second.getByLabel("Filters on assignments").fill("platform = 'ios'");
  await page.locator(".preview .lit", {hasText: "ios"}).first().waitFor();
  await page.getByRole("button", {name: "Create and run"}).click();
  await expect.poll(() => table.getByText("✓ completed").count(), {timeout: 60_000}).toBe(2);
  await table.locator("tbody", {hasText: "iOS"}).getByRole("link", {name: "Compare"}).click();
  await page.locator("table.movements tbody tr").first().waitFor();
  expect(await page.locator("table.changes").first().innerText()).toContain("platform = 'ios'");
  expect(await page.locator(".summary").innerText()).toMatch(/metrics moved, after a change of/);

  await page.getByRole("link", {name: "Experiments"}).click();
  await page.getByRole("link", {name: "edit Checkout in one page"}).click();
  await page.getByRole("button", {name: "Start"}).click();
  await page.getByText("This experiment is running.").waitFor();
  await page.getByRole("button", {name: "Complete"}).click();
  await page.getByRole("textbox", {name: /^Conclusion:/}).fill("Shipped: more of them buy.");
  await page.getByRole("button", {name: "Complete it"}).click();
  await page.getByText("This experiment is completed.").waitFor();
  await page.getByRole("link", {name: "Close the form"}).click();
  await page.locator(".experiments h3", {hasText: "Checkout in one page"}).waitFor();
  await page.context().close();
});

// Each changes what is shown, without a request; the address keeps all of them.
async function sixInputs(page: Page) {
  const shown = () => page.locator("table.results").first().innerText();
  const changes: (() => Promise<unknown>)[] = [
    () => page.getByLabel("Compare").selectOption({label: "express"}),
    () => page.getByLabel("Confidence").selectOption({label: "99%"}),
    () =>
      page
        .getByLabel("absolute")
        .focus()
        .then(() => page.keyboard.press("Space")),
    () =>
      page
        .locator("summary", {hasText: "Other ways to read it"})
        .click()
        .then(() => page.getByLabel("Correction").selectOption({label: "Holm"})),
    () => page.getByRole("checkbox", {name: "CUPED"}).check(),
    () => page.getByLabel("Always valid").check()
  ];
  await page.waitForLoadState("networkidle");
  const asked = demo.seen.requests.length;
  for (const change of changes) {
    const before = await shown();
    await change();
    await expect.poll(shown).not.toBe(before);
  }
  expect(demo.seen.requests.length).toBe(asked);
  const last = await shown();
  await reload(page);
  await page.locator("table.readings tbody tr").first().waitFor();
  expect(await shown()).toBe(last);
}

// Everything a place said, for what is gone before one looks.
function heard(page: Page, selector: string): () => Promise<string> {
  const started = page.evaluate((selector) => {
    const said: string[] = [];
    Object.assign(window, {said});
    new MutationObserver(() => {
      for (const node of document.querySelectorAll(selector)) said.push(node.textContent ?? "");
    }).observe(document.body, {childList: true, subtree: true, characterData: true});
  }, selector);
  return async () => {
    await started;
    return await page.evaluate(() => (window as unknown as {said: string[]}).said.join("\n"));
  };
}

test("nothing went wrong in any page, and no other host was asked", () => {
  expect(demo.seen.problems).toEqual([]);
  expect(foreignRequests(demo)).toEqual([]);
});
