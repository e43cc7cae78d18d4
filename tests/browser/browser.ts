import {fileURLToPath} from "node:url";
import chromium from "@sparticuz/chromium";
import {chromium as playwright} from "playwright-core";
import type {Browser, Page} from "playwright-core";
import {createApp} from "../../server/app.js";
import type {AppParts} from "../../server/app-parts.js";
import {serve} from "../../server/serve.js";
import type {Serving} from "../../server/serve.js";
import {buildSite} from "../../server/site.js";
import {fixtureParts} from "./fixtures.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const site = fileURLToPath(new URL("../../.expanto/test-site", import.meta.url));

// In one process the browser hangs when a context is closed; without web security it proves nothing of ours.
const unwanted = [
  "--single-process",
  "--disable-web-security",
  "--disable-site-isolation-trials",
  "--allow-running-insecure-content"
];

export type PageOptions = {width?: number; scheme?: "light" | "dark"};

/** A headless browser and a server with the built site. */
export type Stage = {
  url: string;
  open: (path: string, options?: PageOptions) => Promise<Page>;
  /** Addresses asked for, and what went wrong in any page, since the stage was set. */
  requests: string[];
  problems: string[];
  close: () => Promise<void>;
};

/** Returns a stage: the site built, served on a free port (with other parts where they are given), and a browser that opens its pages. */
export async function setStage(parts: Partial<AppParts> = {}): Promise<Stage> {
  await buildSite({root, out: site});
  const server = await serve(createApp({...fixtureParts(site), ...parts}), {port: 0});
  const browser = await launch();
  const seen = {requests: [] as string[], problems: [] as string[]};
  const open = (path: string, options: PageOptions = {}) =>
    openPage(browser, server.url + path, options, seen);
  return {url: server.url, open, ...seen, close: () => close(browser, server)};
}

/** Returns the headless browser that comes with the tests. */
export async function launch(): Promise<Browser> {
  return await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((arg) => !unwanted.includes(arg)), "--no-proxy-server"],
    headless: true
  });
}

type Seen = Pick<Stage, "requests" | "problems">;

/** Returns a page of a browser, opened and settled; what it asks for and complains of is noted. */
export async function openPage(
  browser: Browser,
  url: string,
  {width = 1180, scheme = "light"}: PageOptions,
  seen: Seen
) {
  const viewport = {width, height: 900};
  const context = await browser.newContext({viewport, colorScheme: scheme, reducedMotion: "reduce"});
  const page = await context.newPage();
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("pageerror", (error) => seen.problems.push(error.message));
  page.on(
    "console",
    (line) => line.type() === "error" && seen.problems.push(`${line.text()} (${line.location().url})`)
  );
  await page.goto(url, {waitUntil: "networkidle"});
  return page;
}

async function close(browser: Browser, server: Serving) {
  await browser.close();
  await server.close();
}

/** Returns the address of a page once what was answered last is written into it, which is done after it is painted. */
export const addressOf = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(location.href), 50)))
      )
  );

/** Loads a page again at the address of what was answered last. */
export async function reload(page: Page) {
  await addressOf(page);
  await page.reload({waitUntil: "networkidle"});
}
