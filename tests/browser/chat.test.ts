import {readdir, readFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import {gzipSync} from "node:zlib";
import type {Browser, Page} from "playwright-core";
import {afterAll, beforeAll, beforeEach, expect, test} from "vitest";
import {openAssistant} from "../../agents/assistant.js";
import type {Model, Models} from "../../agents/types.js";
import {noUsage} from "../../agents/usage.js";
import {now, seededWorkspace} from "../../eval/seed.js";
import {closeStore, packedCellsOf} from "../../lib/store.js";
import {experimentCards, resultsView} from "../../lib/views.js";
import type {Workspace} from "../../lib/workspace.js";
import {createApp} from "../../server/app.js";
import type {AppParts} from "../../server/app-parts.js";
import {serve, type Serving} from "../../server/serve.js";
import {buildSite} from "../../server/site.js";
import {violations} from "./axe.js";
import {launch, openPage, root, site, type PageOptions} from "./browser.js";
import {variantsShown} from "./variants.js";
import {fixtureParts} from "./fixtures.js";

let workspace: Workspace;
let opened: ReturnType<typeof openAssistant>;
let rules: Models;
let server: Serving;
/** Serves the pages of the very workspace that the chat reads. */
let seeded: Serving;
let browser: Browser;
const seen = {requests: [] as string[], problems: [] as string[]};

beforeAll(async () => {
  await buildSite({root, out: site});
  workspace = await seededWorkspace();
  opened = openAssistant(workspace, {root: resolve(".")});
  opened.assistant.now = () => new Date(now);
  rules = opened.assistant.models;
  server = await serve(createApp({...fixtureParts(site), chat: opened}), {port: 0});
  seeded = await serve(createApp({...fixtureParts(site), ...seededParts(workspace), chat: opened}), {
    port: 0
  });
  browser = await launch();
});

beforeEach(() => {
  opened.assistant.models = rules;
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await seeded?.close();
  opened?.close();
  closeStore(workspace.store);
  expect(seen.problems).toEqual([]);
});

const seededParts = (workspace: Workspace): Partial<AppParts> => ({
  experimentCards: () => experimentCards(workspace),
  resultsView: (observation) => resultsView(workspace, observation),
  cells: (job) => packedCellsOf(workspace.store, job)!
});

async function open(path: string, options: PageOptions = {}, {url} = server): Promise<Page> {
  const page = await openPage(browser, url + path, options, seen);
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await page.getByLabel("Ask about this page").waitFor();
  return page;
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Ask about this page").fill(question);
  await page.keyboard.press("Enter");
}

const answered = (page: Page) => page.locator(".turn .foot").last().waitFor();

test("an answer on Results is of what is chosen there, and its source opens the same page", async () => {
  const page = await open("/results/1?confidence=0.99&in=platform%3Aios", {}, seeded);
  await ask(page, "What did this show?");
  await answered(page);
  const turn = page.locator(".turn").last();
  const said = await turn.innerText();
  expect(said).toContain("only units with platform ios");
  const summary = await page.locator("main .summary").innerText();
  const [lift] = /\d+\.\d%/.exec(summary)!;
  expect(said).toContain(`${lift}, with a 99% interval`);
  await turn.getByRole("button", {name: lift}).first().click();
  const href = await turn.locator(".source").getByRole("link").getAttribute("href");
  expect(new URL(href!, server.url).searchParams.get("confidence")).toBe("0.99");
  expect(new URL(href!, server.url).searchParams.getAll("in")).toEqual(["platform:ios"]);
  await page.close();
});

test("on the Planner the chat and the page say the same units and days", async () => {
  const page = await open("/planner?from=10&shares=70:30", {}, seeded);
  await ask(page, "How long until we could see it?");
  await answered(page);
  const said = await page.locator(".turn").last().innerText();
  const [, units, day] = /([\d,]+) units in all.* on day (\d+)/.exec(said)!;
  const answer = await page.locator("#answer .summary").innerText();
  expect(answer).toContain(`${units} in all`);
  expect(answer).toContain(`${day} days to see`);
  await page.close();
});

test("a question on Results is answered of that page; a number opens its source; the talk outlives the page", async () => {
  const page = await open("/results/1");
  await ask(page, "What did this show?");
  await answered(page);
  const turn = page.locator(".turn").last();
  expect(await turn.innerText()).toMatch(/raises purchase conversion by 8\.3%/);
  await turn.getByRole("button", {name: "8.3%"}).first().click();
  const source = turn.locator(".source");
  expect(await source.innerText()).toMatch(/^8\.3% is .* of (results|assess)/);
  expect(await source.getByRole("link").getAttribute("href")).toBe("/results/1");
  expect(await turn.locator("li.marked").count()).toBe(1);
  await page.reload({waitUntil: "networkidle"});
  await page.locator(".turn", {hasText: "What did this show?"}).waitFor();
  await page.goto(`${server.url}/planner`, {waitUntil: "networkidle"});
  await page.locator(".turn", {hasText: "What did this show?"}).waitFor();
  await ask(page, "And revenue per user?");
  await page.locator(".turn", {hasText: "And revenue per user?"}).locator(".foot").waitFor();
  expect(await page.locator(".turn").last().innerText()).toMatch(/Revenue per user is unclear/);
  await page.getByRole("button", {name: "Clear"}).click();
  await expect.poll(() => page.locator(".turn").count()).toBe(0);
  await page.keyboard.press("Escape");
  expect(await page.locator(".chat").count()).toBe(0);
  await page.context().close();
});

/** A model that says words when the test lets it. */
function slowModel(words: string[]) {
  const gates = words.map(gate);
  const state = {aborted: false, release: (i: number) => gates[i].resolve(null)};
  const model: Model = async (request, {signal, onText}) => {
    if (request.form) {
      const route = {route: "universal", confidence: 1, follow_up_question: null};
      return {text: JSON.stringify(route), thinking: "", calls: [], usage: noUsage()};
    }
    signal.addEventListener("abort", () => (state.aborted = true));
    for (const [i, word] of words.entries()) {
      await Promise.race([gates[i].promise, new Promise((stop) => signal.addEventListener("abort", stop))]);
      signal.throwIfAborted();
      onText(word);
    }
    return {
      text: words.join(""),
      thinking: "",
      calls: [],
      usage: {...noUsage(), requests: 1, input: 900, output: 80}
    };
  };
  opened.assistant.models = {fast: model, agentic: model, thinker: model};
  return state;
}

/** A page on which a model has said its first words and goes on. */
async function halfAnswered() {
  const page = await open("/results/1");
  const model = slowModel(["First words, ", "and the rest."]);
  await ask(page, "Hello");
  model.release(0);
  await page.locator(".answer", {hasText: "First words,"}).waitFor();
  return {page, model};
}

function gate() {
  let resolve!: (value: unknown) => void;
  const promise = new Promise((done) => (resolve = done));
  return {promise, resolve};
}

test("an answer is read while it is written, stopped at once, and asked for again", async () => {
  const {page, model} = await halfAnswered();
  expect(await page.locator(".answer").innerText()).not.toContain("the rest");
  await page.getByRole("button", {name: "Stop"}).click();
  await page.getByText("Stopped.").waitFor();
  await expect.poll(() => model.aborted).toBe(true);
  const again = slowModel(["Whole answer."]);
  again.release(0);
  await page.getByRole("button", {name: "Ask again"}).click();
  await page.locator(".answer", {hasText: "Whole answer."}).waitFor();
  await page.getByText("980 tokens").waitFor();
  expect(await page.locator(".turn").count()).toBe(1);
  await page.context().close();
});

test("a conversation that is cleared while it is answered stays empty, and goes on with the next question", async () => {
  const {page, model} = await halfAnswered();
  await page.getByRole("button", {name: "Clear"}).click();
  await expect.poll(() => model.aborted).toBe(true);
  const next = slowModel(["Another answer."]);
  next.release(0);
  await ask(page, "And now?");
  await page.locator(".answer", {hasText: "Another answer."}).waitFor();
  expect(await page.locator(".turn h3").allInnerTexts()).toEqual(["And now?"]);
  await page.context().close();
});

test("a page that is closed stops the model", async () => {
  const {page, model} = await halfAnswered();
  await page.context().close();
  await expect.poll(() => model.aborted).toBe(true);
});

test("a draft fills the form of a new experiment, and nothing is saved by it", async () => {
  const page = await open("/");
  await ask(page, "I want to test a green checkout button to increase purchase conversion");
  await page.getByRole("button", {name: "Fill the form with this draft"}).click();
  const form = page.getByRole("form", {name: "Experiment"});
  await form.waitFor();
  expect(page.url()).toContain("experiment=0");
  expect(await form.getByLabel("Key metrics").inputValue()).toContain("purchase_conversion");
  expect(await variantsShown(form)).toEqual(["control control", "treatment"]);
  await page.reload({waitUntil: "networkidle"});
  expect(await form.getByLabel("Hypothesis").inputValue()).toMatch(/green checkout button/);
  await page.getByRole("button", {name: "Start empty"}).click();
  await expect.poll(() => form.getByLabel("Hypothesis").inputValue()).toBe("");
  await page.context().close();
});

test("SQL is shown, changed and run again; what is refused says why", async () => {
  const page = await open("/");
  await ask(page, "How many experiments do we have?");
  await answered(page);
  await page.locator(".steps summary").first().click();
  await page.getByText("asked and found").click();
  const sql = page.getByLabel("SQL");
  expect(await sql.inputValue()).toMatch(/count\(\*\)/);
  await sql.fill("select name from experiments where id = 2");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByRole("cell", {name: "Blue buy button"}).waitFor();
  const problems = seen.problems.length;
  await sql.fill("delete from experiments");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText("only one SELECT can be run").waitFor();
  expect(seen.problems.splice(problems).join()).toContain("400");
  await page.context().close();
});

const hostile = `<img src=x onerror="document.title='broken'"> <script>document.title='broken'</script>
![x](https://evil.example/x.png) [a](javascript:document.title='broken') [b](data:text/html,x) [c](//evil.example)
[d](https://example.org) <b style="position:fixed">e</b> <iframe src="https://evil.example"></iframe>
[f](/results/1) \uE000spoof\uE001`;

test("whatever a model writes, nothing runs and nothing is fetched", async () => {
  const page = await open("/results/1");
  const requests = seen.requests.length;
  slowModel([hostile]).release(0);
  await ask(page, "Hello");
  await answered(page);
  const answer = page.locator(".answer");
  expect(await answer.locator("img, script, iframe, b, [style], [onerror]").count()).toBe(0);
  const links = await answer
    .locator("a")
    .evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.getAttribute("rel")]));
  // A picture is a link, which nobody follows but the reader.
  expect(links).toEqual([
    ["https://evil.example/x.png", "noopener noreferrer nofollow"],
    ["https://example.org", "noopener noreferrer nofollow"],
    ["/results/1", null]
  ]);
  expect(await page.title()).not.toBe("broken");
  expect(seen.requests.slice(requests).filter((url) => !url.startsWith(server.url))).toEqual([]);
  await page.context().close();
});

