// Answers by template: what tools returned, in sentences. Every number in them is a tool's.

import type {IntentName} from "./intents.js";
import {escaped, sentence} from "./markdown.js";
import {sayConclusion, sayPlan, sayPortfolio, sayResults, saySegments} from "./say-results.js";
import {sayDocs, sayDraft, sayExperiment, sayMetric, sayMetrics, sayWeb} from "./say-written.js";
import type {Situation} from "./understand.js";

/** What a tool returned for a call, or why it failed. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template reads what its own call asked for
export type Found = {name: string; value: any; error: string | null};

type Of = (name: string) => Found["value"];
type Template = {
  /** Tools of which at least one must have told something. */
  from: string[];
  say: (of: Of, situation: Situation, found: Found[]) => string;
};

const templates: Partial<Record<IntentName, Template>> = {
  results: {
    from: ["assess", "results"],
    say: (of, situation) => sayResults(of("assess"), of("results"), situation)
  },
  conclusion: {from: ["assess"], say: (of) => sayConclusion(of("assess"), of("results"))},
  segments: {
    from: ["segments", "results"],
    say: (of, situation) =>
      of("segments") ? saySegments(of("segments")) : sayResults(null, of("results"), situation)
  },
  plan: {from: ["plan"], say: (of, situation) => sayPlan(of("plan"), situation)},
  portfolio: {from: ["list_experiments"], say: (of) => sayPortfolio(of("list_experiments"))},
  facts: {from: ["query_database"], say: (of) => sayRows(of("query_database"))},
  metric: {from: ["read_metric"], say: (of) => sayMetric(of("read_metric"))},
  metrics: {from: ["search_metrics"], say: (of) => sayMetrics(of("search_metrics"))},
  experiment: {
    from: ["read_experiment", "assess"],
    say: (of, situation) =>
      of("read_experiment")
        ? sayExperiment(of("read_experiment"), situation)
        : sayResults(of("assess"), null, situation)
  },
  docs: {from: ["search_docs"], say: (of, situation) => sayDocs(of("search_docs"), situation)},
  create: {from: ["search_metrics"], say: (of, _, found) => sayDraft(of("draft_experiment"), found)},
  web: {from: ["search_web"], say: (of) => sayWeb(of("search_web"))}
};

/** Returns the answer to a question from what was found. */
export function say(intent: IntentName, situation: Situation, found: Found[]): string {
  const template = templates[intent];
  if (template) return sayFound(template, situation, found);
  if (intent === "greeting") return greeting;
  if (intent === "refuse") return onlyReading;
  return needsModel(
    situation.isEnglish ? "what this asks for is beyond my rules" : "my rules read English only"
  );
}

function sayFound({from, say}: Template, situation: Situation, found: Found[]): string {
  const of: Of = (name) => found.find((each) => each.name === name && each.error === null)?.value ?? null;
  const failed = found.find(({error}) => error !== null);
  if (from.some((name) => of(name) !== null)) return say(of, situation, found);
  return failed ? sentence(failed.error!) : "I could not look that up.";
}

const onlyReading =
  "I cannot change anything: I only read. Experiments are changed, stopped and deleted on their own pages, and the database by nobody but Expanto.";

const skills = `- what an experiment showed, and whether to believe it
- results by segment, and how long a test must run
- which experiments, observations and jobs there are
- what a metric means, and what the guides say
- a draft of a new experiment`;

const greeting = `Hello. Without a language model I answer by rules. Ask me about:\n\n${skills}`;

/** Returns what is said where rules do not reach. */
export const needsModel = (why: string) =>
  `That needs a language model, and none is set up: ${why}. \`assistant.base_url\` names one (docs/assistant.md). Without it I can tell:\n\n${skills}`;

type Rows = {sql: string; rows: Record<string, unknown>[]; is_cut: boolean};

function sayRows({rows, is_cut: isCut}: Rows): string {
  if (!rows.length) return "Nothing was found.";
  const names = Object.keys(rows[0]);
  if (rows.length === 1)
    return names.length === 1
      ? `There ${rows[0][names[0]] === 1 ? "is" : "are"} **${rows[0][names[0]]}** ${names[0]}.`
      : sentence(
          names
            .map((name) => `${name} ${name === "error" ? cell(rows[0][name]) : `**${cell(rows[0][name])}**`}`)
            .join(", ")
        );
  const lines = rows.map((row) => `| ${names.map((name) => cell(row[name])).join(" | ")} |`);
  const more = isCut ? "\n\nThere are more; the query can be changed and run again." : "";
  return `| ${names.join(" | ")} |\n|${names.map(() => "---").join("|")}|\n${lines.join("\n")}${more}`;
}

const cell = (value: unknown) =>
  value === null || value === undefined ? "–" : escaped(String(value).replace(/\s+/g, " ").slice(0, 300));
