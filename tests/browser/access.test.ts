import type {Page} from "playwright-core";
import {afterAll, beforeAll, expect, test} from "vitest";
import {makeToken} from "../../lib/access/tokens.js";
import {addUser} from "../../lib/access/users.js";
import {closeStore, openStore, type Store} from "../../lib/store.js";
import type {EditedExperiment} from "../../lib/view-types.js";
import {accessOf} from "../../server/access/access.js";
import {violations} from "./axe.js";
import {addressOf, setStage, type PageOptions, type Stage} from "./browser.js";

const password = "four words nobody says";
const by = {who: "root", now: "2026-03-01T08:00:00.000Z"};

const edited: EditedExperiment = {
  id: 1,
  updatedAt: by.now,
  fields: {name: "Checkout", status: "planned"},
  observations: [{id: 1, updatedAt: by.now, fields: {name: "Main", split_id: "user_id"}, jobs: []}],
  events: [],
  trail: []
};

let store: Store;
let stage: Stage;
beforeAll(async () => {
  store = await openStore(":memory:");
  for (const role of ["viewer", "admin"] as const) await addUser(store, {name: role, role, password}, by);
  makeToken(store, {name: "nightly", role: "analyst"}, {...by, now: new Date().toISOString()});
  const server = {
    host: "127.0.0.1",
    url: null,
    port: 0,
    jobsAtOnce: 1,
    proxies: [],
    shutdownSeconds: 0,
    log: "silent" as const
  };
  const auth = {login: true, sessionHours: 12, proxy: null};
  stage = await setStage({access: accessOf({auth, server}, store), editedExperiment: () => edited});
});
afterAll(async () => {
  await stage?.close();
  closeStore(store);
});

async function signIn(page: Page, name: string, words = password) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(words);
  await page.getByRole("button", {name: "Sign in"}).click();
  await page.waitForLoadState("networkidle");
}

const isNarrow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

test("a reader is asked who they are, comes to the page they asked for, and goes out again", async () => {
  const page = await stage.open("/results/1?confidence=0.9");
  expect(new URL(page.url()).pathname).toBe("/login");
  await signIn(page, "viewer", "not their password");
  expect(await page.getByRole("alert").innerText()).toBe("This name and password do not belong together.");
  await signIn(page, "viewer");
  expect(await addressOf(page)).toContain("/results/1?confidence=0.9");
  await page.locator("table.results").first().waitFor();
  await page.getByRole("link", {name: "viewer, viewer"}).click();
  await page.getByRole("button", {name: "Sign out"}).click();
  await page.waitForURL("**/login");
  await page.goto(`${stage.url}/results/1`);
  expect(new URL(page.url()).pathname).toBe("/login");
  await page.context().close();
});

test("what a role does not allow cannot be filled in, says who may, and is not asked for", async () => {
  const page = await stage.open("/");
  await signIn(page, "viewer");
  await page.goto(`${stage.url}/results/7`, {waitUntil: "networkidle"});
  const calculate = page.getByRole("button", {name: "Calculate"});
  expect(await calculate.isDisabled()).toBe(true);
  expect(await page.locator("fieldset.changing", {has: calculate}).innerText()).toMatch(
    /Calculate\s+An analyst may do this\./
  );
  await page.goto(`${stage.url}/observations?experiment=1&observation=1`, {waitUntil: "networkidle"});
  await page.getByText("You may read; an analyst may change this.").waitFor();
  expect(await page.getByLabel("Name", {exact: true}).isDisabled()).toBe(true);
  expect(await page.getByRole("button", {name: "Save", exact: true}).isDisabled()).toBe(true);
  expect(await page.getByText("may not do this").count()).toBe(0);
  expect(stage.requests.filter((address) => address.endsWith("/preview"))).toEqual([]);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

const looks: PageOptions[] = [{}, {scheme: "dark"}, {width: 420}];

test.each(looks)("the door and the account have no accessibility violation and fit: %j", async (look) => {
  const page = await stage.open("/account", look);
  expect([await violations(page), await isNarrow(page)]).toEqual([[], true]);
  await signIn(page, "admin", "wrong");
  expect(await violations(page)).toEqual([]);
  await signIn(page, "admin");
  await page.getByRole("heading", {name: "Who came in, and who changed who may"}).waitFor();
  expect(await page.locator("table").allInnerTexts()).toEqual([
    expect.stringMatching(/admin\tadmin\t2026-03-01\nviewer\tviewer/),
    expect.stringMatching(/nightly\tanalyst/),
    expect.stringMatching(/login\tadmin\tfrom 127.0.0.1[\s\S]*refused\tadmin/)
  ]);
  expect([await violations(page), await isNarrow(page)]).toEqual([[], true]);
  await page.context().close();
});

test("pages ask for nothing elsewhere, and complain of nothing but what was refused", () => {
  expect(stage.requests.filter((address) => !address.startsWith(stage.url))).toEqual([]);
  expect(stage.problems.filter((problem) => !/status of 40[13]/.test(problem))).toEqual([]);
});
