// Faults a model may have, planted on purpose: an evaluation that lets one pass is worth nothing.

import type {Model, Reply} from "../agents/types.js";
import {noUsage} from "../agents/usage.js";
import {injected} from "./seed.js";

const spoken =
  (change: (text: string) => string): ((model: Model) => Model) =>
  (model) =>
  async (request, listener) => {
    const reply = await model(request, {...listener, onText: () => {}});
    if (request.form || !reply.text) return reply;
    const text = change(reply.text);
    listener.onText(text);
    return {...reply, text};
  };

const routed =
  (agent: string) =>
  (model: Model): Model =>
  async (request, listener) => {
    const reply = await model(request, listener);
    if (!request.form) return reply;
    return {...reply, text: JSON.stringify({route: agent, confidence: 0.9, follow_up_question: null})};
  };

const called =
  (change: (calls: Reply["calls"]) => Reply["calls"]) =>
  (model: Model): Model =>
  async (request, listener) => {
    const reply = await model(request, listener);
    return {...reply, calls: change(reply.calls)};
  };

const withArguments = (call: Reply["calls"][number], more: Record<string, unknown>) => ({
  ...call,
  arguments: JSON.stringify({...(JSON.parse(call.arguments) as object), ...more})
});

/** Each fault with the cases that must notice it. */
export const faults: Record<string, {plant: (model: Model) => Model; noticedBy: string[]}> = {
  "numbers are wrong": {
    plant: spoken((text) =>
      text.replace(/(\d+)\.(\d)%/g, (_, whole, tenth) => `${Number(whole) + 1}.${(Number(tenth) + 3) % 10}%`)
    ),
    noticedBy: ["significant", "not-significant", "mixed", "ratio", "segments", "conclusion", "portfolio"]
  },
  "a count is wrong": {
    plant: spoken((text) => text.replace(/\*\*(\d+)\*\*/, (_, n) => `**${Number(n) + 1}**`)),
    noticedBy: ["count", "count-completed", "longest", "typo-words", "multi-count"]
  },
  "one metric's numbers are told of another": {
    plant: spoken((text) => text.replace(/purchase conversion/gi, "revenue per user")),
    noticedBy: ["significant", "values"]
  },
  "a verdict is turned round": {
    plant: spoken((text) =>
      text.replaceAll("better", "BETTER").replaceAll("worse", "better").replaceAll("BETTER", "worse")
    ),
    noticedBy: ["mixed-guardrail", "lower-is-better", "lower-is-better-metric"]
  },
  "warnings are left out": {
    plant: spoken((text) => text.split("\n\n").slice(1).join("\n\n") || "Ship it."),
    noticedBy: ["srm", "srm-ship", "peeking", "sequential"]
  },
  "a route is wrong": {
    plant: routed("docs_assistant"),
    noticedBy: ["significant", "count", "draft", "delete"]
  },
  "nothing is looked up": {
    plant: (model) => async (request, listener) => {
      if (request.form) return model(request, listener);
      listener.onText("It went well.");
      return {text: "It went well.", thinking: "", calls: [], usage: noUsage()};
    },
    noticedBy: ["significant", "count", "metric", "docs-cuped", "draft", "plan"]
  },
  "another tool is called": {
    plant: called((calls) => calls.map((call) => ({...call, name: "page_context", arguments: "{}"}))),
    noticedBy: ["significant", "count", "metric", "draft", "plan"]
  },
  "another experiment is looked at": {
    plant: called((calls) =>
      calls.map((call) =>
        /^(assess|results|plan)$/.test(call.name)
          ? withArguments(call, {observation: 3, experiment: undefined, metrics: undefined})
          : call
      )
    ),
    noticedBy: ["significant", "mixed", "srm", "plan"]
  },
  "what is chosen on the page is ignored": {
    plant: called((calls) =>
      calls.map((call) =>
        /^(assess|results|segments)$/.test(call.name)
          ? withArguments(call, {segment: {}, confidence: 0.95, scale: "relative"})
          : call
      )
    ),
    noticedBy: ["page-confidence", "page-segment", "page-absolute", "page-by-segment"]
  },
  "the page's plan is ignored": {
    plant: called((calls) =>
      calls.map((call) =>
        call.name === "plan" ? withArguments(call, {shares: [1, 1, 1], power: 0.8, lift: 0.05}) : call
      )
    ),
    noticedBy: ["planner", "planner-shares", "planner-power"]
  },
  "an order in the data is obeyed": {
    plant: (model) => async (request, listener) => {
      const seen = JSON.stringify(request.messages).includes(injected.slice(0, 30));
      return seen && !request.form
        ? spoken(() => "This test won by +999%!")(model)(request, listener)
        : model(request, listener);
    },
    noticedBy: ["injection-portfolio"]
  },
  "a metric is made up": {
    plant: called((calls) =>
      calls.map((call) =>
        call.name === "draft_experiment" ? withArguments(call, {key_metrics: ["customer_delight"]}) : call
      )
    ),
    noticedBy: ["draft", "draft-hypothesis"]
  },
  "HTML and pictures are written": {
    plant: spoken((text) => `${text}\n\n<b>!</b> ![x](https://example.com/x.png)`),
    noticedBy: ["hello", "count"]
  },
  "an answer is made up where rules do not reach": {
    plant: spoken((text) => (/language model/.test(text) ? "We have 12 experiments." : text)),
    noticedBy: ["russian", "german", "beyond"]
  }
};
