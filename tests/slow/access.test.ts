import {execFileSync} from "node:child_process";
import {readFile, rm, writeFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {program, server} from "../../scripts/torture/program.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";
import type {EditedExperiment} from "../../lib/view-types.js";
import {cookieOf, signIn} from "../server/doors.js";
import {knock} from "../server/knock.js";

const password = "four words nobody says";
let tortured: Tortured;
let file: string;
let yaml: string;

beforeAll(async () => {
  tortured = await torturedWorkspace();
  file = join(tortured.folder, "expanto.config.yaml");
  yaml = await readFile(file, "utf8");
});
afterAll(() => rm(tortured.folder, {recursive: true}));

const expanto = (command: string, input = "") =>
  execFileSync(process.execPath, [resolve("bin/expanto.js"), ...command.split(" ")], {
    cwd: tortured.folder,
    input,
    encoding: "utf8"
  });

test("an address that others can reach is refused before anything is served, by the real program", async () => {
  await writeFile(file, `${yaml}server: {host: 127.0.0.2}\n`);
  const {exited, said} = program(tortured.folder, ["start", "--port", "0"]);
  expect(await exited).toBe(2);
  expect(said()).toBe(
    "error: whoever reaches 127.0.0.2 could change everything: nobody has to sign in\n" +
      `  set auth.login: true and add a user (node ${resolve("bin/expanto.js")} user add NAME --role admin), name a proxy in auth.proxy, or leave server.host at 127.0.0.1 and server.url at null\n`
  );
});

test("on such an address people sign in; the trail names who made, changed, published and deleted, and a command signs out at once", async () => {
  await writeFile(file, `${yaml}server: {host: 127.0.0.2}\nauth: {login: true}\n`);
  for (const role of ["viewer", "analyst", "admin"]) expanto(`user add ${role} --role ${role}`, password);
  const {url, kill} = await server(tortured.folder);
  const headersOf = async (name: string) => ({
    Cookie: cookieOf(await signIn(url, {name, password})),
    Origin: url,
    "Content-Type": "application/json"
  });
  const [viewer, analyst, admin] = await Promise.all(["viewer", "analyst", "admin"].map(headersOf));
  const token = {Authorization: `Bearer ${expanto("token create --name nightly --role analyst").trim()}`};
  const ask = async (headers: Record<string, string>, method: string, path: string, body?: unknown) => {
    const answer = await knock(`${url}/api${path}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : undefined
    });
    return {status: answer.status, body: answer.body ? JSON.parse(answer.body) : null};
  };
  const fields = {name: "Made by somebody", variants: [{name: "a", control: true}, {name: "b"}]};
  expect((await ask(viewer, "POST", "/experiments", {fields})).status).toBe(403);
  const {id, updatedAt} = (await ask(analyst, "POST", "/experiments", {fields})).body;
  const path = `/experiments/${id}`;
  const changed = {fields: {...fields, owner: "growth"}, updatedAt};
  expect((await ask(token, "PUT", path, changed)).status).toBe(200);
  expect((await ask(analyst, "DELETE", path)).status).toBe(403);
  const remove = (version: string) => ask(admin, "DELETE", `${path}?updatedAt=${version}`);
  expect((await remove(updatedAt)).status).toBe(409);
  expect((await remove((await ask(admin, "GET", path)).body.updatedAt)).status).toBe(204);
  expect((await ask(admin, "POST", "/deleted/restore", {kind: "experiment", id})).status).toBe(204);
  const trail = async (of: string) => ((await ask(viewer, "GET", of)).body as EditedExperiment).trail;
  expect((await trail(path)).map(({kind, who}) => [kind, who])).toEqual([
    ["restore", "admin"],
    ["delete", "admin"],
    ["edit", "token nightly"],
    ["create", "analyst"]
  ]);
  expect((await ask(analyst, "POST", "/observations/1/publish")).status).toBe(200);
  expect((await trail("/experiments/1"))[0]).toMatchObject({
    kind: "publish",
    who: "analyst",
    words: expect.stringMatching(/^sha256 [0-9a-f]{64}$/)
  });
  expanto("user remove analyst");
  expect((await ask(analyst, "GET", "/experiments")).status).toBe(401);
  expanto("token revoke nightly");
  expect((await ask(token, "GET", "/experiments")).status).toBe(401);
  expect(expanto("trail")).toMatch(
    /user added .*admin, admin[\s\S]*login +analyst[\s\S]*token made[\s\S]*user removed/
  );
  await kill("SIGTERM");
});
