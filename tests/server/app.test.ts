import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Hono} from "hono";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {createApp} from "../../server/app.js";
import {openLog} from "../../server/log.js";
import {serve} from "../../server/serve.js";
import {fixtureParts} from "../browser/fixtures.js";

let site: string;
let app: Hono;
const script = "\nimport {define} from './x.js';\n";

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), "site-"));
  await mkdir(join(site, "results"));
  await mkdir(join(site, "_import"));
  await writeFile(join(site, "index.html"), `<script type="module">${script}</script>first`);
  await writeFile(join(site, "results/latest.html"), "result");
  await writeFile(join(site, "404.html"), "not here");
  await writeFile(join(site, "_import/style.0a1b2c3d.css"), "a {}");
  await writeFile(join(site, ".sources"), "secret");
  app = createApp(fixtureParts(site));
});

afterAll(() => rm(site, {recursive: true}));

const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(`http://127.0.0.1:3000${path}`, {headers});

const post = (path: string, origin?: string) =>
  app.request(`http://127.0.0.1:3000${path}`, {method: "POST", headers: origin ? {Origin: origin} : {}});

describe("published reports", () => {
  test("are served beside the site, which answers for the index before there is one", async () => {
    await mkdir(join(site, "reports"));
    await writeFile(join(site, "reports/index.html"), "nothing yet");
    expect((await get("/reports")).headers.get("location")).toBe("/reports/");
    expect(await (await get("/reports/")).text()).toBe("nothing yet");
    await mkdir(join(site, "published"));
    await writeFile(
      join(site, "published/7.html"),
      `<main id="m">A report</main><script type="application/json" id="report-data">{}</script>`
    );
    const page = await get("/reports/7.html");
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([
      200,
      expect.stringContaining("script-src 'self';")
    ]);
    expect((await get("/reports/../secret.html")).status).toBe(404);
    expect(await page.text()).toContain(
      '<main id="m">\n<p class="facts"><a href="/">To the workspace</a></p>A report'
    );
  });
});

describe("the API", () => {
  test("lists every experiment", async () => {
    const cards = (await (await get("/api/experiments")).json()) as {experiment: {name: string}}[];
    expect(cards.map((d) => d.experiment.name)).toContain("Faster checkout");
    expect(cards).toHaveLength(6);
  });

  test("answers with one observation, or the newest", async () => {
    const named = await (await get("/api/results/1")).json();
    expect(named).toMatchObject({observation: {id: 1}, job: {id: 1}});
    expect(await (await get("/api/results/latest")).json()).toEqual(named);
  });

  test("starts a calculation and tells of its job", async () => {
    const started = await post("/api/observations/7/calculate", "http://127.0.0.1:3000");
    expect(started.status).toBe(202);
    expect(await started.json()).toMatchObject({id: 7, observationId: 7});
    expect(await (await get("/api/jobs/7")).json()).toMatchObject({id: 7, status: "completed"});
  });

  test("says what is unknown as 404 and what is malformed as 400, in one shape", async () => {
    expect(await (await get("/api/jobs/99")).json()).toEqual({
      error: "no job 99",
      hint: "the page of an observation shows its newest job",
      status: 404
    });
    const malformed = await get("/api/results/1%20or%201");
    expect(malformed.status).toBe(400);
    expect(await malformed.json()).toMatchObject({error: "not an id: 1 or 1", status: 400});
    expect(await (await get("/api/nothing")).json()).toMatchObject({status: 404});
  });

  test("declares variants; what cannot be read, is unknown or too large is refused in the same shape", async () => {
    const declare = (id: number, body: string) =>
      app.request(`http://127.0.0.1:3000/api/experiments/${id}/variants`, {
        method: "POST",
        headers: {Origin: "http://127.0.0.1:3000", "Content-Length": String(body.length)},
        body
      });
    const variants = [
      {name: "a", allocation: 0.5, isControl: true},
      {name: "b", allocation: 0.5, isControl: false}
    ];
    const answers = await Promise.all([
      declare(8, JSON.stringify({variants})),
      declare(9, JSON.stringify({variants})),
      declare(8, JSON.stringify({variants: [{name: "a"}]})),
      declare(8, "{"),
      declare(8, JSON.stringify({variants: []})),
      declare(8, " ".repeat(2 ** 21))
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 400, 400, 400, 413]);
    expect(await answers[0].json()).toMatchObject({variants});
    expect(await answers[2].json()).toMatchObject({
      error: expect.stringContaining("variants.0.allocation"),
      status: 400
    });
  });

  test("hides what went wrong inside", async () => {
    const fail = () => {
      throw new Error("password=1234");
    };
    const logged: string[] = [];
    const log = openLog({write: (line) => void logged.push(line)});
    const broken = createApp({...fixtureParts(site), experimentCards: fail, log});
    const response = await broken.request("http://localhost/api/experiments");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("1234");
    expect(logged).toHaveLength(1);
  });
});

