import {describe, expect, test} from "vitest";
import {computeFamily, families} from "../../../lib/stats/families.js";
import {goldenCases, misses} from "./golden.js";

describe.each(families)("%s", (family) => {
  test("meets every reference number within its tolerance", () => {
    const failures = goldenCases(family).map((item) => [
      item.id,
      misses(item, computeFamily(family, item.input))
    ]);
    expect(failures.filter(([, fields]) => fields.length > 0)).toEqual([]);
  });
});

test("an unknown family is answered with a reason", () => {
  expect(computeFamily("mood", {})).toEqual({reason: expect.stringContaining("unknown family: mood")});
});

test("input that is no input is answered with a reason", () => {
  expect(computeFamily("srm", null)).toEqual({reason: expect.any(String)});
});
