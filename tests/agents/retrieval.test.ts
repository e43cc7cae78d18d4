import {resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {sectionsOf} from "../../agents/retrieval/chunk.js";
import {fuse} from "../../agents/retrieval/fuse.js";
import {lexicalIndex} from "../../agents/retrieval/lexical.js";
import {openLibrary} from "../../agents/retrieval/library.js";
import type {Library} from "../../agents/types.js";
import {seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";

let workspace: Workspace;
let library: Library;

beforeAll(async () => {
  workspace = await seededWorkspace();
  library = openLibrary(workspace, {root: resolve(".")});
});

afterAll(() => closeStore(workspace.store));

test("a guide is cut at its headings, each section under those above it; a fence is no heading", () => {
  const text = "# Guide\n\nHello.\n\n## Set up\n\n```sh\n# not a heading\n```\n\n### Keys\n\nSecret.";
  expect(sectionsOf(text, "guide.md").map(({id, title, text}) => [id, title, text])).toEqual([
    ["guide.md#guide", "Guide", "Hello."],
    ["guide.md#guide-set-up", "Guide › Set up", "```sh\n# not a heading\n```"],
    ["guide.md#guide-set-up-keys", "Guide › Set up › Keys", "Secret."]
  ]);
});

test("an index takes what changed, by its content, and forgets what is gone", () => {
  const index = lexicalIndex();
  const [a, b] = sectionsOf("# A\n\nzebras run\n\n# B\n\nlions sleep", "x.md");
  expect(index.update([a, b])).toBe(2);
  expect(index.update([a, b])).toBe(0);
  expect(index.update([{...a, text: "giraffes stand", hash: "other"}])).toBe(2);
  expect([index.search("zebras", 3), index.search("giraffes", 3), index.search("lions", 3)]).toEqual([
    [],
    [a.id],
    []
  ]);
});

test("rankings are fused by places: what several know comes first", () => {
  expect(fuse([["a", "b", "c"], ["d", "b"], ["b"]], 2)).toEqual(["b", "a"]);
});

test.each<[string, RegExp]>([
  ["how do I connect BigQuery", /warehouses|configuration/],
  ["sample ratio mismatch", /mismatch/],
  ["looking at results early", /looking-early/],
  ["CUPED", /cuped/],
  ["bootsrap quantil", /quantil|simulation|statistics/],
  ["where is the port set", /configuration-server/]
])("the guides answer %j among the first three", async (query, section) => {
  const found = await library.search("docs", [query], 3);
  expect(found.map(({id}) => id).join(" ")).toMatch(section);
});

test("metrics and past experiments are found by what they are about", async () => {
  const first = async (shelf: "metrics" | "experiments", query: string) =>
    (await library.search(shelf, [query], 1))[0]?.title;
  expect(await first("metrics", "avg order value")).toBe("Average order value");
  expect(await first("metrics", "support_ticket_rate")).toBe("Users with a support ticket");
  expect(await first("experiments", "smaller pictures")).toBe("Lighter product page");
});

test("a second index that fails is told of once; words go on alone", async () => {
  const lines: string[] = [];
  const broken = () => Promise.reject(new Error("no server"));
  const half = openLibrary(workspace, {
    root: resolve("."),
    second: {update: broken, search: broken},
    log: (line) => lines.push(line)
  });
  for (let i = 0; i < 2; i++)
    expect((await half.search("metrics", ["refund"], 1))[0].title).toMatch(/refund/i);
  expect(lines).toEqual(["search by meaning is off, words alone decide: no server"]);
});
