import {expect, test} from "vitest";
import {brokenLines} from "../../src/components/broken-lines.js";

test("a long title is broken between its words, and no word of it is lost", () => {
  expect(brokenLines("Page load seconds (slowest tenth of users) 4.3%", 16)).toEqual([
    "Page load",
    "seconds (slowest",
    "tenth of users)",
    "4.3%"
  ]);
});

test("a word longer than a line goes on in the next", () => {
  expect(brokenLines("purchase_conversion_rate 4.3%", 16)).toEqual(["purchase_convers", "ion_rate 4.3%"]);
});

test("a text that fits is one line", () => {
  expect(brokenLines("Asked for 5.0%", 16)).toEqual(["Asked for 5.0%"]);
});
