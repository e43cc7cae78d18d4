// A canary stands in every secret there is, everything fails as loudly as it can, and all that is written or sent is searched.

import {spawn} from "node:child_process";
import {once} from "node:events";
import {readFileSync} from "node:fs";
import {cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from "node:fs/promises";
import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {buffer} from "node:stream/consumers";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {allFields} from "../../lib/config/schema.js";
import {rememberSecret, redacted, secretNames} from "../../lib/config/secrets.js";
import {program, server} from "../../scripts/torture/program.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";
import {startBigQuery, type BigQueryServer} from "../fixtures/bigquery-server.js";
import {startPostgres, type PostgresServer} from "../fixtures/postgres-server.js";
import {scriptedModel, type ScriptedModel} from "../fixtures/scripted-model.js";
import {makeKeys, startSnowflake, type SnowflakeServer} from "../fixtures/snowflake-server.js";

const headers = "OTEL_EXPORTER_OTLP_HEADERS";
const canaryOf = (name: string) => `canary/${name.toLowerCase()}+"7&=~`;
const keys = makeKeys(canaryOf("EXPANTO_SNOWFLAKE_PASSPHRASE_OF_THE_KEY"));

/** What must be found nowhere, by the secret that holds it; a key's canary is a line of its file. */
const canaries: Record<string, string> = {
  ...Object.fromEntries(
    [
      "EXPANTO_ASSISTANT_API_KEY",
      "EXPANTO_POSTGRES_PASSWORD",
      "EXPANTO_SNOWFLAKE_PASSPHRASE",
      "EXPANTO_TAVILY_API_KEY",
      "EXPANTO_WEBHOOK_SECRET"
    ].map((name) => [name, canaryOf(name)])
  ),
  "warehouse.key_file": "canaryWarehouseKeyFile0123456789",
  "warehouse.private_key_file": readFileSync(keys.privateKeyFile, "utf8").split("\n")[3],
  [headers]: "canaryOfTheCollectorsHeader"
};

test("every secret that the configuration can hold has a canary", () => {
  const files = allFields().filter((field) => /_file$/.test(field));
  expect(Object.keys(canaries).sort()).toEqual([...secretNames, ...files, headers].sort());
});

/** Returns the forms in which a text could stand in another: also in base64 from any of three places. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const coded = Buffer.from("x".repeat(before) + secret)
      .toString("base64")
      .replace(/=+$/, "");
    return coded.slice(before ? 4 : 0, -2);
  });
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    ...base64
  ];
}

/** Returns which canaries stand in a text, whatever their form; half of one that was hidden in part is one too. */
const foundIn = (text: string) =>
  Object.entries(canaries).flatMap(([name, secret]) => {
    const parts = [secret, secret.slice(secret.length / 2)];
    return parts.flatMap(formsOf).some((form) => text.includes(form)) ? [name] : [];
  });

let tortured: Tortured;
let postgres: PostgresServer;
let snowflake: SnowflakeServer;
let bigquery: BigQueryServer;
let model: ScriptedModel;
let outside: string;
const collected: string[] = [];
const collector = createServer(async (request, response) => {
  collected.push((await buffer(request)).toString("latin1"));
  response.writeHead(200, {"content-type": "application/json"}).end("{}");
});

beforeAll(async () => {
  [tortured, postgres, model] = await Promise.all([torturedWorkspace(), startPostgres(), scriptedModel()]);
  snowflake = await startSnowflake({setup: [], publicKey: keys.publicKey});
  bigquery = await startBigQuery({setup: []});
  outside = await mkdtemp(join(tmpdir(), "expanto-secrets-"));
  const key = {
    type: "service_account",
    project_id: "p",
    client_email: "a@b.c",
    private_key: `-----BEGIN PRIVATE KEY-----\n${canaries["warehouse.key_file"]}\n-----END PRIVATE KEY-----\n`
  };
  await writeFile(join(outside, "bigquery.json"), JSON.stringify(key));
  await new Promise<void>((ready) => collector.listen(0, "127.0.0.1", ready));
  // The endpoint says the key it was given back, as some do.
  model.script(() => ({
    status: 401,
    error: `no such key: ${String(model.asked.at(-1)?.headers.authorization).replace("Bearer ", "")}`
  }));
});
afterAll(async () => {
  collector.close();
  await Promise.all([postgres, snowflake, bigquery].map((each) => each?.stop()));
  await model?.close();
  for (const folder of [tortured?.folder, outside]) if (folder) await rm(folder, {recursive: true});
});

const environment = () => ({
  ...Object.fromEntries(secretNames.map((name) => [name, canaries[name]])),
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  [headers]: `api-key=${canaries[headers]}`,
  METADATA_SERVER_DETECTION: "none",
  EXPANTO_DEBUG: "1"
});

/** Returns a project that asks another warehouse, with the experiments of the demo and its built pages. */
async function projectOf(name: string, warehouse: string): Promise<string> {
  const folder = join(outside, name);
  await mkdir(join(folder, "data"), {recursive: true});
  await cp(join(tortured.data, "site"), join(folder, "data/site"), {recursive: true});
  await cp(join(tortured.data, "expanto.db"), join(folder, "data/expanto.db"));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\nwarehouse: ${warehouse}\nserver: {log: debug}\nassistant: {base_url: "${model.url}", model: m, embeddings_model: e}\nschedule: {webhook: "${environment().OTEL_EXPORTER_OTLP_ENDPOINT}/webhook"}\n`
  );
  return folder;
}

async function said(folder: string, ...args: string[]): Promise<string> {
  const run = program(folder, args, environment());
  await run.exited;
  return run.said();
}

/** Returns everything a server of a project says and writes while all that can be asked of it is asked. */
async function served(folder: string): Promise<{said: string; answers: string}> {
  const {url, said, kill} = await server(folder, {env: environment()});
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(url + path, {
      method,
      headers: {Origin: url, "Content-Type": "application/json"},
      body: body === undefined ? undefined : JSON.stringify(body)
    });
    return `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
  };
  const answers = [await ask("POST", "/api/observations/1/calculate")];
  const page = {path: "/results/1", search: "", title: "", selection: ""};
  for (const question of ["What did this show?", "Which experiments are running?"])
    answers.push(await ask("POST", "/api/chat", {chat: "a-chat-of-ours", question, page}));
  answers.push(await ask("POST", "/api/chat/sql", {sql: "select * from calculation_jobs"}));
  answers.push(
    await ask("POST", "/api/observations/1/slice", {where: "nonsense", by: [], metrics: null, cap: null})
  );
  for (const path of [
    "/health",
    "/ready",
    "/api/experiments",
    "/api/experiments/1",
    "/api/results/1",
    "/api/catalogue",
    "/api/metrics",
    "/api/chat",
    "/api/nothing",
    "/results/1"
  ])
    answers.push(await ask("GET", path));
  const {jobs} = JSON.parse((await ask("GET", "/api/experiments/1")).replace(/^\[.*?\] /, ""))
    .observations[0] as {jobs: {id: number}[]};
  for (const {id} of jobs) answers.push(await ask("GET", `/api/jobs/${id}`));
  await kill("SIGTERM");
  return {said: said(), answers: answers.join("\n")};
}

