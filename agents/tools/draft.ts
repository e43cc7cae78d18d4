// A draft fills the form of a new experiment; the reader checks it, and saves it or not.

import {z} from "zod";
import {nearest, UserError} from "../../lib/errors.js";
import {parseExperiment} from "../../lib/experiment-file.js";
import {listExperiments} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";
import {tool} from "../types.js";

const aliases = z.array(z.string().max(255)).max(20);

export const draftExperiment = tool({
  name: "draft_experiment",
  description:
    "Drafts an experiment for the form; nothing is saved. Metrics must exist: look them up with search_metrics first. Grades the hypothesis, and finds past experiments like it.",
  schema: z.object({
    name: z.string().min(1).max(255),
    hypothesis: z.string().min(1).max(2000).describe("If …, then …, because …"),
    description: z.string().max(4000).optional(),
    variants: z
      .array(z.string().min(1).max(255))
      .min(2)
      .max(20)
      .default(["control", "treatment"])
      .describe("the control first"),
    key_metrics: aliases.min(1).describe("aliases, the primary first"),
    guardrails: aliases.default([]),
    design: z.string().max(4000).optional()
  }),
  run: async ({name, hypothesis, variants, key_metrics, guardrails, ...rest}, {workspace, library}) => {
    requireMetrics(workspace, [...key_metrics, ...guardrails]);
    const both = guardrails.find((alias) => key_metrics.includes(alias));
    if (both) throw new UserError(`${both} cannot be key metric and guardrail`, "name it once");
    const taken = listExperiments(workspace.store).some((each) => each.name === name);
    if (taken) throw new UserError(`there is already an experiment called ${name}`, "choose another name");
    const fields = {
      name,
      hypotheses: hypothesis,
      ...rest,
      variants: variants.map((name, i) => ({name, ...(i === 0 ? {control: true} : {})})),
      key_metrics,
      guardrails
    };
    parseExperiment({experiment: fields});
    const similar = await library.search("experiments", [`${name} ${hypothesis}`], 3);
    return {
      value: {
        draft: fields,
        hypothesis_grade: gradeHypothesis(hypothesis),
        similar: similar.map(({id, title}) => ({experiment: Number(id), name: title}))
      },
      said: name,
      actions: [{kind: "draft", label: "Fill the form with this draft", fields}]
    };
  }
});

function requireMetrics({registry}: Workspace, named: string[]): void {
  for (const alias of named) {
    if (registry.byAlias.has(alias)) continue;
    const near = nearest(alias, registry.byAlias.keys());
    throw new UserError(
      `there is no metric ${alias}`,
      near ? `is ${near} meant?` : "search_metrics finds what there is"
    );
  }
}

/** Returns which parts of a good hypothesis a text has, and what to add. */
export function gradeHypothesis(text: string) {
  const parts = {
    change: /\b(if|when|by)\b/i.test(text),
    effect: /\b(then|will|increase|decrease|raise|lower|rise|fall|improve|reduce|grow|more|fewer|less)/i.test(
      text
    ),
    because: /\b(because|since|as a result of|so that|due to)\b[\s,]+\S+(\s+\S+){2,}/i.test(text)
  };
  const advice = [
    ...(parts.change ? [] : ["say what is changed: “If we …”"]),
    ...(parts.effect ? [] : ["say what will move, and which way: “then …”"]),
    ...(parts.because ? [] : ["say why it should: “because …”; without a reason a result teaches nothing"])
  ];
  return {...parts, advice};
}
