import {describe, expect, test} from "vitest";
import {makeToken, revokeToken} from "../../lib/access/tokens.js";
import {accessEvents} from "../../lib/access/trail.js";
import {by, cookieOf, doors, login, me, password, signIn} from "./doors.js";
import {knock, type Knock} from "./knock.js";

const it = doors();

describe("signing in", () => {
  test("gives a cookie no script sees, another each time; what was open before is closed, and so is what is signed out", async () => {
    const url = await it.served();
    const first = await signIn(url, {name: "Viewer", password});
    expect(first.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^expanto_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
    ]);
    const before = {Cookie: cookieOf(first)};
    const second = await signIn(url, {name: "viewer", password}, {headers: before});
    const after = {Cookie: cookieOf(second), Origin: url};
    expect(after.Cookie).not.toBe(before.Cookie);
    expect([(await me(url, before)).status, (await me(url, after)).status]).toEqual([401, 200]);
    await knock(`${url}/logout`, {method: "POST", headers: after});
    expect((await me(url, after)).status).toBe(401);
  });

  test("a cookie that somebody planted is not taken over", async () => {
    const url = await it.served();
    const planted = {Cookie: `expanto_session=${"B".repeat(43)}`};
    await signIn(url, {name: "admin", password}, {headers: planted});
    expect((await me(url, planted)).status).toBe(401);
  });

  test("over https the cookie is Secure and of this host alone, and no other is read", async () => {
    const url = await it.served({url: "https://expanto.example.com"});
    const Origin = "https://expanto.example.com";
    const answer = await signIn(url, {name: "viewer", password}, {headers: {Origin}});
    expect(answer.headers["set-cookie"]![0]).toMatch(
      /^__Host-expanto_session=.*; HttpOnly; Secure; SameSite=Lax$/
    );
    expect((await me(url, {Cookie: cookieOf(answer)})).status).toBe(200);
    expect((await me(url, {Cookie: it.sessionFor("admin")})).status).toBe(401);
  });

  test("a wrong password and a name that nobody has get one and the same answer", async () => {
    const url = await it.served();
    const [wrong, unknown] = [
      await signIn(url, {name: "viewer", password: "another four words"}),
      await signIn(url, {name: "nobody", password: "another four words"})
    ];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body).toContain('value="viewer"');
    expect(unknown.body).toBe(wrong.body.replace('value="viewer"', 'value="nobody"'));
    expect(cookieOf(wrong)).toBe("");
  });

  test("five wrong passwords close the door to that name from there, even with the right one, and to nobody else", async () => {
    const url = await it.served();
    const guesses = Array.from({length: 8}, (_, n) => signIn(url, {name: "admin", password: `guess ${n}`}));
    const statuses = (await Promise.all(guesses)).map(({status}) => status);
    expect(statuses.sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const right = await signIn(url, {name: "ADMIN", password});
    expect([right.status, right.headers["retry-after"], cookieOf(right)]).toEqual([
      429,
      expect.stringMatching(/^(89\d|900)$/),
      ""
    ]);
    expect(right.body).toContain("Too many attempts: try again in 15 minutes.");
    // One line for all that came meanwhile, before those of the five.
    expect(accessEvents(it.store, {most: 9}).filter(({words}) => /too many/.test(words!))).toEqual([
      expect.objectContaining({kind: "refused", who: "admin", words: "too many attempts, from 127.0.0.1"})
    ]);
    expect((await signIn(url, {name: "admin", password}, {from: "127.0.0.3"})).status).toBe(303);
    expect((await signIn(url, {name: "viewer", password})).status).toBe(303);
  });

  test("guesses from one address, however many, keep nobody out who comes from another", async () => {
    const url = await it.served();
    for (let n = 0; n < 120; n++) await signIn(url, {name: "admin", password: "guess"}, {from: "127.0.0.5"});
    expect((await signIn(url, {name: "admin", password}, {from: "127.0.0.6"})).status).toBe(303);
  });

  test("behind a proxy that is named each reader has limits of their own, and what they say of themselves counts for nothing", async () => {
    const url = await it.served({proxies: ["127.0.0.1", "127.0.0.9"]});
    const from = (address: string) => ({
      headers: {"X-Forwarded-For": `10.0.0.${seen++}, ${address}, 127.0.0.9`}
    });
    let seen = 1;
    const guess = {name: "admin", password: "guess"};
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push((await signIn(url, guess, from("10.1.1.1"))).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await signIn(url, {name: "admin", password}, from("10.1.1.2"))).status).toBe(303);
    expect(accessEvents(it.store, {most: 1})).toMatchObject([{kind: "login", words: "from 10.1.1.2"}]);
  });

  test("what a connection that is no proxy's says of its address, or a proxy in other words, counts for nothing", async () => {
    const headers = {"X-Forwarded-For": "10.1.1.1"};
    const url = await it.served({proxies: ["127.0.0.1"]});
    await signIn(url, {name: "admin", password}, {headers, from: "127.0.0.7"});
    await signIn(url, {name: "admin", password}, {headers: {"X-Forwarded-For": "<b>, unknown"}});
    const said = accessEvents(it.store, {most: 2}).map(({words}) => words);
    expect(said).toEqual(["from 127.0.0.1", "from 127.0.0.7"]);
  });

  test("a hundred guesses at one name, from however many addresses, close the door to it everywhere", async () => {
    const url = await it.served();
    for (let n = 0; n < 100; n++)
      await signIn(url, {name: "admin", password: "guess"}, {from: `127.0.1.${1 + (n % 20)}`});
    expect((await signIn(url, {name: "admin", password}, {from: "127.0.2.1"})).status).toBe(429);
    expect((await signIn(url, {name: "viewer", password}, {from: "127.0.2.1"})).status).toBe(303);
  });

  test("one address that tries many names is stopped too", async () => {
    const url = await it.served();
    for (let n = 0; n < 50; n++)
      await signIn(url, {name: `name${n}`, password: "guess"}, {from: "127.0.0.4"});
    expect((await signIn(url, {name: "viewer", password}, {from: "127.0.0.4"})).status).toBe(429);
  });

  test("who comes in as they should is not counted", async () => {
    const url = await it.served();
    for (let n = 0; n < 7; n++) expect((await signIn(url, {name: "viewer", password})).status).toBe(303);
  });

  test("is kept in the trail, refusals too, and no name that may be a password typed into the wrong field", async () => {
    const url = await it.served();
    await signIn(url, {name: "viewer", password: "guess"});
    await signIn(url, {name: "my secret words", password: ""});
    const {headers} = await signIn(url, {name: "Viewer", password});
    await knock(`${url}/logout`, {method: "POST", headers: {Cookie: cookieOf({headers}), Origin: url}});
    expect(accessEvents(it.store, {most: 4}).map(({kind, who, words}) => [kind, who, words])).toEqual([
      ["logout", "viewer", "from 127.0.0.1"],
      ["login", "viewer", "from 127.0.0.1"],
      ["refused", null, "a name that nobody has, from 127.0.0.1"],
      ["refused", "viewer", "from 127.0.0.1"]
    ]);
  });
});