/** Returns what a project's tools answer to another program. */
async function toolsOf(folder: string): Promise<string> {
  const child = spawn(process.execPath, [resolve("bin/expanto.js"), "mcp"], {
    cwd: folder,
    env: {...process.env, ...environment()}
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (text += String(piece)));
  const send = (id: number, method: string, params: unknown) =>
    child.stdin.write(`${JSON.stringify({jsonrpc: "2.0", id, method, params})}\n`);
  send(1, "initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: {name: "a", version: "1"}
  });
  send(2, "tools/call", {name: "query_database", arguments: {sql: "select * from calculation_jobs"}});
  send(3, "tools/call", {name: "search_docs", arguments: {query: "secrets"}});
  send(4, "tools/call", {name: "nothing", arguments: {}});
  await expect
    .poll(() => [1, 2, 3, 4].every((id) => text.includes(`"id":${id}`)), {timeout: 60_000})
    .toBe(true);
  child.stdin.end();
  await once(child, "close");
  return text;
}

/** Returns which files below a folder hold a canary. */
async function filesWith(folder: string): Promise<string[]> {
  const files = (await readdir(folder, {recursive: true, withFileTypes: true})).filter((entry) =>
    entry.isFile()
  );
  const found = await Promise.all(
    files.map(async ({parentPath, name}) =>
      foundIn((await readFile(join(parentPath, name))).toString("latin1")).map(
        (canary) => `${name}: ${canary}`
      )
    )
  );
  return found.flat();
}

