import {mkdtemp, readFile, readdir, stat, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import type {Browser, Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, expect, test} from "vitest";
import {reportOf} from "../../lib/report.js";
import type {ReportBundle} from "../../lib/report-types.js";
import {closeStore} from "../../lib/store.js";
import {publish} from "../../server/publish.js";
import {dataIn} from "../../lib/report/page.js";
import {buildSite} from "../../server/site.js";
import {reportedWorkspace, unitIds} from "../fixtures/reported.js";
import {wideReport} from "../fixtures/wide-report.js";
import {violations} from "./axe.js";
import {launch, openPage, root, site} from "./browser.js";
import {serveStatic} from "./static-server.js";

let folder: string;
let single: string;
let bundle: ReportBundle;
let browser: Browser;
let server: Awaited<ReturnType<typeof serveStatic>>;
const seen = {requests: [] as string[], problems: [] as string[]};

beforeAll(async () => {
  await buildSite({root, out: site});
  const {workspace} = await reportedWorkspace();
  bundle = await reportOf(workspace, 1);
  closeStore(workspace.store);
  const out = await mkdtemp(join(tmpdir(), "expanto-published-"));
  folder = join(out, "folder");
  await publish(once(bundle), {root, site, out: folder});
  [{file: single}] = await publish(once(bundle), {root, site, out, isSingle: true});
  server = await serveStatic(folder, "/team/a b/reports/");
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(() => {
  const [problems, requests] = [seen.problems.splice(0), seen.requests.splice(0)];
  expect(problems).toEqual([]);
  const own = encodeURI(server.url);
  expect(requests.filter((url) => !url.startsWith(own) && !/^(file|data|blob):/.test(url))).toEqual([]);
});

async function* once<T>(value: T) {
  yield value;
}

const pages = {
  "a page of the folder": () => `${server.url}1.html`,
  "the single file": () => pathToFileURL(single).href
};

async function open(address: string, options = {}): Promise<Page> {
  const page = await openPage(browser, address, options, seen);
  await page.locator("table.segments").first().waitFor();
  return page;
}

const lift = (page: Page) => page.locator("#metric-revenue td.num b").innerText();

for (const [name, address] of Object.entries(pages)) {
  test(`${name} says decision, answer and figures, and asks nobody for anything`, async () => {
    const page = await open(address());
    expect(await page.locator("h1").innerText()).toBe("Checkout <b>fast</b>");
    expect(await page.locator(".decision .words").innerText()).toBe("Ship it.");
    expect(await page.locator(".summary").innerText()).toMatch(
      /^express raises revenue by \d+\.\d%, with a 95% interval/
    );
    expect(await page.locator(".figures dd").first().innerText()).toBe("600");
    expect(await page.locator(".method").innerText()).toContain("5 of 10 crossings of dimensions had fewer");
    await page.context().close();
  });

  test(`${name} has nothing axe finds wrong, light and dark, wide and narrow`, async () => {
    for (const options of [{}, {scheme: "dark", width: 420}]) {
      const page = await open(address(), options);
      await page.locator("details.reader > summary").click();
      await page.getByRole("button", {name: "Revenue"}).click();
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    }
  });

  test(`${name} answers every input, says that this is not what was published, and goes back`, async () => {
    const page = await open(address());
    const [first, sentence] = [await lift(page), await page.locator(".summary").innerText()];
    await page.locator("details.reader > summary").click();
    await page.getByLabel("Confidence").selectOption("99%");
    expect(await page.locator(".summary").innerText()).toContain("99% interval");
    expect(await page.locator(".asked").innerText()).toContain("not the published one: 99% intervals.");
    await page.getByLabel("Baseline").selectOption("express");
    expect(await lift(page)).toMatch(/^−/);
    await page.getByText("absolute", {exact: true}).click();
    expect(await lift(page)).not.toContain("%");
    await page.getByRole("button", {name: "As published"}).click();
    expect([await lift(page), await page.locator(".summary").innerText()]).toEqual([first, sentence]);
    expect(await page.locator(".asked").count()).toBe(0);
    await page.context().close();
  });

  test(`${name} answers side, correction, Fieller, CUPED, always-valid and segment, each by another number`, async () => {
    const page = await open(address());
    const row = () => page.locator("#metric-revenue").innerText();
    await page.locator("details.reader > summary").click();
    await page.locator("details.reader details.more > summary").click();
    const asked: [string, () => Promise<unknown>][] = [
      ["one-sided", () => page.getByLabel("Test", {exact: true}).selectOption("is it higher")],
      ["Holm correction", () => page.getByLabel("Correction").selectOption("Holm")],
      ["Fieller", () => page.getByLabel("Lift interval").selectOption("Fieller")],
      ["CUPED", () => page.getByLabel("CUPED").check()],
      ["always valid", () => page.getByLabel("Always valid").check()]
    ];
    for (const [name, ask] of asked) {
      const before = await row();
      await ask();
      expect(await page.locator(".asked").innerText()).toContain(name);
      const isSame = name === "Holm correction" || name === "Fieller";
      if (!isSame) expect(await row()).not.toBe(before);
    }
    expect(await page.locator(".method").innerText()).toMatch(
      /relative lifts by Fieller’s theorem.*adjusted by Holm/s
    );
    await page.locator("details.reader .pick > summary").first().click();
    await page.getByRole("checkbox", {name: "FR"}).check();
    expect(await page.locator(".slice-note").innerText()).toMatch(/Only units with country FR: \d+ of 600/);
    await page.context().close();
  });

  test(`${name} follows its primary metric until a reader chooses another, over time and by segment alike`, async () => {
    const page = await open(address());
    const overTime = page.locator(".over-time");
    const captions = page.locator("table.segments caption");
    await overTime.getByText("in revenue at the end of each day").waitFor();
    expect((await captions.allInnerTexts()).map((text) => text.split(":")[0])).toEqual([
      "Revenue",
      "Revenue"
    ]);
    await page.getByLabel("Metric over time").selectOption("Buyers");
    await overTime.getByText("in buyers at the end of each day").waitFor();
    await page.getByLabel("Metric by segment").selectOption("Buyers");
    expect((await captions.allInnerTexts()).map((text) => text.split(":")[0])).toEqual(["Buyers", "Buyers"]);
    expect(await page.locator(".asked").count()).toBe(0);
    await page.context().close();
  });

  test(`segments of ${name} stand on one scale with the overall effect, which is the table's own`, async () => {
    const page = await open(address());
    const overall = page.locator("table.segments tfoot");
    expect(await overall.locator("b").allInnerTexts()).toEqual([await lift(page), await lift(page)]);
    const reference = page.locator("table.segments").first().locator("line.reference");
    const places = await reference.evaluateAll((lines) => lines.map((line) => line.getAttribute("x1")));
    expect(places.length).toBeGreaterThan(1);
    expect(new Set([...places, await overall.first().locator("circle").getAttribute("cx")]).size).toBe(1);
    await page.context().close();
  });

  test(`${name} computes its table again and says match`, async () => {
    const page = await open(address());
    await page.getByRole("button", {name: "Verify"}).click();
    expect(await page.locator(".verify output").innerText()).toContain(`✓ Match: 2 comparisons computed again, and the hash is ${bundle.hash.slice(0, 12)}`); // prettier-ignore
    expect(await page.locator(".seal").innerText()).toContain(bundle.hash);
    await page.context().close();
  });

  test(`behind a row of ${name} stand definition, query and job`, async () => {
    const page = await open(address());
    await page.getByRole("button", {name: "Revenue"}).click();
    const origin = await page.locator(".origin").innerText();
    expect(origin).toContain("orders.yaml:3");
    expect(origin).toContain("alias: revenue");
    expect(origin).toContain("the query of job 1");
    await page.context().close();
  });

  test(`${name} prints on two pages of A4 at most, without its inputs, and no words but the SQL are under 7 points`, async () => {
    const page = await open(address());
    const pdf = (await page.pdf({preferCSSPageSize: true})).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b/g)!.length).toBeLessThanOrEqual(2);
    await page.emulateMedia({media: "print"});
    expect(await page.locator("details.reader").isVisible()).toBe(false);
    const words = page.locator(":is(p, li, th, td, dt, dd, small, caption, h1, h2):visible");
    const points = await words.evaluateAll((all) =>
      all.map((each) => parseFloat(getComputedStyle(each).fontSize) * each.currentCSSZoom * 0.75)
    );
    expect(Math.min(...points)).toBeGreaterThan(6.99);
    await page.context().close();
  });
}

test("the widest report in one file is under 1.5 MB", async () => {
  const out = await mkdtemp(join(tmpdir(), "expanto-wide-"));
  const [{file}] = await publish(once(wideReport(bundle)), {root, site, out, isSingle: true});
  expect((await stat(file)).size).toBeLessThan(1.5e6);
});

test("the index finds reports by their words, and leads to them", async () => {
  const page = await openPage(browser, server.url, {}, seen);
  await page.getByRole("link", {name: "Checkout <b>fast</b>"}).first().waitFor();
  expect(await page.locator(".summary").innerText()).toBe(
    "In 1 of 1 completed experiments (100%) the primary metric got better."
  );
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Search").fill("nothing such");
  await page.getByText("No report matches.").waitFor();
  await page.getByLabel("Search").fill("sells more");
  await page.getByRole("link", {name: "Checkout <b>fast</b>"}).first().click();
  await page.getByRole("button", {name: "Verify"}).waitFor();
  expect(page.url()).toBe(`${encodeURI(server.url)}1.html`);
  await page.context().close();
});

test("a page of the folder that is opened from disk says that it needs a server, and nothing of it is lost silently", async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(folder, "1.html")).href);
  await page.getByText("put the folder on any static host").waitFor();
  await page.close();
});