test("the chat is loaded when it is opened, and is at most 80 kB gzipped", async () => {
  const start = seen.requests.length;
  const page = await openPage(browser, `${server.url}/`, {}, seen);
  const opening = seen.requests.length;
  expect(seen.requests.slice(start).filter((url) => /markdown-it|\/chat[-.]/.test(url))).toEqual([]);
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await page.getByLabel("Ask about this page").waitFor();
  const scripts = seen.requests.slice(opening).filter((url) => /\.js$/.test(new URL(url).pathname));
  const sizes = await Promise.all(
    scripts.map(async (url) => gzipSync(await (await fetch(url)).text()).length)
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(scripts.length).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(80 * 1024);
  await page.context().close();
});

test("every page offers the chat, but those that are published without a server", async () => {
  const pages = (await readdir(site, {recursive: true})).filter((path) => path.endsWith(".html"));
  const without = [];
  for (const path of pages)
    if (!(await readFile(join(site, path), "utf8")).includes("components/assistant.")) without.push(path);
  expect(without.sort()).toEqual(["reports/index.html", "reports/report.html"]);
});

test.each([
  ["light", 1180],
  ["dark", 1180],
  ["light", 420]
] as const)("the chat has no accessibility violation in %s at %i pixels", async (scheme, width) => {
  const page = await open("/results/1", {scheme, width});
  await ask(page, "What did this show?");
  await answered(page);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});
