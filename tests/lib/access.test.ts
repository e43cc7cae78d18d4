import {mkdtemp, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, expect, test} from "vitest";
import {personBySession, openSession} from "../../lib/access/sessions.js";
import {personByToken} from "../../lib/access/tokens.js";
import {personByPassword} from "../../lib/access/users.js";
import {main} from "../../lib/cli/main.js";
import {closeStore, openStore} from "../../lib/store.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "expanto-access-"));
  await writeFile(join(folder, "expanto.config.yaml"), "auth: {login: true}\n");
});
afterEach(() => rm(folder, {recursive: true}));

const password = "four words nobody says";
const [monday, summer] = ["2026-03-02T08:00:00.000Z", "2026-07-01T08:00:00.000Z"];

async function run(command: string, {input = `${password}\n`, now = monday} = {}) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const io = {input: async () => input, out: say, err: say, now: () => now, folder};
  const code = await main(command.split(" "), {start: async () => {}, publish: async () => [], io});
  return {code, said: said.join("\n")};
}

const file = () => join(folder, ".expanto", "expanto.db");

async function reading<T>(
  work: (store: Awaited<ReturnType<typeof openStore>>) => T | Promise<T>
): Promise<T> {
  const store = await openStore(file());
  try {
    return await work(store);
  } finally {
    closeStore(store);
  }
}

test("a user is added, given another role and password, and removed by commands", async () => {
  expect(await run("user add ana --role analyst")).toEqual({code: 0, said: "ana may sign in, as analyst"});
  const signedIn = (words: string) => reading((store) => personByPassword(store, "ANA", words));
  expect(await signedIn(password)).toEqual({name: "ana", role: "analyst"});
  await run("user role ana admin");
  await run("user password ana", {input: "another four words\r\nand more"});
  expect([await signedIn(password), await signedIn("another four words")]).toEqual([
    null,
    {name: "ana", role: "admin"}
  ]);
  expect((await run("user list")).said).toBe("name  role   since\nana   admin  2026-03-02");
  await run("user remove ana");
  expect([await signedIn("another four words"), (await run("user list")).said]).toEqual([null, "none"]);
});

test("what is not lawful is refused in words, and nobody is added", async () => {
  const refused = async (command: string, input = password) => {
    const {code, said} = await run(command, {input});
    return [code, said.split("\n")[0]];
  };
  expect([
    await refused("user add ana --role root"),
    await refused("user add ana --role viewer", "short"),
    await refused("user add ana --role viewer", "ana ana ana ana"),
    await refused("user add ana --role viewer", ""),
    await refused("user add <b>ana</b> --role viewer"),
    await refused("user role ana admin"),
    await refused("user remove ana"),
    await refused("token create --name nightly --role viewer --days 0"),
    await refused("token create --name nightly --role viewer --days soon"),
    await refused("token revoke nightly"),
    await refused("trail --since yesterday"),
    await refused("trail --since 2026-02-30")
  ]).toEqual([
    [2, "error: unknown role: root"],
    [2, "error: a password has 12 to 1,000 characters"],
    [2, "error: this password is easily guessed"],
    [2, "error: a password has 12 to 1,000 characters"],
    [2, 'error: a user cannot be called "<b>ana</b>"'],
    [2, "error: there is no user ana"],
    [2, "error: there is no user ana"],
    [2, "error: a token holds for 1 to 3,650 days, not 0"],
    [2, "error: a token holds for 1 to 3,650 days, not NaN"],
    [2, "error: there is no token nightly"],
    [2, "error: --since is a day, not yesterday"],
    [2, "error: --since is a day, not 2026-02-30"]
  ]);
  expect((await run("user list")).said).toBe("none");
  await run("user add ana --role viewer");
  expect((await refused("user add ANA --role admin"))[1]).toBe("error: there is already a user ANA");
});

test("a token is told once, listed without itself, and revoked", async () => {
  const {said} = await run("token create --name nightly --role analyst");
  const token = said.split("\n")[0];
  expect(token).toMatch(/^expanto_[\w-]{43}$/);
  const speaker = (now: string) => reading((store) => personByToken(store, token, now));
  expect([await speaker(monday), await speaker(summer)]).toEqual([
    {name: "token nightly", role: "analyst"},
    null
  ]);
  const listed = (await run("token list", {now: summer})).said;
  expect(listed.split("\n")[1]).toBe("nightly  analyst  2026-03-02  2026-05-31 (over)");
  await run("token revoke nightly");
  expect([await speaker(monday), (await run("token list")).said]).toEqual([null, "none"]);
});

test("the trail names who changed users and tokens, from a day on", async () => {
  await run("user add ana --role viewer");
  await run("token create --name nightly --role viewer", {now: summer});
  const {said} = await run("trail --since 2026-06-01");
  expect(said.split("\n").slice(1)).toEqual([
    expect.stringMatching(
      /^2026-07-01T08:00:00.000Z {2}token made {2}\S+ +nightly, viewer, until 2026-09-29$/
    )
  ]);
});

test("no secret is kept: neither a password, nor a session, nor a token stands in the database's files", async () => {
  await run("user add ana --role viewer");
  const token = (await run("token create --name nightly --role viewer")).said.split("\n")[0];
  const session = await reading((store) => openSession(store, "ana", {hours: 1, now: monday}));
  expect(await reading((store) => personBySession(store, session, monday))).toMatchObject({name: "ana"});
  const bytes = await readFile(file(), "latin1");
  expect(bytes).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
  for (const secret of [password, session, token, token.slice(8)]) expect(bytes).not.toContain(secret);
});
