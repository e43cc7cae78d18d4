// Asks every case of an assistant and checks what it did; no model grades anything.

import {answer, type Assistant} from "../agents/answer.js";
import {numbersIn} from "../agents/numbers.js";
import type {ChatEvent, PageContext, Usage} from "../agents/types.js";
import type {Workspace} from "../lib/workspace.js";
import type {Case} from "./case.js";

export type Outcome = {id: string; failures: string[]; ms: number; usage: Usage; text: string};

const home: PageContext = {path: "/", search: "", title: "Experiments", selection: ""};

/** Returns what an assistant made of a case. */
export async function runCase(
  made: Case,
  assistant: Assistant,
  {workspace: {store, registry}, isOffline}: {workspace: Workspace; isOffline: boolean}
): Promise<Outcome> {
  const questions = [made.ask].flat();
  const before = store.serialize().toString("base64");
  const started = performance.now();
  let events: ChatEvent[] = [];
  for (const question of questions) {
    events = [];
    const asked = {chat: `eval-${made.id}`, question, page: {...home, ...made.page}};
    await answer(assistant, asked, (event) => events.push(event), new AbortController().signal);
  }
  const text = textOf(events);
  const failures = [
    ...checkRoute(made, events),
    ...checkTools(made, events),
    ...checkText(made, text),
    ...(isOffline && made.offline === "needs a model" && !/needs a language model/.test(text)
      ? ["does not say that a model is needed"]
      : []),
    ...checkNumbers({events, text, truth: made.truth?.(store) ?? []}),
    ...checkDraft(made, events, (alias) => registry.byAlias.has(alias)),
    ...(store.serialize().toString("base64") === before ? [] : ["the database was changed"])
  ];
  const usage = of(events, "usage").at(-1)!.turn;
  return {id: made.id, failures, ms: Math.round(performance.now() - started), usage, text};
}

type Of<T extends ChatEvent["type"]> = Extract<ChatEvent, {type: T}>;
const of = <T extends ChatEvent["type"]>(events: ChatEvent[], type: T): Of<T>[] =>
  events.filter((event): event is Of<T> => event.type === type);

function textOf(events: ChatEvent[]): string {
  const last = events.findLastIndex(({type}) => type === "reset");
  return of(events.slice(last + 1), "text")
    .map(({text}) => text)
    .join("");
}

function checkRoute({route}: Case, events: ChatEvent[]): string[] {
  const errors = of(events, "error").map(({error}) => `error: ${error}`);
  const taken = of(events, "route").at(-1)?.agent;
  return [
    ...errors,
    ...(taken && route.includes(taken) ? [] : [`routed to ${taken}, not ${route.join(" or ")}`])
  ];
}

function checkTools({tools = [], notTools = []}: Case, events: ChatEvent[]): string[] {
  const calls = of(events, "call");
  const missing = tools.filter(
    ([name, args]) =>
      !calls.some((call) => call.name === name && (!args || args.test(JSON.stringify(call.arguments))))
  );
  const wrong = calls.filter(({name}) => notTools.includes(name));
  return [
    ...missing.map(([name, args]) => `no call of ${name} ${args ?? ""}`),
    ...wrong.map(({name}) => `called ${name}`)
  ];
}

function checkText({say = [], notSay = []}: Case, text: string): string[] {
  return [
    ...say.filter((words) => !words.test(text)).map((words) => `does not say ${words}`),
    ...[...notSay, /<\w+[^>]*>/, /!\[/].filter((words) => words.test(text)).map((words) => `says ${words}`)
  ];
}

function checkNumbers({events, text, truth}: {events: ChatEvent[]; text: string; truth: number[]}): string[] {
  const said = numbersIn(text);
  const missing = truth.filter(
    (value) =>
      !said.some((number) => {
        const shown = number.isPercent ? number.value / 100 : number.value;
        const step = 10 ** -(number.decimals + (number.isPercent ? 2 : 0));
        const isNegative = number.sign === "−" || value >= 0 ? value < 0 === (number.sign === "−") : true;
        return (
          isNegative && Math.abs(Math.abs(value) - shown) <= step * 0.51 && step <= Math.abs(value) / 5 + 1
        );
      })
  );
  const unsourced = of(events, "numbers").flatMap(({numbers}) =>
    numbers.filter(({source}) => source === null)
  );
  return [
    ...missing.map((value) => `does not say ${Number(value.toPrecision(5))}`),
    ...unsourced.map(({text, why}) => `unsourced ${text}: ${why}`)
  ];
}

function checkDraft(
  {draft, action}: Case,
  events: ChatEvent[],
  exists: (alias: string) => boolean
): string[] {
  const actions = of(events, "action").map(({action}) => action);
  const failures: string[] = [];
  if (action && !actions.some((each) => each.kind === "open" && action.test(each.href)))
    failures.push(`no button to ${action}`);
  const fields = actions.flatMap((each) => (each.kind === "draft" ? [each.fields] : [])).at(-1);
  if (draft && !fields) failures.push("no draft");
  if (draft && fields && !draft(fields)) failures.push("the draft is not as it should be");
  const named = [fields?.key_metrics ?? [], fields?.guardrails ?? []].flat() as string[];
  return [
    ...failures,
    ...named.filter((alias) => !exists(alias)).map((alias) => `invents the metric ${alias}`)
  ];
}
