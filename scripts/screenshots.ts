// Takes pictures of every page, light, dark and narrow: npx tsx scripts/screenshots.ts FOLDER [ADDRESS].
// Without an address, the pages show made-up numbers.
import {mkdir} from "node:fs/promises";
import {join} from "node:path";
import type {Page} from "playwright-core";
import {launch, openPage, setStage} from "../tests/browser/browser.js";
import type {PageOptions} from "../tests/browser/browser.js";

const pages = {
  experiments: "/",
  results: "/results/1",
  mismatch: "/results/3",
  running: "/results/2",
  warned: "/results/6",
  undeclared: "/results/8",
  uncalculated: "/results/7",
  planner: "/planner",
  read: "/results/1?correction=holm&sequential=true",
  missing: "/nowhere"
};
const looks: Record<string, PageOptions> = {
  light: {},
  dark: {scheme: "dark"},
  narrow: {width: 420}
};

const [folder = "shots", address] = process.argv.slice(2);
await mkdir(folder, {recursive: true});
if (address) await ofServer(address);
else await ofFixtures();

async function ofFixtures() {
  const stage = await setStage();
  await shootAll(pages, stage.open);
  await stage.close();
}

async function ofServer(address: string) {
  const browser = await launch();
  const seen = {requests: [], problems: []};
  await shootAll({experiments: "/", results: "/results/latest"}, (path, options = {}) =>
    openPage(browser, address + path, options, seen)
  );
  await browser.close();
}

async function shootAll(
  pages: Record<string, string>,
  open: (path: string, options?: PageOptions) => Promise<Page>
) {
  for (const [name, path] of Object.entries(pages)) {
    for (const [look, options] of Object.entries(looks)) {
      const page = await open(path, options);
      await page.screenshot({path: join(folder, `${name}-${look}.png`), fullPage: true});
      await page.context().close();
    }
  }
}
