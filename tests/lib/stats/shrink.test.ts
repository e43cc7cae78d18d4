import {expect, test} from "vitest";
import {shrink} from "../../../lib/stats/shrink.js";
import {gaussians} from "./random.js";

const effects = [0.1, 0.02, -0.03, 0.05].map((value) => ({value, error: 0.04}));

test("with equal errors the prior's variance is the sample's without the noise, and every effect keeps that share", () => {
  const values = effects.map(({value}) => value);
  const mean = 0.035;
  const sample = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3;
  const variance = sample - 0.04 ** 2;
  const kept = variance / sample;
  const found = shrink(effects)!;
  expect(found.mean).toBeCloseTo(mean, 14);
  expect(found.spread ** 2).toBeCloseTo(variance, 14);
  found.effects.forEach(({value, low, high}, i) => {
    expect(value).toBeCloseTo(mean + kept * (values[i] - mean), 12);
    expect((high - low) / 2).toBeCloseTo(1.959963984540054 * Math.sqrt(kept) * 0.04, 12);
  });
});

test("effects that spread no more than noise are all drawn to their mean", () => {
  const found = shrink([0.01, 0.02, 0.03].map((value) => ({value, error: 0.1})))!;
  expect([found.spread, ...found.effects.map(({value}) => Number(value.toFixed(12)))]).toEqual([
    0, 0.02, 0.02, 0.02
  ]);
});

test("a noisy effect is drawn further than an exact one", () => {
  const found = shrink([
    {value: 0.2, error: 0.1},
    {value: 0.2, error: 0.001},
    {value: 0, error: 0.01},
    {value: -0.1, error: 0.01}
  ])!;
  expect(found.effects[0].value).toBeLessThan(found.effects[1].value);
  expect(found.effects[1].value).toBeCloseTo(0.2, 4);
});

test("two effects fit no prior", () => {
  expect(shrink(effects.slice(0, 2))).toBeNull();
});

test("the effects that look best are too large by selection, and right on average once drawn together", () => {
  const normal = gaussians(7);
  const truths = Array.from({length: 2000}, () => 0.01 + 0.02 * normal());
  const seen = truths.map((truth) => ({value: truth + 0.03 * normal(), error: 0.03}));
  const drawn = shrink(seen)!.effects;
  const best = seen.map(({value}, i) => [value, i]).sort(([a], [b]) => b - a).slice(0, 200).map(([, i]) => i); // prettier-ignore
  const bias = (values: {value: number}[]) =>
    best.reduce((sum, i) => sum + values[i].value - truths[i], 0) / 200;
  expect(bias(seen)).toBeGreaterThan(0.03);
  expect(Math.abs(bias(drawn))).toBeLessThan(0.003);
});
