import {describe, expect, test} from "vitest";
import {changePassword, changeRole, removeUser} from "../../lib/access/users.js";
import {roles, type Role} from "../../lib/types.js";
import {pathOf} from "../../server/access/login.js";
import {knownRoutes} from "../../server/access/roles.js";
import {serve} from "../../server/serve.js";
import {by, cookieOf, doors, json, me, password, signIn} from "./doors.js";
import {knock} from "./knock.js";

const it = doors();

describe("the table of roles", () => {
  test("names every route of the app, and no other", () => {
    const routes = it.appOf({}).routes.filter(({method}) => method !== "ALL");
    const registered = new Set(routes.map(({method, path}) => `${method} ${path}`));
    expect([...registered].sort()).toEqual([...knownRoutes].sort());
  });

  test("closes what it does not name, to an admin too", async () => {
    const url = await it.served();
    const cookie = it.sessionFor("admin");
    const sent = {method: "POST", headers: {Cookie: cookie, Origin: url}};
    expect((await knock(`${url}/api/nothing`, sent)).status).toBe(404);
    expect((await knock(`${url}/`, {...sent, method: "DELETE"})).status).toBe(404);
  });
});

// A route as somebody would ask for it.
const concrete = (key: string) => {
  const [method, pattern] = key.split(" ");
  const path = pattern
    .replace(/:alias/, "orders")
    .replace(/:\w+/g, "7")
    .replace("*", "");
  return {method, path};
};
const rank = (role: Role | "anyone") => roles.indexOf(role as Role);
const needs: Record<string, Role | "anyone"> = Object.fromEntries([
  ...["GET /health", "GET /ready", "GET /login", "POST /login"].map((key) => [key, "anyone"]),
  ...knownRoutes.filter((key) => /^(POST|PUT) \/api/.test(key)).map((key) => [key, "analyst"]),
  ...["audit", "slice", "crossing"].map((what) => [`POST /api/observations/:id/${what}`, "viewer"]),
  ...["columns", "results"].map((what) => [`POST /api/files/${what}`, "viewer"]),
  ...["POST /api/chat", "POST /api/chat/sql", "DELETE /api/chat/:id"].map((key) => [key, "viewer"]),
  ...["", "/observations/:observation"].map((rest) => [`DELETE /api/experiments/:id${rest}`, "admin"]),
  ["POST /api/deleted/restore", "admin"]
]);
// A stream has no end, and who signed out is nobody any more.
const asked = knownRoutes.filter((key) => !["GET /api/changes", "POST /logout"].includes(key));

describe("who has not signed in", () => {
  test.each([
    ["no cookie", () => ({})],
    ["a cookie somebody made up", () => ({Cookie: `expanto_session=${"A".repeat(43)}`})],
    ["a cookie of an hour ago", () => ({Cookie: it.sessionFor("admin", "2020-01-01T00:00:00.000Z")})],
    ["a hash for a cookie", () => ({Cookie: `expanto_session=${hashOf(it.sessionFor("admin"))}`})],
    ["a token somebody made up", () => ({Authorization: `Bearer expanto_${"A".repeat(43)}`})],
    ["a proxy's header where there is no proxy", () => ({"X-Forwarded-User": "admin"})]
  ])("with %s reaches nothing but the door", async (_, headers) => {
    const url = await it.served();
    for (const key of asked.filter((each) => needs[each] !== "anyone")) {
      const {method, path} = concrete(key);
      const answer = await knock(url + path, {method, headers: {Origin: url, ...headers()}});
      const isPage = method === "GET" && !path.startsWith("/api/");
      expect([key, answer.status, answer.body.length < 200]).toEqual([key, isPage ? 302 : 401, true]);
    }
  });

  test("is led to the page that was asked for, and to no other site", async () => {
    const url = await it.served();
    const {headers} = await knock(`${url}/results/7?by=platform`);
    expect(headers.location).toBe("/login?to=%2Fresults%2F7%3Fby%3Dplatform");
    const answer = await signIn(url, {name: "viewer", password, to: "/results/7?by=platform"});
    expect([answer.status, answer.headers.location]).toEqual([303, "/results/7?by=platform"]);
    const away = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example/",
      "/.//evil.example",
      "http://evil.example",
      ""
    ];
    expect(away.map(pathOf)).toEqual(away.map(() => "/"));
  });
});