describe("no secret is in anything that is written or sent", () => {
  const warehouses: [string, () => string, RegExp][] = [
    [
      "postgres",
      () =>
        `{type: postgres, host: "${postgres.host}", port: ${postgres.port}, database: ${postgres.database}, user: ${postgres.user}}`,
      /password/
    ],
    [
      "snowflake",
      () =>
        `{type: snowflake, account: acme, user: expanto, private_key_file: "${keys.privateKeyFile}", endpoint: "${snowflake.endpoint}"}`,
      /key/i
    ],
    [
      "bigquery",
      () =>
        `{type: bigquery, project: p, key_file: "${join(outside, "bigquery.json")}", endpoint: "${bigquery.endpoint}"}`,
      /bigquery/i
    ]
  ];

  test.each(warehouses)(
    "where %s refuses what it is given: commands, server, chat, job history and files",
    async (name, warehouse, failure) => {
      const folder = await projectOf(name, warehouse());
      const commands = [
        await said(folder, "doctor"),
        await said(folder, "calculate", "1"),
        await said(folder, "report", "--observation", "1"),
        await said(folder, "schedule", "--once")
      ].join("\n");
      expect(commands).toMatch(failure);
      expect(commands).toContain("401");
      const {said: log, answers} = await served(folder);
      expect(answers).toContain("refused the key");
      expect([
        foundIn(commands),
        foundIn(log),
        foundIn(answers),
        foundIn(collected.join("\n")),
        await filesWith(join(folder, "data"))
      ]).toEqual([[], [], [], [], []]);
    }
  );

  test("where all goes well: published reports, the cache, tools for other programs and telemetry", async () => {
    const folder = await projectOf("well", `{path: "${join(tortured.folder, "demo")}", memory_limit: 500MB}`);
    const {said: log, answers} = await served(folder);
    const commands = [
      await said(folder, "report", "--observation", "1"),
      await said(folder, "report", "--observation", "1", "--single-file"),
      await said(folder, "export", "1"),
      await said(folder, "doctor"),
      await said(folder, "backup")
    ].join("\n");
    const tools = await toolsOf(folder);
    expect(commands).toContain("401");
    expect(collected.length).toBeGreaterThan(0);
    expect([
      foundIn(log),
      foundIn(answers),
      foundIn(commands),
      foundIn(tools),
      foundIn(collected.join("\n")),
      await filesWith(folder)
    ]).toEqual([[], [], [], [], [], []]);
  });
});

test("the search finds a secret in every form, and what is said has none of them", () => {
  const [name, secret] = Object.entries(canaries)[0];
  const forms = [
    secret,
    JSON.stringify(secret),
    JSON.stringify(JSON.stringify(secret)),
    `?a=${encodeURIComponent(secret)}`,
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("base64url")
  ];
  for (const form of [...forms, Buffer.from(`analyst:${secret}`).toString("base64")])
    expect(foundIn(form)).toEqual([name]);
  rememberSecret(secret);
  for (const form of forms) expect(foundIn(redacted(form))).toEqual([]);
});
