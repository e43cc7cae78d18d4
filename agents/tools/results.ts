// What an experiment showed. The model computes nothing: everything comes from lib/stats.

import {z} from "zod";
import {UserError} from "../../lib/errors.js";
import {unitsOf} from "../../lib/stats/analysis.js";
import {segmentsOf} from "../../lib/stats/segments.js";
import {planned} from "../../lib/stats/traffic.js";
import {tool} from "../types.js";
import {choicesOf} from "./choices.js";
import {readResult, readingAsked, requireCells, rowOf, sliceOf, type Read} from "./reading.js";
import {metricMeant} from "./subject.js";

const about = (read: Read) => {
  const {view, kept, question, control, treatment, treatments} = read;
  const {experiment, observation, job, defaults} = view;
  return {
    experiment: {id: experiment.id, name: experiment.name, status: experiment.status},
    observation: {id: observation.id, name: observation.name},
    job: {id: job!.id, at: job!.createdAt},
    compared: {control, treatment, other_treatments: treatments.filter((name) => name !== treatment)},
    confidence: question?.confidence ?? defaults.confidence,
    /** What is not as the page opens: an answer must say it. */
    chosen: choicesOf(read),
    units: {read: kept.units, of: kept.of}
  };
};

export const results = tool({
  name: "results",
  description:
    "Every metric of an observation in one treatment against its control: values, lift, confidence interval, p, verdict. Read as the reader's page does (`chosen` says what is unusual there; say it) unless an argument asks otherwise. Call assess as well before a conclusion is drawn.",
  schema: z.object({
    ...readingAsked,
    metrics: z
      .array(z.string())
      .max(50)
      .optional()
      .describe("aliases; without them the experiment's own metrics")
  }),
  run: async ({metrics, ...asked}, {workspace, ...context}) => {
    const read = await readResult(workspace, asked, context);
    const named = metrics?.map((name) => metricMeant(workspace, name).alias);
    const isWanted = ({metric}: Read["findings"][number]) =>
      named ? named.includes(metric.alias) : metric.role !== "other";
    const wanted = read.findings.filter(isWanted);
    const shown = wanted.length || named ? wanted : read.findings.slice(0, 20);
    const missing = named?.filter((alias) => !wanted.some(({metric}) => metric.alias === alias)) ?? [];
    const {observation} = read.view;
    return {
      value: {
        ...about(read),

        is_readable: read.assessment.isReadable,
        metrics: shown.map((finding) => rowOf(finding, read.question?.scale)),
        not_measured: missing.length ? missing : undefined
      },
      said: `${shown.length} ${shown.length === 1 ? "metric" : "metrics"} of observation ${observation.id}`,
      href: read.href
    };
  }
});

const splitOf = ({view, assessment}: Read) => {
  const units = unitsOf(view);
  const arms = view.experiment.variants.map(({name}) => ({variant: name, units: units.get(name) ?? 0}));
  return assessment.srm ? planned(assessment.srm, arms) : null;
};

export const assessTool = tool({
  name: "assess",
  description:
    "What may be said of a result, judged by rules: whether to read it yet (sample ratio mismatch, still running), the answer in a sentence, every check and warning. Word this; do not overrule it. Read as the reader's page does (`chosen` says what is unusual there; say it) unless an argument asks otherwise.",
  schema: z.object(readingAsked),
  run: async (asked, {workspace, ...context}) => {
    const read = await readResult(workspace, asked, context);
    const {assessment, findings} = read;
    return {
      value: {
        ...about(read),

        is_readable: assessment.isReadable,
        readiness: assessment.readiness,
        srm: assessment.srm && {
          pvalue: assessment.srm.pvalue,
          is_mismatch: assessment.srm.isMismatch,
          split: splitOf(read)
        },
        summary: assessment.summary.map(({text}) => text).join(""),
        verdicts: assessment.findings
          .map(({alias, verdict}, i) => ({
            metric: alias,
            title: findings[i].metric.title,
            role: findings[i].metric.role,
            verdict
          }))
          .filter(({role}) => role !== "other"),
        checks: assessment.checks.map(({severity, sentence}) => ({severity, sentence}))
      },
      said: assessment.readiness.title.toLowerCase(),
      href: read.href
    };
  }
});

export const segments = tool({
  name: "segments",
  description:
    "One metric's effect in every segment of a dimension, corrected for their number, and whether the effect differs between them at all. Exploratory: never a reason to ship by itself.",
  schema: z.object({
    ...readingAsked,
    dimension: z.string().max(100).optional().describe("without it the observation's first dimension"),
    metric: z.string().max(255).optional().describe("an alias; without it the primary metric")
  }),
  run: async ({dimension: named, metric, ...asked}, {workspace, ...context}) => {
    const read = await readResult(workspace, asked, context);
    const {view, control, treatment, question, reading} = read;
    if (control === null || treatment === null || question === null || reading === null)
      throw new UserError("no control is declared", "declare it on the Results page");
    const cells = requireCells(workspace, view);
    const dimensions = cells.keys.map(({name}) => name).filter((name) => name !== "day");
    const dimension =
      named === undefined ? dimensions[0] : dimensions.find((name) => name === named.toLowerCase());
    if (!dimension)
      throw new UserError(
        `there is no dimension ${named ?? ""}`,
        `there are ${dimensions.join(", ") || "none"}`
      );
    const alias = metric ? metricMeant(workspace, metric).alias : read.findings[0].metric.alias;
    const finding = read.findings.find((each) => each.metric.alias === alias);
    if (!finding) throw new UserError(`${alias} was not measured here`, "results lists what was");
    const {segments, leftOut, differ} = segmentsOf(cells, {
      dimension,
      metric: finding.metric,
      slice: sliceOf(read, cells),
      control,
      treatment,
      scale: question.scale,
      isValid: read.assessment.isReadable,
      reading
    });
    return {
      value: {
        ...about(read),
        dimension,
        metric: alias,
        title: finding.metric.title,
        segments: segments.map(({value, units, effect, verdict}) => ({
          segment: value || "(none)",
          units,
          lift: effect?.lift.value,
          low: effect?.lift.low,
          high: effect?.lift.high,
          difference: question.scale === "absolute" ? effect?.difference : undefined,
          adjusted_pvalue: effect?.adjusted?.pvalue,
          verdict
        })),
        left_out: leftOut,
        differ
      },
      said: `${segments.length} segments by ${dimension}`,
      href: read.href
    };
  }
});
