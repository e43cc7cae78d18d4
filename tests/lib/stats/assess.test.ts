import {expect, test} from "vitest";
import {assess, type AssessInput} from "../../../lib/stats/assess.js";
import type {Effect, Estimate} from "../../../lib/stats/types.js";
import {verdict} from "../../../lib/stats/verdict.js";

const estimate = (value: number, low: number, high: number): Estimate => ({
  value,
  low,
  high,
  pvalue: null,
  log10p: null
});
const effect = (value: number, low: number, high: number): Effect => ({
  n: {control: 1000, treatment: 1000},
  control: 1,
  treatment: 1 + value,
  difference: estimate(value, low, high),
  lift: estimate(value, low, high),
  reason: null
});

const input: AssessInput = {
  hasControl: true,
  treatment: "Treatment",
  units: [
    {variant: "Control", units: 10_012},
    {variant: "Treatment", units: 9_988}
  ],
  allocation: [
    {variant: "Control", allocation: 0.5},
    {variant: "Treatment", allocation: 0.5}
  ],
  metrics: [
    {
      alias: "conversion",
      title: "Purchase conversion",
      role: "primary",
      goal: "increase",
      effect: effect(0.052, 0.024, 0.08)
    },
    {
      alias: "refunds",
      title: "Refund rate",
      role: "guardrail",
      goal: "decrease",
      effect: effect(0.03, 0.01, 0.05)
    },
    {alias: "visits", title: "Visits", role: "other", goal: null, effect: effect(-0.03, -0.05, -0.01)}
  ]
};
const text = (input: AssessInput) =>
  assess(input)
    .summary.map((part) => part.text)
    .join("");

test("the answer is the primary metric with its interval, then the guardrails that are worse", () => {
  expect(assess(input)).toEqual({
    isReadable: true,
    srm: expect.objectContaining({isMismatch: false}),
    readiness: {
      status: "ready",
      title: "Ready to read",
      sentence: "No sample ratio mismatch (p = 0.865). 20,000 units.",
      causes: []
    },
    findings: [
      {alias: "conversion", verdict: "better"},
      {alias: "refunds", verdict: "worse"},
      {alias: "visits", verdict: "lower"}
    ],
    summary: [
      {text: "Treatment", em: true},
      {text: " raises "},
      {text: "purchase conversion by 5.2%", strong: true},
      {text: ", with a 95% interval from +2.4% to +8.0%. That is better."},
      {text: " One guardrail, refund rate, is worse."}
    ]
  });
});

test("a sample ratio mismatch withholds every verdict and names likely causes", () => {
  const units = [
    {variant: "Control", units: 10_500},
    {variant: "Treatment", units: 9_500}
  ];
  const {isReadable, readiness, findings, summary} = assess({...input, units, crossovers: 3});
  expect(isReadable).toBe(false);
  expect(findings.map((finding) => finding.verdict)).toEqual(["invalid", "invalid", "invalid"]);
  expect(summary[0].text).toMatch(/^No conclusion/);
  expect(readiness.sentence).toMatch(
    /Control 52\.5% \(planned 50\.0%\) and Treatment 47\.5% \(planned 50\.0%\)/
  );
  expect(readiness).toMatchObject({status: "invalid", title: "Do not read yet"});
  expect(readiness.causes[0]).toMatch(/3 units were seen in more than one variant/);
});

test("a running experiment is an early look, and says how far it has come", () => {
  const early = {...input, isRunning: true, progress: {day: 10, days: 14}};
  expect(assess(early).readiness).toEqual({
    status: "wait",
    title: "Early look",
    sentence:
      "No sample ratio mismatch (p = 0.865). The test is still running: these intervals are meant to be read once, at its end. 10 of 14 planned days; 20,000 units.",
    causes: []
  });
});

test("without a declared control the readiness asks for it", () => {
  expect(assess({...input, hasControl: false}).readiness.title).toBe("Which variant is the control?");
});

test("differences are written in the metric's own unit where it says how", () => {
  const metrics = [
    {...input.metrics[0], writeDifference: (x: number) => `${x > 0 ? "+" : "−"}€${Math.abs(x).toFixed(2)}`}
  ];
  expect(text({...input, metrics, scale: "difference"})).toBe(
    "Treatment raises purchase conversion by €0.05, with a 95% interval from +€0.02 to +€0.08. That is better."
  );
});

test("an interval that holds 0 is unclear, with a real minus sign", () => {
  const metrics = [{...input.metrics[0], effect: effect(-0.004, -0.02, 0.012)}];
  expect(text({...input, metrics})).toBe(
    "No clear effect of Treatment on purchase conversion: −0.4%, with a 95% interval from −2.0% to +1.2%."
  );
});

test("without a declared split nothing is tested, and the readiness says so", () => {
  expect(assess({...input, allocation: []})).toMatchObject({
    srm: null,
    readiness: {status: "wait", title: "Traffic not checked"}
  });
});

test("a primary metric that cannot be compared says why", () => {
  const missing = {
    ...effect(0, 0, 0),
    lift: {value: null, low: null, high: null, pvalue: null, log10p: null}
  };
  const metrics = [
    {...input.metrics[0], effect: {...missing, reason: "the control's value is 0, so there is no lift"}}
  ];
  expect(text({...input, metrics})).toBe(
    "Purchase conversion cannot be compared: the control's value is 0, so there is no lift."
  );
});

test("a verdict follows the interval of the scale shown", () => {
  const both = {...effect(0.05, -0.01, 0.11), difference: estimate(0.05, 0.01, 0.09)};
  expect(verdict(both, "increase")).toBe("unclear");
  expect(verdict(both, "increase", {scale: "difference"})).toBe("better");
  expect(verdict(both, "decrease", {scale: "difference"})).toBe("worse");
  expect(verdict(both, null, {scale: "difference"})).toBe("higher");
  expect(verdict(both, null, {isValid: false})).toBe("invalid");
});
