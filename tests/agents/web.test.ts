import {createServer, type RequestListener, type Server} from "node:http";
import type {AddressInfo} from "node:net";
import {json} from "node:stream/consumers";
import {afterEach, expect, test} from "vitest";
import {webSearch} from "../../agents/web.js";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((each) => (each.closeAllConnections(), each.close())));

const key = "tvly-canary";

/** Returns a search against a service on this machine that answers as it is told. */
async function searchOf(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((ready) => server.once("listening", ready));
  return webSearch(key, `http://127.0.0.1:${(server.address() as AddressInfo).port}/search`);
}

const never = new AbortController().signal;

test("pages come as short text with their address; others than those of the web are left out", async () => {
  const asked: unknown[] = [];
  const search = await searchOf(async (request, response) => {
    asked.push([request.headers.authorization, await json(request)]);
    const results = [
      {
        title: "Peeking".padEnd(300, "!"),
        url: "https://example.org/peeking",
        content: "Do not\n\n  peek. ".repeat(200)
      },
      {title: "script", url: "javascript:alert(1)", content: "x"},
      {title: "file", url: "file:///etc/passwd", content: "x"}
    ];
    response
      .writeHead(200, {"content-type": "application/json"})
      .end(JSON.stringify({results, answer: "unused"}));
  });
  const pages = await search("peeking in A/B tests", never);
  expect(asked).toEqual([[`Bearer ${key}`, {query: "peeking in A/B tests", max_results: 5}]]);
  expect(pages.map(({url}) => url)).toEqual(["https://example.org/peeking"]);
  expect([pages[0].title.length, pages[0].text.length]).toEqual([200, 1500]);
  expect(pages[0].text).toMatch(/^Do not peek\. Do not peek\./);
});

test.each<[string, RequestListener, RegExp]>([
  ["refuses the key", (_, response) => response.writeHead(401).end(`no such key ${key}`), /refused: 401/],
  ["answers no JSON", (_, response) => response.end("<html>busy</html>"), /cannot be read/],
  ["answers another shape", (_, response) => response.end(`{"results": [{"title": 1}]}`), /cannot be read/],
  ["breaks off", (request) => request.socket.destroy(), /does not answer/]
])("a service that %s is told in words, without the key", async (_, answer, words) => {
  const search = await searchOf(answer);
  const error = await search("x", never).then(String, (error: Error) => `${error.name} ${error.message}`);
  expect(error).toMatch(words);
  expect(error).toMatch(/^UserError/);
  expect(error).not.toContain(key);
});

test("who stops waits no longer for a service that is silent", async () => {
  const search = await searchOf(() => {});
  const stop = new AbortController();
  const answer = search("x", stop.signal);
  stop.abort();
  await expect(answer).rejects.toThrow("does not answer");
});
