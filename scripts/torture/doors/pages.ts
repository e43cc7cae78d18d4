// The doors of pages, judged in a real browser: what is typed somewhere is drawn by the components that draw it on the site.

import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {resolve} from "node:path";
import {build} from "esbuild";
import fc from "fast-check";
import type {Page} from "playwright-core";
import {launch} from "../../../tests/browser/browser.js";
import {stamped} from "../../../server/report-pages.js";
import type {Door, Outcome} from "./door.js";
import {hostileText} from "./texts.js";

type Stage = {
  judge: (door: string, texts: string[]) => (string | null)[];
  judgeAddresses: (texts: string[]) => (string | null)[];
  judgePages: (pages: unknown[], model: string) => (string | null)[];
  judgePasted: Stage["judge"];
};
declare const window: {hostile: Stage};

export type PageDoors = {
  doors: Door<string>[];
  /** Judges texts that a drawing pastes as HTML: all must be seen. */
  pasted: (door: string, texts: string[]) => Promise<(string | null)[]>;
  /** Judges pages as they are, against a page they should be. */
  judgePages: (pages: StampedPage[], model: string) => Promise<(string | null)[]>;
  close: () => Promise<void>;
};

type StampedPage = {page: string; json: string; title: string};

const fields = [
  "search",
  "status",
  "order",
  "from",
  "until",
  "units-where",
  "units-by",
  "units-metric",
  "units-cap",
  "in",
  "group",
  "tag",
  "variant",
  "confidence",
  "scale",
  "side",
  "cuped",
  "__proto__"
];

const address = fc
  .array(fc.tuple(fc.constantFrom(...fields), hostileText, fc.boolean()), {minLength: 1, maxLength: 5})
  .map(
    (pairs) =>
      `?${pairs.map(([name, text, isEncoded]) => `${name}=${isEncoded ? encodeURIComponent(Buffer.from(text).toString()) : text}`).join("&")}`
  );

// The store takes no name without a letter, and a file no header with a NUL.
const named = hostileText.map((text) => text.replaceAll("\0", "")).filter((text) => /\S/.test(text));

const inputs: Record<string, Door<string>["inputs"]> = {
  "names and descriptions": named,
  "headers and errors": named,
  SQL: named,
  chat: hostileText,
  markdown: hostileText,
  addresses: address
};

/** Opens a browser with the components, on a page without any policy that would hide an escape. */
export async function openPageDoors(): Promise<PageDoors> {
  const {outputFiles} = await build({
    entryPoints: [resolve("scripts/torture/doors/stage.ts")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    logLevel: "error"
  });
  const server = createServer((request, response) => {
    const isScript = request.url === "/stage.js";
    response.writeHead(200, {
      "content-type": isScript ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8"
    });
    response.end(
      isScript
        ? outputFiles[0].text
        : `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>stage</title><body><script src="/stage.js"></script>`
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await launch();
  const page = await browser.newPage();
  const seen: string[] = [];
  page.on("dialog", (dialog) => (seen.push(`a dialog: ${dialog.message()}`), void dialog.dismiss()));
  await page.goto(url);
  page.on("request", (request) => void seen.push(`a request to ${request.url()}`));
  const watched = async (work: Promise<(string | null)[]>): Promise<Outcome[]> => {
    const problems = await work;
    // What a text has set off comes a little later.
    const pwned = await page.evaluate(
      () => new Promise((done) => setTimeout(() => done("__pwned" in globalThis), 20))
    );
    if (pwned) seen.push("a script ran");
    if (seen.length) throw new Error(seen.splice(0).join("; "));
    return problems.map((problem) => (problem ? {escaped: problem} : "kept"));
  };
  const drawn = Object.keys(inputs).map((name): Door<string> => ({
    name: `page: ${name}`,
    inputs: inputs[name],
    batch: 1000,
    judge: (texts) => watched(evaluate(page, name, texts))
  }));
  const judgePages: PageDoors["judgePages"] = (pages, model) =>
    page.evaluate(({pages, model}) => window.hostile.judgePages(pages, model), {pages, model});
  const carried: Door<string> = {
    name: "page: published data",
    inputs: hostileText,
    batch: 1000,
    judge: (texts) => watched(judgePages(texts.map(stampedOf), stampedOf("plain").page))
  };
  return {
    doors: [...drawn, carried],
    pasted: (door, texts) =>
      page.evaluate(({door, texts}) => window.hostile.judgePasted(door, texts), {door, texts}),
    judgePages,
    async close() {
      await browser.close();
      await new Promise((done) => server.close(done));
    }
  };
}

const evaluate = (page: Page, door: string, texts: string[]) =>
  page.evaluate(
    ({door, texts}) => {
      const {judge, judgeAddresses} = window.hostile;
      return door === "addresses" ? judgeAddresses(texts) : judge(door, texts);
    },
    {door, texts}
  );

const template = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title></title></head><body><main></main></body></html>`;

/** Returns a page as a report is published, with a text everywhere in its data. */
export function stampedOf(text: string): StampedPage {
  const data = {[text]: text, list: [text, {name: text}]};
  return {
    page: stamped(template, {kind: "report", data, title: `${text} | Expanto`}),
    json: JSON.stringify(data),
    title: `${text} | Expanto`
  };
}