const hashOf = (cookie: string) => {
  const [hash] = it.store.prepare<[], string>("select hash from sessions").pluck().all();
  return cookie && hash;
};

describe("roles", () => {
  test.each(roles)("%s may do what the table says, and is told in words what not", async (role) => {
    const url = await it.served();
    const headers = {Cookie: it.sessionFor(role), Origin: url, ...json};
    for (const key of asked) {
      const {method, path} = concrete(key);
      const {status, body} = await knock(url + path, {method, headers, body: method === "GET" ? "" : "{}"});
      const isAllowed = rank(role) >= rank(needs[key] ?? "viewer");
      if (key !== "POST /login") expect([key, status !== 403 && status !== 401]).toEqual([key, isAllowed]);
      if (status === 403)
        expect(JSON.parse(body).error).toMatch(/^\w+ may not do this: it takes an (analyst|admin)/);
    }
  });

  test("a role that was changed, a user who was removed and another password hold from the next request on", async () => {
    const url = await it.served();
    const cookies = roles.map((role) => ({Cookie: it.sessionFor(role)}));
    changeRole(it.store, {name: "viewer", role: "analyst"}, by);
    removeUser(it.store, "analyst", by);
    await changePassword(it.store, {name: "admin", password: `${password} aloud`}, by);
    const answers = await Promise.all(cookies.map((cookie) => me(url, cookie)));
    expect(answers.map(({status}) => status)).toEqual([200, 401, 401]);
    expect(JSON.parse(answers[0].body)).toEqual({name: "viewer", role: "analyst", isGuarded: true});
  });
});

describe("where a request comes from", () => {
  test("another site's page, none and an opaque one change nothing with somebody's cookie", async () => {
    const url = await it.served({url: "https://expanto.example.com"});
    const cookie = `__Host-${it.sessionFor("admin")}`;
    const calculate = (headers: Record<string, string>) =>
      knock(`${url}/api/observations/7/calculate`, {method: "POST", headers: {Cookie: cookie, ...headers}});
    const here = new URL(url).host;
    const refused: Record<string, string>[] = [
      {},
      {Origin: "null"},
      {Origin: "https://evil.example"},
      {Origin: `https://${here}`},
      {Origin: "http://expanto.example.com", Host: "expanto.example.com"},
      {Origin: `http://${here}.evil.example`}
    ];
    for (const headers of refused)
      expect([headers, (await calculate(headers)).status]).toEqual([headers, 403]);
    const accepted: Record<string, string>[] = [
      {Origin: url},
      {Origin: "https://expanto.example.com", Host: "expanto.example.com"}
    ];
    expect(JSON.parse((await calculate({Origin: "https://evil.example"})).body).hint).toContain(
      "from a page of https://expanto.example.com,"
    );
    for (const headers of accepted)
      expect([headers, (await calculate(headers)).status]).toEqual([headers, 202]);
  });

  test("a server at another address of this machine says that one too", async () => {
    const url = await it.served({host: "127.0.0.2"});
    expect(JSON.parse((await me(url, {Host: "evil.example"})).body).error).toBe(
      "this server answers to 127.0.0.1, localhost and 127.0.0.2, not to evil.example"
    );
  });

  test("nobody is signed in by another site's form", async () => {
    const url = await it.served();
    const answer = await signIn(url, {name: "viewer", password}, {headers: {Origin: "http://evil.example"}});
    expect([answer.status, cookieOf(answer)]).toEqual([403, ""]);
  });

  test("a name that merely points here is refused, whoever asks", async () => {
    const url = await it.served({url: "https://expanto.example.com"});
    const headers = {Cookie: `__Host-${it.sessionFor("admin")}`};
    for (const Host of ["evil.example", "127.0.0.1.evil.example", "expanto.example.com.evil.example:443"])
      expect((await me(url, {...headers, Host})).status).toBe(403);
    expect(JSON.parse((await me(url, {...headers, Host: "evil.example"})).body).error).toBe(
      "this server answers to 127.0.0.1, localhost and expanto.example.com, not to evil.example"
    );
    for (const Host of ["expanto.example.com", "localhost:3000"])
      expect((await me(url, {...headers, Host})).status).toBe(200);
  });
});

