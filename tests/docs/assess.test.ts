import {readFile} from "node:fs/promises";
import {expect, test} from "vitest";
import {assess, type AssessInput} from "../../lib/stats/assess.js";
import {checkKinds} from "../../lib/stats/checklist.js";
import {compare} from "../../lib/stats/compare.js";
import type {AssessedMetric} from "../../lib/stats/summary.js";
import type {MetricType, Moments} from "../../lib/stats/types.js";

type Measured = AssessedMetric & {type: MetricType; control: Moments; treatment: Moments};

const guide = await readFile("docs/assess.md", "utf8");
const block = (name: string): unknown =>
  JSON.parse(new RegExp(`\`\`\`json ${name}\\n([\\s\\S]*?)\`\`\``).exec(guide)![1]);

test("the worked example gives what the guide says", () => {
  const input = block("example") as Omit<AssessInput, "metrics"> & {metrics: Measured[]};
  const metrics = input.metrics.map(({type, control, treatment, ...metric}) => ({
    ...metric,
    type,
    effect: compare(type, control, treatment)
  }));
  const {readiness, findings, checks, summary} = assess({...input, metrics});
  expect({
    status: readiness.status,
    verdicts: findings.map(({verdict}) => verdict),
    checks,
    summary: summary.map(({text}) => text).join("")
  }).toEqual(block("gives"));
});

test("every kind of check is in the guide, with its severity", () => {
  const kinds = [...guide.matchAll(/^\| `([a-z-]+)` \| (?:stop|warn|info)/gm)].map((match) => match[1]);
  expect(kinds).toEqual([...checkKinds]);
});
