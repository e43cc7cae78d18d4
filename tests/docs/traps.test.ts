// Every trap that the guide lists has the test it names.

import {readFile} from "node:fs/promises";
import {expect, test} from "vitest";

const guide = await readFile("docs/warehouses.md", "utf8");
const rows = [...guide.matchAll(/^\| (.+) \| `(tests\/[^`]+)`: (.+) \|$/gm)].map(([, trap, file, title]) => ({
  trap,
  file,
  title
}));

test("the guide lists traps", () => {
  expect(rows.length).toBeGreaterThan(15);
});

test.each(rows)("$trap: $file has its test", async ({file, title}) => {
  expect(await readFile(file, "utf8")).toContain(title);
});