test("a database that cannot be used is said, with what to do", async () => {
  const full = Object.assign(new Error("database or disk is full"), {code: "SQLITE_FULL"});
  const fail = () => {
    throw full;
  };
  const answer = await createApp({...fixtureParts(site), experimentCards: fail}).request(
    "http://localhost/api/experiments"
  );
  expect([answer.status, await answer.json()]).toEqual([
    503,
    {error: "the database cannot grow: the disk is full", hint: "free some space and try again", status: 503}
  ]);
});

describe("who may ask", () => {
  test("a name that merely points here is refused", async () => {
    const response = await app.request("http://evil.example/api/experiments");
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({status: 403});
    expect((await get("/api/experiments", {Host: "evil.example:3000"})).status).toBe(403);
    expect((await get("/api/experiments", {Host: "localhost:3000"})).status).toBe(200);
  });

  test("a change is refused unless a page of this server asks for it", async () => {
    const path = "/api/observations/7/calculate";
    expect((await post(path)).status).toBe(403);
    expect((await post(path, "http://evil.example")).status).toBe(403);
    expect((await post(path, "http://127.0.0.1:4000")).status).toBe(403);
  });
});

describe("the site", () => {
  test("pages stand at clean addresses, every result at its own", async () => {
    expect(await (await get("/")).text()).toContain("first");
    for (const path of ["/results", "/results/latest", "/results/42"]) {
      expect(await (await get(path)).text()).toBe("result");
    }
  });

  test("an unknown address gets the page that says so", async () => {
    for (const path of [
      "/nowhere",
      "/results/0",
      "/results/x",
      "/404",
      "/.sources",
      "/%2e%2e%2fpackage.json",
      "/%"
    ]) {
      const response = await get(path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, "not here"]);
    }
  });

  test("only files that carry their hash are kept for good", async () => {
    const style = await get("/_import/style.0a1b2c3d.css");
    expect(style.headers.get("Cache-Control")).toContain("immutable");
    expect(style.headers.get("Content-Type")).toContain("text/css");
    expect((await get("/")).headers.get("Cache-Control")).toBe("no-cache");
    expect((await get("/api/experiments")).headers.get("Cache-Control")).toBe("no-store");
  });

  test("a page may run the scripts it was built with and no other", async () => {
    const {createHash} = await import("node:crypto");
    const hash = createHash("sha256").update(script).digest("base64");
    const policy = (await get("/")).headers.get("Content-Security-Policy")!;
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect((await get("/api/experiments")).headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("serving", () => {
  test("a port in use is explained", async () => {
    const first = await serve(app, {port: 0});
    const port = Number(new URL(first.url).port);
    await expect(serve(app, {port})).rejects.toMatchObject({
      name: "UserError",
      message: `port ${port} is in use`
    });
    expect((await fetch(`${first.url}/api/experiments`)).status).toBe(200);
    await first.close();
  });

  test("other machines are not served", async () => {
    await expect(serve(app, {host: "0.0.0.0", port: 0})).rejects.toMatchObject({name: "UserError"});
  });
});