describe("tokens", () => {
  const bearer = (token: string) => ({Authorization: `Bearer ${token}`});

  test("speak for a program in its role, from anywhere and without Origin, until they are revoked or over", async () => {
    const url = await it.served();
    const token = makeToken(
      it.store,
      {name: "nightly", role: "analyst"},
      {...by, now: new Date().toISOString()}
    );
    expect(JSON.parse((await me(url, bearer(token))).body)).toMatchObject({
      name: "token nightly",
      role: "analyst"
    });
    const calculate = {method: "POST", headers: bearer(token)};
    expect((await knock(`${url}/api/observations/7/calculate`, calculate)).status).toBe(202);
    expect((await knock(`${url}/api/experiments/7`, {...calculate, method: "DELETE"})).status).toBe(403);
    revokeToken(it.store, "nightly", by);
    expect((await me(url, bearer(token))).status).toBe(401);
    const over = makeToken(
      it.store,
      {name: "old", role: "admin", days: 1},
      {...by, now: "2020-01-01T00:00:00.000Z"}
    );
    expect((await me(url, bearer(over))).status).toBe(401);
  });

  test("one that is not good is refused, though a good cookie comes with it", async () => {
    const url = await it.served();
    expect((await me(url, {...bearer("expanto_none"), Cookie: it.sessionFor("admin")})).status).toBe(401);
  });

  test("where nobody has to sign in, one that is not good is refused alike", async () => {
    const url = await it.served({auth: {...login, login: false}});
    expect(JSON.parse((await me(url)).body)).toMatchObject({role: "admin", isGuarded: false});
    expect((await me(url, bearer("expanto_none"))).status).toBe(401);
  });
});

describe("a proxy's word", () => {
  const proxy = {
    header: "X-Forwarded-User",
    roleHeader: "X-Role",
    role: "viewer" as const,
    trusted: ["127.0.0.1"]
  };
  const auth = {...login, login: false, proxy};
  const person = ({status, body}: {status: number; body: string}) =>
    status === 200 ? [JSON.parse(body).name, JSON.parse(body).role] : status;

  test("is believed from its own address, and from no other", async () => {
    const url = await it.served({auth});
    const ana = {"X-Forwarded-User": "ana@example.com"};
    expect(person(await me(url, ana))).toEqual(["ana@example.com", "viewer"]);
    expect(person(await me(url, {...ana, "X-Role": "admin"}))).toEqual(["ana@example.com", "admin"]);
    const utf8 = Buffer.from("日本 å").toString("latin1");
    expect(person(await me(url, {"X-Forwarded-User": utf8}))).toEqual(["日本 å", "viewer"]);
    expect(person(await me(url, ana, "127.0.0.2"))).toBe(401);
    expect(person(await me(url, {...ana, "X-Forwarded-For": "127.0.0.1"}, "127.0.0.2"))).toBe(401);
  });

  test("that names nobody, two people or a role there is not lets nobody in", async () => {
    const url = await it.served({auth});
    const names: Knock["headers"][] = [
      {},
      {"X-Forwarded-User": ""},
      {"X-Forwarded-User": ["eve", "ana"]},
      {"X-Forwarded-User": "a,b"}
    ];
    for (const headers of names) expect(person(await me(url, headers))).toBe(401);
    expect(person(await me(url, {"X-Forwarded-User": "ana", "X-Role": "root"}))).toBe(401);
  });

  test("needs an Origin for what changes something, as a cookie does", async () => {
    const url = await it.served({auth});
    const headers = {"X-Forwarded-User": "ana", "X-Role": "analyst"};
    const calculate = (more: Record<string, string>) =>
      knock(`${url}/api/observations/7/calculate`, {method: "POST", headers: {...headers, ...more}});
    expect((await calculate({})).status).toBe(403);
    expect((await calculate({Origin: url})).status).toBe(202);
  });
});
