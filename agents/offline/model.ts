// Rules and templates behind the interface of a language model: what works with no key, and in every test.

import {dimensionsOf} from "../../lib/stats/results-address.js";
import {controlOf} from "../../lib/stats/variants.js";
import {latestCompletedJob, listExperiments, observationsOf} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";
import {ModelError} from "../errors.js";
import type {Message, Model, Reply} from "../types.js";
import {noUsage} from "../usage.js";
import {gradeHypothesis} from "../tools/draft.js";
import {goesOn, leaning, type Understood} from "./going-on.js";
import {questionBack, type Intent} from "./intents.js";
import {say, type Found} from "./say.js";
import {firstCalls, type Call} from "./steps.js";
import type {Known} from "./names.js";
import {understand, type Situation} from "./understand.js";

/** Returns the model that needs no endpoint. */
export function offlineModel(workspace: Pick<Workspace, "store" | "registry">): Model {
  return async (request, {signal, onText}) => {
    if (signal.aborted) throw new ModelError("aborted");
    const {situation, intent} = read(request.messages, knownOf(workspace));
    if (request.form) return reply({text: JSON.stringify(routeOf(situation, intent))});
    const found = foundIn(request.messages);
    const calls = request.tools.length ? nextCalls(intent, situation, found) : [];
    const offered = calls.filter(({name}) => request.tools.some((tool) => tool.name === name));
    if (offered.length)
      return reply({
        calls: offered.map(({name, args}, i) => ({
          id: `rule-${found.length + i + 1}`,
          name,
          arguments: JSON.stringify(args)
        }))
      });
    const text =
      intent.name === "web" && !found.length
        ? "Web search is off. EXPANTO_TAVILY_API_KEY turns it on (docs/assistant.md)."
        : say(intent.name, situation, found);
    for (const word of text.match(/\S+\s*|\s+/g) ?? []) onText(word);
    return reply({text});
  };
}

function knownOf({store, registry}: Pick<Workspace, "store" | "registry">): Known {
  return {
    experiments: listExperiments(store).map((experiment) => ({
      id: experiment.id,
      name: experiment.name,
      observations: observationsOf(store, experiment.id).map(({id}) => id),
      metrics: [...experiment.keyMetrics, ...experiment.guardrails],
      control: controlOf(experiment),
      treatments: experiment.variants.filter(({isControl}) => !isControl).map(({name}) => name)
    })),
    metrics: registry.metrics.map(({alias, title}) => ({alias, title})),
    valuesOf: (experiment) =>
      observationsOf(store, experiment).flatMap(({id}) => {
        const job = latestCompletedJob(store, id);
        const dimensions = job ? dimensionsOf(job.facts) : [];
        return dimensions.flatMap(({name, values}) => values.map(({value}) => ({dimension: name, value})));
      })
  };
}

function read(messages: Message[], known: Known): Understood {
  const situation = understand(messages, known);
  const last = messages.findLastIndex(({role}) => role === "user");
  const before = messages.slice(0, last);
  const earlier = () =>
    before.some(({role}) => role === "user") && goesOn(situation) ? read(before, known) : null;
  return leaning(situation, earlier());
}

function routeOf(situation: Situation, intent: Intent) {
  const question = questionBack(intent, situation);
  return {route: intent.agent, confidence: question ? 0.3 : 0.9, follow_up_question: question};
}

const reply = ({text = "", calls = []}: Partial<Reply>): Reply => ({
  text,
  thinking: "",
  calls,
  usage: {...noUsage(), requests: 1}
});

/** Returns what the calls since the last question brought. */
function foundIn(messages: Message[]): Found[] {
  const turn = messages.slice(messages.findLastIndex(({role}) => role === "user"));
  const calls = turn.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  return turn.flatMap((message): Found[] => {
    if (message.role !== "tool") return [];
    const value = JSON.parse(message.content);
    const name = calls.find(({id}) => id === message.call)!.name;
    const error = value?.error ? [value.error, value.hint].filter(Boolean).join("; ") : null;
    return [{name, value, error}];
  });
}

function nextCalls(intent: Intent, situation: Situation, found: Found[]): Call[] {
  if (!found.length) return firstCalls(intent.name, situation);
  if (intent.name === "create" && found.every(({name}) => name !== "draft_experiment"))
    return draftCall(situation, found);
  return [];
}

function draftCall({question}: Situation, found: Found[]): Call[] {
  const metrics = found.find(({name, error}) => name === "search_metrics" && !error)?.value as
    {metric: string; goal: string | null}[] | undefined;
  const primary = metrics?.find(({goal}) => goal !== null) ?? metrics?.[0];
  if (!primary) return [];
  const idea =
    question
      .replace(/^.*?\b(test|try|experiment (about|on|for|with|to)|hypothesis)\b:?\s*/i, "")
      .replace(/[?.!]+$/, "")
      .trim() || question;
  const isWhole = gradeHypothesis(question).because && /\bif\b/i.test(question);
  const hypothesis = isWhole ? question : `If we try ${idea}, then ${primary.metric} will change.`;
  const name = idea.split(/\s+/).slice(0, 7).join(" ").slice(0, 80);
  return [
    {
      name: "draft_experiment",
      args: {
        name: name[0].toUpperCase() + name.slice(1),
        hypothesis,
        key_metrics: [primary.metric],
        guardrails: guardrailsOf(metrics!, primary.metric)
      }
    }
  ];
}

// What should fall is what a change may harm.
const guardrailsOf = (metrics: {metric: string; goal: string | null}[], primary: string) =>
  metrics
    .filter(({metric, goal}) => goal === "decrease" && metric !== primary)
    .slice(0, 2)
    .map(({metric}) => metric);
