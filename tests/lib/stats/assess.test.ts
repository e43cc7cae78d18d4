import {expect, test} from "vitest";
import {assess, type AssessInput} from "../../../lib/stats/assess.js";
import type {Effect, Estimate} from "../../../lib/stats/types.js";
import {verdict} from "../../../lib/stats/verdict.js";

const estimate = (value: number, low: number, high: number): Estimate => ({
  value,
  low,
  high,
  pvalue: null,
  log10p: null,
  error: (high - low) / 2 / 1.959964
});
const effect = (value: number, low: number, high: number): Effect => ({
  n: {control: 1000, treatment: 1000},
  control: 1,
  treatment: 1 + value,
  difference: estimate(value, low, high),
  lift: estimate(value, low, high),
  varianceReduction: null,
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
    checks: [
      {
        kind: "smallest-effect",
        severity: "info",
        sentence:
          "With these units, a true lift of 4.0% in purchase conversion is found in 80% of tests; smaller ones are often missed."
      }
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

test("variants that are not declared are the first cause of a mismatch", () => {
  const units = [
    {variant: "Control", units: 1000},
    {variant: "Treatment", units: 0}
  ];
  const {readiness} = assess({...input, units, undeclared: {treatment: 990}});
  expect(readiness.causes[0]).toBe(
    "The data has variants that are not declared: treatment (990 units). Declared are Control and Treatment."
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
    lift: {value: null, low: null, high: null, pvalue: null, log10p: null, error: null}
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

const checks = (input: AssessInput) => assess(input).checks;
const sentences = (input: AssessInput) =>
  checks(input).flatMap(({severity, sentence}) => (severity === "warn" ? [sentence] : []));

test("a mismatch is a reason to stop, and leaves no word on what the test could have found", () => {
  const units = [
    {variant: "Control", units: 10_500},
    {variant: "Treatment", units: 9_500}
  ];
  expect(checks({...input, units})).toEqual([
    {kind: "split", severity: "stop", sentence: "The traffic is not split as planned (p < 0.001)."}
  ]);
});

test("a day on which the split was off is named, with what was seen; many are shortened", () => {
  const day = (number: number, control: number, treatment: number) => [
    {variant: "Control", day: `2025-10-0${number}`, units: control},
    {variant: "Treatment", day: `2025-10-0${number}`, units: treatment}
  ];
  const fair = [day(1, 1000, 1010), day(2, 1000, 990)].flat();
  expect(sentences({...input, exposures: fair})).toEqual([]);
  expect(sentences({...input, exposures: [...fair, ...day(3, 1200, 900)]})).toEqual([
    "On 2025-10-03 the traffic was not split as planned (p < 0.001, corrected for 3 days): Control 57.1% (planned 50.0%) and Treatment 42.9% (planned 50.0%). Look for what changed then."
  ]);
  const strict = {...input, srmThreshold: 1e-12, exposures: [...fair, ...day(3, 1200, 900)]};
  expect(sentences(strict)).toEqual([]);
  const off = [4, 5, 6, 7, 8].flatMap((number) => day(number, 1200, 900));
  expect(sentences({...input, exposures: off})[0]).toBe(
    "On 2025-10-04, 2025-10-05, 2025-10-06 and 2 more days the traffic was not split as planned (p < 0.001, corrected for 5 days). Look for what changed then."
  );
});

test("crossovers are a warning above one percent of all units", () => {
  expect(sentences({...input, crossovers: 202})).toEqual([]);
  expect(sentences({...input, crossovers: 1500})).toEqual([
    "7.0% of all units (1,500) were seen in more than one variant. They are left out of every number; check how units are assigned."
  ]);
});

test("few units and few events name their metrics", () => {
  const small = {
    ...effect(0.052, 0.024, 0.08),
    n: {control: 99, treatment: 1000},
    control: 0.05,
    treatment: 0.06
  };
  const metrics = [
    {...input.metrics[0], type: "proportion" as const, effect: small},
    {...input.metrics[1], effect: {...small, n: {control: 100, treatment: 100}}}
  ];
  expect(sentences({...input, metrics})).toEqual([
    "Fewer than 100 units in a variant for purchase conversion: intervals and p-values need more to be exact.",
    "Fewer than 10 successes or failures in a variant for purchase conversion: the lift and its interval are rough."
  ]);
});

test("an effect too good to be true is a warning on the primary metric alone", () => {
  const large = effect(0.8, 0.6, 1);
  const strong = {...effect(0.05, 0.048, 0.052), lift: {...estimate(0.05, 0.048, 0.052), log10p: -120}};
  const primary = (effect: Effect) => sentences({...input, metrics: [{...input.metrics[0], effect}]});
  expect(primary(large)).toEqual([
    "A lift of +80.0% on purchase conversion is larger than changes usually are: more often something is counted differently in one variant. Check the metric and the exposure first."
  ]);
  expect(primary(strong)).toEqual([
    "The evidence on purchase conversion is stronger than a planned test gives (|z| above 20): more often something is counted differently in one variant. Check the metric and the exposure first."
  ]);
  expect(sentences({...input, metrics: [{...input.metrics[2], effect: large}]})).toEqual([]);
});

test("a guardrail with a margin is within it, beyond it, or not shown to be within", () => {
  const said = (low: number, high: number) =>
    checks({
      ...input,
      metrics: [{...input.metrics[1], margin: 0.02, effect: effect((low + high) / 2, low, high)}]
    });
  expect([said(-0.01, 0.015), said(0.01, 0.03), said(0.025, 0.045)].flat()).toEqual([
    {
      kind: "margin",
      severity: "info",
      sentence: "Refund rate stays within its margin of 2.0%: the interval ends at +1.5%."
    },
    {
      kind: "margin",
      severity: "warn",
      sentence: "Refund rate is not shown to stay within its margin of 2.0%: the interval ends at +3.0%."
    },
    {kind: "margin", severity: "warn", sentence: "Refund rate is worse by more than its margin of 2.0%."}
  ]);
});

test("the gravest check comes first", () => {
  const within = {...input.metrics[1], margin: 0.06};
  const metrics = [input.metrics[0], within, {...within, margin: 0.02}];
  expect(checks({...input, metrics}).map(({kind, severity}) => `${severity} ${kind}`)).toEqual([
    "warn margin",
    "info margin",
    "info smallest-effect"
  ]);
});

test("the smallest visible effect is written in the scale shown", () => {
  const metrics = [{...input.metrics[0], writeDifference: (x: number) => `+${(100 * x).toFixed(2)} pp`}];
  expect(checks({...input, metrics, scale: "difference", confidence: 0.9, power: 0.9})).toEqual([
    {
      kind: "smallest-effect",
      severity: "info",
      sentence:
        "With these units, a true difference of 4.18 pp in purchase conversion is found in 90% of tests; smaller ones are often missed."
    }
  ]);
});

test("no sentence speaks of winners or of significance", () => {
  const units = [
    {variant: "Control", units: 10_500},
    {variant: "Treatment", units: 9_500}
  ];
  const states = [
    input,
    {...input, units, crossovers: 500},
    {...input, isRunning: true},
    {...input, hasControl: false},
    {...input, allocation: []},
    {...input, metrics: [{...input.metrics[0], effect: effect(0.8, 0.6, 1)}]},
    {...input, metrics: []}
  ];
  const words = states.map((state) => JSON.stringify(assess(state))).join(" ");
  expect(words).toContain("Do not read yet");
  expect(words).not.toMatch(/winner|signific/i);
});
