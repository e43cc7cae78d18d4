import fc from "fast-check";
import {expect, test} from "vitest";
import {posterior} from "../../../lib/stats/bayes.js";

const flat = {mean: 0, sd: null};
const value = fc.double({min: -5, max: 5, noNaN: true});

test("without a prior the posterior is the estimate, and the chance to win mirrors p", () => {
  const {mean, sd, low, high, chanceToWin} = posterior(1.96, 1, flat);
  expect({mean, sd}).toEqual({mean: 1.96, sd: 1});
  expect([low, high]).toEqual([expect.closeTo(0.000036, 6), expect.closeTo(3.919964, 6)]);
  expect(chanceToWin).toBeCloseTo(1 - 0.04999579 / 2, 8);
});

test("a prior draws the estimate in, the more the wider the error", () => {
  fc.assert(
    fc.property(value, fc.double({min: 0.1, max: 5, noNaN: true}), (value, error) => {
      const {mean, sd} = posterior(value, error, {mean: 0, sd: 1});
      expect(Math.abs(mean)).toBeLessThanOrEqual(Math.abs(value));
      expect(sd).toBeLessThan(Math.min(1, error));
    })
  );
});

test("the two losses differ by the mean, and the chances sum to 1", () => {
  fc.assert(
    fc.property(value, (value) => {
      const {mean, lossIfKeep, lossIfShip, chanceToWin, chanceToLose} = posterior(value, 0.5, flat);
      expect(lossIfKeep - lossIfShip).toBeCloseTo(mean, 9);
      expect(chanceToWin + chanceToLose).toBeCloseTo(1, 12);
    })
  );
});

test("a loss far in the tail keeps its digits", () => {
  // φ(20) K/(20 + K), the first terms of its series in 1/z²: φ(z)/z² (1 − 3/z² + 15/z⁴ − 105/z⁶).
  const series =
    (Math.exp(-200) / Math.sqrt(2 * Math.PI) / 400) * (1 - 3 / 400 + 15 / 400 ** 2 - 105 / 400 ** 3);
  expect(posterior(20, 1, flat).lossIfShip / series).toBeCloseTo(1, 6);
});
