import {createServer, type Server} from "node:http";
import {once} from "node:events";
import type {AddressInfo} from "node:net";
import {statSync} from "node:fs";
import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {addUser} from "../../lib/access/users.js";
import {main} from "../../lib/cli/main.js";
import {examine} from "../../lib/doctor.js";
import {closeStore, openStore} from "../../lib/store.js";
import {lockFolder} from "../../lib/store/lock.js";

let folder: string;
let server: Server | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-doctor-"));
  await mkdir(join(folder, "tables"));
  await writeFile(join(folder, "tables", "assignments.csv"), "user_id\n1\n");
  await configure();
});
afterEach(async () => {
  server?.close();
  server = null;
  await rm(folder, {recursive: true});
});

const configure = (more = "") =>
  writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\nwarehouse: {path: tables}\n${more}`
  );

async function doctor() {
  const said: string[] = [];
  const write = (text: string) => void said.push(text);
  const io = {out: write, err: write, input: async () => "", now: () => "2026-03-01T00:00:00.000Z", folder};
  return {
    code: await main(["doctor"], {start: async () => {}, publish: async () => [], io}),
    said: said.join("\n")
  };
}

const finding = async (what: string) => (await examine(folder)).find((each) => each.what === what);

test("a sound workspace has a line for each thing, and ends with 0", async () => {
  closeStore(await openStore(join(folder, "data", "expanto.db")));
  const {code, said} = await doctor();
  expect(said.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2).join(" "))).toEqual(
    [
      "versions",
      "configuration",
      "metrics",
      "disk",
      "rights",
      "database",
      "server",
      "access",
      "cache",
      "warehouse",
      "model"
    ].map((what) => `ok ${what}`)
  );
  expect(code).toBe(0);
});

test("what is broken is said with what to do, hides nothing else, and the exit code is 2", async () => {
  await rm(join(folder, "tables"), {recursive: true});
  await mkdir(join(folder, "data", "cache"), {recursive: true, mode: 0o700});
  await writeFile(join(folder, "data", "expanto.db"), "no database".repeat(100));
  await writeFile(join(folder, "data", "cache", `${"a".repeat(32)}.parquet`), "half");
  const {code, said} = await doctor();
  expect(code).toBe(2);
  expect(said).toMatch(/FAIL {2}database .* is not a SQLite database\n *→ \S/);
  expect(said).toMatch(/FAIL {2}cache .*1 of 1 files cannot be used[^]*→ delete them/);
  expect(said).toMatch(/FAIL {2}warehouse .*there is no warehouse[^]*→ set warehouse.path/);
  expect(said).toMatch(/ok {4}metrics/);
  expect(said).toContain("3 of 11 are not sound");
});

test("a damaged page of the database is found", async () => {
  const file = join(folder, "data", "expanto.db");
  closeStore(await openStore(file));
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(7, 8192, 12_288));
  expect(await finding("database")).toMatchObject({
    isSound: false,
    said: expect.stringMatching(/expanto.db is damaged/),
    hint: expect.stringContaining("restore FILE")
  });
});

test("an empty database, as a first start leaves it that was cut short, is no damage", async () => {
  await mkdir(join(folder, "data"), {mode: 0o700});
  await writeFile(join(folder, "data", "expanto.db"), "", {mode: 0o600});
  expect(await finding("database")).toMatchObject({isSound: true, said: expect.stringMatching(/is empty/)});
});

test("a database that everybody may read is said with what to run, and one that Expanto made is nobody else's", async () => {
  const [data, file] = [join(folder, "data"), join(folder, "data", "expanto.db")];
  const store = await openStore(file);
  const made = [data, file, `${file}-wal`, `${file}-shm`].map((path) => statSync(path).mode & 0o777);
  closeStore(store);
  expect(made).toEqual([0o700, 0o600, 0o600, 0o600]);
  expect((await finding("rights"))!.isSound).toBe(true);
  await chmod(data, 0o755);
  await chmod(file, 0o644);
  expect(await finding("rights")).toEqual({
    what: "rights",
    isSound: false,
    said: `everybody on this machine may look into ${data}`,
    hint: `chmod 700 ${data}; chmod 600 ${file}`
  });
});

test("a configuration that cannot be read is the one thing to repair first", async () => {
  await configure("servr: {}\n");
  const {code, said} = await doctor();
  expect([code, said]).toEqual([2, expect.stringMatching(/FAIL {2}configuration[^]*did you mean server\?/)]);
});

test("the server that runs is named, and left alone", async () => {
  closeStore(await openStore(join(folder, "data", "expanto.db")));
  const lock = lockFolder(join(folder, "data"));
  lock.publish("http://127.0.0.1:1234");
  expect(await finding("server")).toMatchObject({
    said: `process ${process.pid} serves at http://127.0.0.1:1234`
  });
  await rm(join(folder, "data", "expanto.db"));
  expect(await finding("database")).toMatchObject({
    isSound: false,
    said: expect.stringMatching(/expanto.db is gone, and process \d+ goes on serving what it was$/)
  });
  lock.release();
});

test("that everybody could come in, or nobody can, is said with what to do", async () => {
  await configure("server: {host: 192.168.1.20}\n");
  expect(await finding("access")).toMatchObject({
    isSound: false,
    said: expect.stringContaining("nobody has to sign in")
  });
  await configure("server: {url: 'https://expanto.example.com'}\n");
  expect((await finding("access"))!.said).toContain(
    "whoever reaches expanto.example.com could change everything"
  );
  await configure("server: {host: 192.168.1.20}\nauth: {login: true}\n");
  const nobody = {isSound: false, hint: "npx expanto user add NAME --role admin"};
  expect(await finding("access")).toMatchObject(nobody);
  const store = await openStore(join(folder, "data", "expanto.db"));
  const by = {who: null, now: "2026-03-01T00:00:00.000Z"};
  await addUser(store, {name: "ana", role: "admin", password: "four words nobody says"}, by);
  closeStore(store);
  expect((await finding("access"))!.said).toMatch(/^1 user has a password; nothing on the way is encrypted/);
});

test("a model that refuses the key is said, and the key is not", async () => {
  server = createServer((_, answer) => answer.writeHead(401).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await configure(`assistant: {base_url: "${address}", model: m}\n`);
  process.env.EXPANTO_ASSISTANT_API_KEY = "sk-canary-1234";
  const found = await finding("model");
  delete process.env.EXPANTO_ASSISTANT_API_KEY;
  expect(found).toMatchObject({isSound: false, said: `${address} answers with 401`});
  expect(JSON.stringify(found)).not.toContain("canary");
});
