import {cp, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Browser, Page} from "playwright-core";
import {afterAll, beforeAll, expect} from "vitest";
import {start} from "../../server/start.js";
import {launch, openPage, type PageOptions} from "./browser.js";

/** Where a started demo is, and what its pages asked for and complained of; filled before the first test. */
export type StartedDemo = {
  url: string;
  /** Its folder, with metrics of its own. */
  folder: string;
  browser: Browser;
  seen: {requests: string[]; problems: string[]};
  /** Opens a path of the site in a context of its own. */
  open: (path: string, options?: PageOptions) => Promise<Page>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of an answer is checked by its claims
  json: (path: string) => Promise<any>;
  /** Sends a change to the API as a page of the site would; one that is refused fails the test. */
  send: (method: string, path: string, body?: unknown) => Promise<void>;
};

/** Returns what a stranger has after one start in an empty folder: finished results, and a real browser to see them. */
export function startedDemo(): StartedDemo {
  const stop = new AbortController();
  const demo: StartedDemo = {
    url: "",
    folder: "",
    browser: undefined as unknown as Browser,
    seen: {requests: [], problems: []},
    open: (path, options = {}) => openPage(demo.browser, new URL(path, demo.url).href, options, demo.seen),
    json: async (path) => (await fetch(demo.url + path)).json(),
    send: async (method, path, body) => {
      const headers = {Origin: demo.url, "Content-Type": "application/json"};
      const answer = await fetch(`${demo.url}/api${path}`, {
        method,
        headers,
        body: body ? JSON.stringify(body) : undefined
      });
      expect([path, answer.ok]).toEqual([path, true]);
    }
  };
  let served: Promise<void>;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "expanto-start-"));
    demo.folder = folder;
    await cp(resolve("metrics"), join(folder, "metrics"), {recursive: true});
    await writeFile(
      join(folder, "expanto.config.yaml"),
      `folders: {metrics: metrics, queries: ${resolve("queries")}}\n`
    );
    demo.url = await new Promise((ready, fail) => {
      const say = (text: string) => {
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (address) ready(address);
      };
      served = start({folder, port: 0, say, signal: stop.signal});
      served.catch(fail);
    });
    demo.browser = await launch();
  });
  afterAll(async () => {
    await demo.browser?.close();
    stop.abort();
    await served;
  });
  return demo;
}

/** Returns what pages asked of hosts other than the demo's. */
export const foreignRequests = ({url, seen}: StartedDemo) =>
  seen.requests.filter((address) => !address.startsWith(url) && !/^(data|blob):/.test(address));
