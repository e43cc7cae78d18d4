// What is written down, by template: metrics, experiments, guides, a draft, the web.

import type {Experiment} from "../../lib/types.js";
import {escaped, sentence} from "./markdown.js";
import type {Found} from "./say.js";
import type {Situation} from "./understand.js";

type MetricFound = {metric: string; title: string; description: string | null};
type MetricRead = MetricFound & {
  type: string;
  group: string;
  goal: string | null;
  owner: string | null;
  yaml: string;
  used_by: {name: string; role: string}[];
};
type Draft = {
  draft: {name: string; hypotheses: string; key_metrics: string[]; guardrails: string[]};
  hypothesis_grade: {advice: string[]};
  similar: {name: string}[];
};

/** Returns one metric with its definition. */
export function sayMetric({
  metric,
  title,
  type,
  group,
  description,
  goal,
  owner,
  yaml,
  used_by: usedBy
}: MetricRead): string {
  const facts = [
    `**${escaped(title)}** (\`${metric}\`), a ${type} of ${escaped(group)}.`,
    description && escaped(description),
    goal ? `It should ${goal}.` : "No direction is declared as good.",
    owner && `It belongs to ${escaped(owner)}.`
  ];
  const uses = usedBy.map(({name, role}) => `${escaped(name)} (${role})`);
  const used = uses.length
    ? `Experiments decide by it: ${uses.join(", ")}.`
    : "No experiment decides by it yet.";
  return `${facts.filter(Boolean).join(" ")}\n\n${used}\n\n\`\`\`yaml\n${yaml.trim()}\n\`\`\``;
}

/** Returns the metrics that are nearest to a question. */
export function sayMetrics(rows: MetricFound[]): string {
  if (!rows.length) return "No metric like that is defined. docs/metrics.md tells how one is added.";
  const lines = rows.map(
    ({metric, title, description}) =>
      `- **${escaped(title)}** (\`${metric}\`)${description ? `: ${escaped(description)}` : ""}`
  );
  return `The nearest metrics are:\n\n${lines.join("\n")}`;
}

/** Returns what was written of an experiment, as far as it was asked for. */
export function sayExperiment(e: Experiment, {text}: Situation): string {
  const parts: [RegExp, string][] = [
    [/hypothes/, e.hypotheses ? `Its hypothesis: “${escaped(e.hypotheses)}”` : "It has no hypothesis."],
    [/descri|about/, e.description ? escaped(e.description) : "It has no description."],
    [/design/, e.design ? escaped(e.design) : "Its design is not written down."],
    [
      /variant/,
      `Its variants: ${e.variants.map((v) => `${escaped(v.name)}${v.isControl ? " (control)" : ""}`).join(", ") || "none declared"}.`
    ],
    [
      /metric/,
      `It decides by ${e.keyMetrics.map((alias) => `\`${alias}\``).join(", ") || "no metric"}; its guardrails are ${e.guardrails.map((alias) => `\`${alias}\``).join(", ") || "none"}.`
    ]
  ];
  const wanted = parts.filter(([pattern]) => pattern.test(text)).map(([, words]) => words);
  const shown = wanted.length ? wanted : parts.map(([, words]) => words);
  return `**${escaped(e.name)}** is ${e.status}. ${shown.join(" ")}`;
}

const tooCommon =
  /^(expanto|what|how|many|metrics?|computed?|calculated|defined?|does|the|and|are|can|connect|use|used|using|mean|means|set|get|work|works|tell|about|with|explain|please|you|should|which|where)$/;

/** Returns what the guides say, or that they do not. */
export function sayDocs(
  sections: {section: string; title: string; text: string}[],
  {question}: Situation
): string {
  const words = (question.toLowerCase().match(/[a-z_]{3,}/g) ?? []).filter((word) => !tooCommon.test(word));
  const rooted = words.map((word) => (word.length > 5 ? word.slice(0, -2) : word));
  const isTold = (root: string) =>
    sections.some(({title, text}) => `${title} ${text}`.toLowerCase().includes(root));
  const untold = words.filter((_, i) => !isTold(rooted[i]));
  if (!sections.length || (words.length > 0 && untold.length > words.length / 2))
    return "The guides do not say anything about that.";
  const doubt = untold.length
    ? `The guides do not mention ${untold.map((word) => `“${word}”`).join(", ")}. Nearest is:\n\n`
    : "";
  return (
    doubt +
    sections
      .slice(0, 2)
      .map(
        ({section, title, text}) =>
          `From **${escaped(title)}** (\`${section.split("#")[0]}\`):\n\n${excerpt(text)}`
      )
      .join("\n\n")
  );
}

// A fence that is cut is closed, so that what follows is not code.
function excerpt(text: string): string {
  const cut = text.length > 700 ? `${text.slice(0, text.lastIndexOf(" ", 700))} …` : text;
  const isOpen = (cut.match(/^```/gm) ?? []).length % 2 === 1;
  return isOpen ? `${cut}\n\`\`\`` : cut;
}

/** Returns what a draft holds and lacks. */
export function sayDraft(draft: Draft | null, found: Found[]): string {
  if (!draft)
    return sentence(found.find(({error}) => error)?.error ?? "no metric fits, so nothing was drafted");
  const {draft: fields, hypothesis_grade: grade, similar} = draft;
  const like = similar.map(({name}) => escaped(name)).join(", ");
  return [
    `A draft of **${escaped(fields.name)}**: it would decide by \`${fields.key_metrics[0]}\`${fields.guardrails.length ? `, with the guardrails ${fields.guardrails.map((alias) => `\`${alias}\``).join(", ")}` : ""}.`,
    `Hypothesis: “${escaped(fields.hypotheses)}”`,
    grade.advice.length
      ? `What the hypothesis lacks: ${grade.advice.join("; ")}.`
      : "The hypothesis says what changes, what moves and why.",
    like ? `Past experiments like it: ${like}.` : "No past experiment is like it.",
    "The button fills the form; nothing is saved before you do."
  ].join("\n\n");
}

/** Returns what the web says, as a list of links. */
export function sayWeb(pages: {title: string; url: string; text: string}[]): string {
  if (!pages?.length) return "The web search found nothing.";
  return `Found on the web, unchecked:\n\n${pages.map(({title, url, text}) => `- [${escaped(title)}](${url}): ${escaped(text.slice(0, 200))}`).join("\n")}`;
}