test("a deletion that does not name the version it was made from is refused, to programs too", async () => {
  const url = await it.served();
  const headers = {Cookie: it.sessionFor("admin"), Origin: url};
  for (const path of ["7", "7/observations/1"]) {
    const {status, body} = await knock(`${url}/api/experiments/${path}`, {method: "DELETE", headers});
    expect([status, JSON.parse(body).hint]).toEqual([400, expect.stringContaining("add ?updatedAt=")]);
  }
});

test("a step that does not name the version it was made from is refused, to programs too", async () => {
  const url = await it.served();
  const headers = {Cookie: it.sessionFor("admin"), Origin: url, "Content-Type": "application/json"};
  const {status, body} = await knock(`${url}/api/experiments/7/status`, {
    method: "POST",
    headers,
    body: JSON.stringify({action: "complete", words: "Ship it."})
  });
  expect([status, JSON.parse(body).hint]).toEqual([
    400,
    expect.stringContaining("send {action, words, updatedAt}")
  ]);
});

describe("too much", () => {
  test("a body that is too large is refused, at the door and behind it", async () => {
    const url = await it.served();
    const large = await signIn(url, {name: "viewer", password: "x".repeat(9000)});
    expect(large.status).toBe(413);
    const headers = {Cookie: it.sessionFor("analyst"), Origin: url, ...json};
    const body = JSON.stringify({fields: {name: "x".repeat(2 ** 20)}});
    expect((await knock(`${url}/api/experiments`, {method: "POST", headers, body})).status).toBe(413);
  });

  test("who asks the assistant without end waits, and is told how long; others do not", async () => {
    const url = await it.served();
    const asking = (role: Role, path = "chat") =>
      knock(`${url}/api/${path}`, {
        method: "POST",
        headers: {Cookie: it.sessionFor(role), Origin: url, ...json},
        body: "{}"
      });
    for (let n = 0; n < 20; n++) expect((await asking("viewer")).status).toBe(400);
    const answer = await asking("viewer");
    expect([answer.status, Number(answer.headers["retry-after"]) > 0]).toEqual([429, true]);
    expect(JSON.parse(answer.body)).toMatchObject({error: "too many questions at once", status: 429});
    expect((await asking("analyst")).status).toBe(400);
    for (let n = 0; n < 60; n++) expect((await asking("viewer", "chat/sql")).status).toBe(400);
    expect((await asking("viewer", "chat/sql")).status).toBe(429);
  });
});

test("every answer carries the headers that keep it where it is, whatever became of it", async () => {
  const url = await it.served();
  const Cookie = it.sessionFor("viewer");
  const answers = [
    await knock(`${url}/`),
    await knock(`${url}/login`),
    await me(url),
    await me(url, {Host: "evil.example"}),
    await me(url, {Cookie}),
    await knock(`${url}/account`, {headers: {Cookie}}),
    await knock(`${url}/nothing`, {headers: {Cookie}}),
    await knock(`${url}/api/experiments`, {method: "POST", headers: {Cookie}}),
    await signIn(url, {name: "viewer", password: "x".repeat(9000)})
  ];
  expect(answers.map(({status}) => status)).toEqual([302, 200, 401, 403, 200, 200, 404, 403, 413]);
  for (const {headers} of answers) {
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect([
      headers["x-content-type-options"],
      headers["x-frame-options"],
      headers["referrer-policy"]
    ]).toEqual(["nosniff", "DENY", "same-origin"]);
  }
});

describe("an address that others can reach", () => {
  test("is refused where nobody has to sign in, with what to do", async () => {
    for (const host of ["127.0.0.2", "0.0.0.0", "::"])
      await expect(serve(it.appOf({}), {host, port: 0})).rejects.toMatchObject({
        name: "UserError",
        message: `whoever reaches ${host} could change everything: nobody has to sign in`,
        hint: expect.stringContaining("npx expanto user add")
      });
  });

  test("is served where people sign in, under its own name", async () => {
    const url = await it.served({host: "127.0.0.2"});
    expect(url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect((await me(url)).status).toBe(401);
    const Cookie = cookieOf(await signIn(url, {name: "analyst", password}));
    expect((await me(url, {Cookie})).status).toBe(200);
  });
});
