import {expect, test} from "vitest";
import {redactor} from "../../lib/config/secrets.js";
import {createApp} from "../../server/app.js";
import {openLog} from "../../server/log.js";
import {fixtureParts} from "../browser/fixtures.js";
import {healthRoutes} from "../../server/health.js";

const config = {
  warehouse: {type: "postgres", user: "ana", password: 'sw"ord\\fish', host: "db.example"},
  assistant: {apiKey: "sk-canary-1234", model: "m"},
  passphrase: "abc"
};

function logging(level: "info" | "warn") {
  const lines: string[] = [];
  const log = openLog({level, redact: redactor(config), write: (line) => void lines.push(line)});
  return {log, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)};
}

const origin = "http://127.0.0.1:3000";
const parts = (log: ReturnType<typeof openLog>) => ({...fixtureParts("nowhere"), log});

test("a request is one line with the id its answer carries, and the job it started", async () => {
  const {log, entries} = logging("info");
  const answer = await createApp(parts(log)).request(`${origin}/api/observations/7/calculate?secret=1`, {
    method: "POST",
    headers: {Origin: origin}
  });
  expect(entries()).toEqual([
    {
      level: "info",
      time: expect.any(String),
      request: answer.headers.get("X-Request-Id"),
      method: "POST",
      path: "/api/observations/7/calculate",
      status: 202,
      ms: expect.any(Number),
      job: 7,
      msg: "answered"
    }
  ]);
});

test("by default only what went wrong is logged, with the id that the answer names", async () => {
  const {log, entries} = logging("warn");
  const fail = () => {
    throw new Error("broken");
  };
  const app = createApp({...parts(log), experimentCards: fail});
  await app.request(`${origin}/api/metrics`);
  const answer = await app.request(`${origin}/api/experiments`);
  const request = answer.headers.get("X-Request-Id");
  expect(await answer.json()).toMatchObject({hint: `its log says what, of request ${request}`});
  expect(entries()).toMatchObject([{level: "error", request, err: {message: "broken"}}]);
});

test("no secret leaves the log, wherever it stands and however it is written", () => {
  const {log, lines} = logging("info");
  log.info({url: "postgres://ana:sk-canary-1234@db"}, config.warehouse.password);
  log.error({err: new Error(`refused ${config.warehouse.password} and ${config.assistant.apiKey}`)}, "no");
  const said = lines.join("");
  for (const secret of ["sk-canary", "ord", "fish"]) expect(said).not.toContain(secret);
  expect([said.includes("[secret]"), said.includes("db"), said.split("\n")]).toEqual([
    true,
    true,
    expect.any(Array)
  ]);
  for (const line of lines) JSON.parse(line);
});

test("a line break in what is logged starts no line of its own", () => {
  const {log, lines} = logging("info");
  log.info({path: 'a\n{"level":"error"}'}, "b\nc");
  expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
});

test("health answers while the process does; ready says why it cannot work", async () => {
  let reason: string | null = null;
  const routes = healthRoutes(() => reason);
  expect(await (await routes.request("/ready")).json()).toEqual({status: "ready"});
  reason = "the server is stopping";
  const [health, ready] = [await routes.request("/health"), await routes.request("/ready")];
  expect([health.status, ready.status, await ready.json()]).toEqual([
    200,
    503,
    {status: "not ready", reason}
  ]);
  expect(ready.headers.get("Cache-Control")).toBe("no-store");
});
