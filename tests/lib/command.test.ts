import {readdirSync, readFileSync} from "node:fs";
import {expect, test} from "vitest";
import {commandOf} from "../../lib/command.js";

test("npx is said in the program's own folder alone: elsewhere it would fetch what somebody else has published", () => {
  const program = process.cwd();
  const file = `${program}/bin/expanto.js`;
  expect([
    commandOf({argv: file, folder: program}),
    commandOf({argv: file, folder: "/srv/expanto"}),
    commandOf({argv: "/usr/local/bin/expanto", folder: "/srv/expanto"})
  ]).toEqual(["npx expanto", `node ${file}`, "expanto"]);
});

test("no page of the documentation calls npx in somebody's own folder", () => {
  const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
  const calls = /npx expanto|"npx", "args": \["expanto"/;
  const told = pages.filter((name) => calls.test(readFileSync(`docs/${name}`, "utf8")));
  // The one that says so.
  expect(told).toEqual(["operation.md"]);
});