test("a changed moment is told, with what differs", async () => {
  const html = await readFile(single, "utf8");
  const tampered = join(tmpdir(), `expanto-tampered-${process.pid}.html`);
  const mean = JSON.stringify(bundle.view.metrics[0].arms[1].moments!.means[0]);
  expect(html.split(`"means":[${mean}`).length).toBe(2);
  await writeFile(tampered, html.replace(`"means":[${mean}`, `"means":[${Number(mean) * 2}`));
  const page = await open(pathToFileURL(tampered).href);
  await page.getByRole("button", {name: "Verify"}).click();
  const said = await page.locator(".verify output").innerText();
  expect(said).toContain("✗ Mismatch. This report was changed after it was published");
  expect(said).toMatch(/revenue, express: lift: 0\.\d+ was published, \d\.\d+ computed/);
  await page.context().close();
});

test("no published file holds an error cell, another host to ask, or the id of a unit", async () => {
  const files = (await readdir(folder, {recursive: true})).filter((file) => /\.(html|js|css)$/.test(file));
  const paths = [...files.map((file) => join(folder, file)), single];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  const found = texts.flatMap((text, i) =>
    [...text.matchAll(asks)].map(([match]) => `${paths[i]}: ${match}`)
  );
  expect(found).toEqual([]);
  expect(unitIds.filter((id) => texts.some((text) => text.includes(id)))).toEqual([]);
});

// What a page would fetch, and the element of a cell that failed.
const asks =
  /(?:src|href|action)="(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\/|(?:from|import)\s*\(?["'`]https?:|fetch\(["'`]https?:|<[^>]* class="observablehq--error/g;

test("what a folder's page and a file carry is the same report, byte for byte", async () => {
  const [page, file] = await Promise.all(
    [join(folder, "1.html"), single].map((each) => readFile(each, "utf8"))
  );
  expect(dataIn(page, "report")).toEqual(bundle);
  expect(JSON.stringify(dataIn(file, "report"))).toBe(JSON.stringify(bundle));
});
