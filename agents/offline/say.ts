// Answers by template: what tools returned, in sentences. Every number in them is a tool's.

import type {IntentName} from "./intents.js";
import {escaped, sentence} from "./markdown.js";
import {count} from "../../lib/stats/words.js";
import {sayPlan} from "./say-plan.js";
import {sayBest, sayPortfolio, saySplits} from "./say-portfolio.js";
import {sayCompared, sayConclusion, sayResults, saySegments, saySplit} from "./say-results.js";
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
    from: ["assess"],
    say: (of, situation, found) => sayNamed(situation, of("results")) ?? readingSaid(of, situation, found)
  },
  split: {from: ["assess"], say: (of) => saySplit(of("assess"))},
  compare: {from: ["assess"], say: (_, __, found) => comparedSaid(found)},
  splits: {from: ["list_experiments"], say: (of) => saySplits(of("list_experiments"))},
  best: {from: ["list_experiments"], say: (of) => sayBest(of("list_experiments"))},
  hypothesis: {
    from: ["read_experiment"],
    say: (of, situation, found) =>
      [
        sayExperiment(of("read_experiment"), {...situation, text: "hypothesis"}),
        ...(of("assess")
          ? ["Rules do not judge a hypothesis; this is what was measured.", readingSaid(of, situation, found)]
          : [])
      ].join("\n\n")
  },
  conclusion: {from: ["assess"], say: (of) => sayConclusion(of("assess"), of("results"))},
  segments: {
    from: ["segments", "assess"],
    say: (of, situation, found) =>
      of("segments") ? saySegments(of("segments")) : readingSaid(of, situation, found)
  },
  plan: {
    from: ["plan"],
    say: (of, situation) => sayNamed(situation, null) ?? sayPlan(of("plan"), situation)
  },
  portfolio: {from: ["list_experiments"], say: (of) => sayPortfolio(of("list_experiments"))},
  facts: {from: ["query_database"], say: (of) => sayRows(of("query_database"))},
  metric: {from: ["read_metric"], say: (of) => sayMetric(of("read_metric"))},
  metrics: {from: ["search_metrics"], say: (of) => sayMetrics(of("search_metrics"))},
  experiment: {
    from: ["read_experiment"],
    say: (of, situation) => sayExperiment(of("read_experiment"), situation)
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
  if (intent === "secret") return noSecrets;
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

const noSecrets =
  "I cannot: passwords, keys and tokens are in nothing that I can read, and I show none. docs/access.md tells who signs in and how.";

/** Returns the results that were found, said together; a name that is not known is said first. */
function readingSaid(of: Of, situation: Situation, found: Found[]): string {
  const results = found.filter(({name, error}) => name === "results" && error === null);
  const said = sayResults(
    of("assess"),
    results.map(({value}) => value),
    situation
  );
  const {unknown} = situation;
  return unknown === null || situation.metric
    ? said
    : `${notKnown(situation)} What follows is of the whole result.\n\n${said}`;
}

// More than a word of a name that is not there: nothing else is answered in its stead.
function sayNamed(situation: Situation, results: {metrics: {title: string}[]} | null): string | null {
  const {unknown, metric} = situation;
  if (unknown === null || metric !== null || !unknown.includes(" ")) return null;
  const there = results?.metrics.map(({title}) => escaped(title)).join(", ");
  return `${notKnown(situation)}${there ? ` Its metrics are ${there}.` : ""}`;
}

function notKnown({unknown, nearest}: Situation): string {
  const near = nearest ? ` The nearest metric is ${escaped(nearest.title)}.` : "";
  return `Nothing here is called “${escaped(unknown!)}”: no experiment, metric, variant or segment.${near}`;
}

function comparedSaid(found: Found[]): string {
  const read = found.filter(({error}) => error === null).map(({value}) => value);
  const failed = found.flatMap(({error}) => (error === null ? [] : [sentence(error)]));
  return [sayCompared(read), ...failed].join("\n\n");
}

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
      ? counted(names[0], rows[0][names[0]])
      : sentence(
          names
            .map((name) => `${name} ${name === "error" ? cell(rows[0], name) : `**${cell(rows[0], name)}**`}`)
            .join(", ")
        );
  const lines = rows.map((row) => `| ${names.map((name) => cell(row, name)).join(" | ")} |`);
  const more = isCut ? "\n\nThere are more; the query can be changed and run again." : "";
  return `| ${names.join(" | ")} |\n|${names.map(() => "---").join("|")}|\n${lines.join("\n")}${more}`;
}

const counted = (name: string, n: unknown) =>
  n === 1
    ? `There is **1** ${name.replace(/s$/, "")}.`
    : `There are **${typeof n === "number" ? count(n) : cell({n}, "n")}** ${name}.`;

// The number of a job is its name.
function cell(row: Record<string, unknown>, name: string): string {
  const value = row[name];
  if (value === null || value === undefined) return "–";
  if (typeof value === "number" && Number.isInteger(value) && !/(^|_)id$|^job$/.test(name))
    return count(value);
  return escaped(String(value).replace(/\s+/g, " ").slice(0, 300));
}
