import fc from "fast-check";
import {expect, test} from "vitest";
import {adjust, adjustedAlpha, type Correction} from "../../../lib/stats/adjust.js";

const methods: Correction[] = ["bonferroni", "holm", "hochberg", "bh", "by"];
const pvalues = fc.array(fc.option(fc.double({min: 0, max: 1, noNaN: true})), {maxLength: 12});

test("Holm multiplies by the hypotheses that are left and keeps the order", () => {
  expect(adjust([0.04, 0.01, 0.03], "holm")).toEqual([0.06, 0.03, 0.06]);
});

test("a missing p stays missing and is not counted", () => {
  expect(adjust([0.02, null, 0.04], "bonferroni")).toEqual([0.04, null, 0.08]);
});

test("an adjusted p is never below the raw one, nor above 1", () => {
  fc.assert(
    fc.property(pvalues, fc.constantFrom(...methods), (pvalues, method) => {
      const adjusted = adjust(pvalues, method);
      pvalues.forEach((p, i) => {
        if (p === null) expect(adjusted[i]).toBe(null);
        else expect(adjusted[i]! >= p && adjusted[i]! <= 1).toBe(true);
      });
    })
  );
});

test("Hochberg is never above Holm, and Holm never above Bonferroni", () => {
  fc.assert(
    fc.property(pvalues, (pvalues) => {
      const [bonferroni, holm, hochberg] = methods.map((method) => adjust(pvalues, method));
      pvalues.forEach((p, i) => {
        if (p !== null) expect(hochberg[i]! <= holm[i]! && holm[i]! <= bonferroni[i]!).toBe(true);
      });
    })
  );
});

test("p is below its adjusted alpha exactly where the adjusted p is below alpha", () => {
  fc.assert(
    fc.property(pvalues, fc.constantFrom(...methods), (pvalues, method) => {
      const alphas = adjustedAlpha(pvalues, method, 0.1);
      const adjusted = adjust(pvalues, method);
      pvalues.forEach((p, i) => {
        if (p !== null && Math.abs(adjusted[i]! - 0.1) > 1e-9)
          expect(p <= alphas[i]!).toBe(adjusted[i]! <= 0.1);
      });
    })
  );
});

test("Holm's intervals use the alpha of the step that decides", () => {
  const alphas = adjustedAlpha([0.001, 0.2, 0.02], "holm", 0.05) as number[];
  expect(alphas.map((alpha) => 0.05 / alpha)).toEqual(
    [3, 1, 2].map((divisor) => expect.closeTo(divisor, 12))
  );
});
