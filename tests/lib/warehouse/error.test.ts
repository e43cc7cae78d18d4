import {expect, test} from "vitest";
import {lineOf, withLine} from "../../../lib/warehouse/error.js";

const piece = "select a\nfrom t\nwhere b = 1";
const whole = `-- the first\n${piece};\n\n-- the second\nselect c\nfrom t\nwhere b = 1`;

test("the line a message quotes is found in the whole text, the nearest of those that read the same", () => {
  const message = withLine("no column b", piece, {line: 3, column: 7});
  expect(message).toBe("no column b\n  line 3: where b = 1");
  expect(lineOf(whole, message)).toBe(4);
  expect(lineOf(whole, withLine("no column b", whole, {line: 9, column: 7}))).toBe(9);
});

test("a message that quotes nothing, or nothing of the text, points to no line", () => {
  expect(lineOf(whole, "no column b")).toBe(null);
  expect(lineOf(whole, "no column b\n  line 3: where d = 1")).toBe(null);
});
