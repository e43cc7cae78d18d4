// Which agent answers, and what it looks up first: the rules that stand in for a language model.

import type {AgentId} from "../types.js";
import type {Situation} from "./understand.js";

export type IntentName =
  | "model"
  | "refuse"
  | "secret"
  | "create"
  | "web"
  | "plan"
  | "segments"
  | "portfolio"
  | "best"
  | "splits"
  | "split"
  | "compare"
  | "hypothesis"
  | "conclusion"
  | "results"
  | "facts"
  | "metric"
  | "metrics"
  | "experiment"
  | "docs"
  | "greeting"
  | "unclear";

export type Intent = {name: IntentName; agent: AgentId};

type Rule = {name: IntentName; agent: AgentId; test: (situation: Situation) => boolean};

const says = (pattern: RegExp) => (situation: Situation) => pattern.test(situation.text);

const experimentsCounted =
  /\b(how many|number of|count)\b.*\b(experiments?|observations?|jobs?|tests?)\b|\bhow many (are|were) (running|completed|planned|paused|cancelled)/;
const listed =
  /\b(which|list|show( me)?( all)?|what)\b.*\b(experiments?|tests?)\b.*\b(running|completed|planned|paused|cancelled|there|we have|owns?|owned)\b|^(list|show)( me)?( all)?( the| our| my)? (experiments|tests)/;
const facts =
  /\blongest\b|\bfailed\b|\bfail\b|\b(who|whose)\b.*\b(own|owner)|\bowner of\b|\bwhen (did|does|will|was)\b.*\b(start|end|run)|\bwhat (is|was) the (start|end) date|\bmost recent|\bnewest\b|\boldest\b|\bsample size\b.*\b(of|per|in)\b|\bhow many (units|users)\b.*\b(in|were|did|saw|got|have)\b/;
const outcome =
  /\b(results?|show(s|ed|n)?|found|finding|significan\w*|lift|effect|verdict|ship|roll(ed)? ?out|trust|believe|srm|mismatch|guardrails?|interval|p-?value|better|worse|analy[sz]e|improve\w*|increase\w*|decrease\w*|rise|rose|fell|fall|drop\w*|hurt|harm|change\w*|move\w*|affect\w*|work(ed|ing)?|perform\w*|win(ning)?|won|summar\w*|happened|going|peek\w*|look\w* at|valid|read(able|y)?|underpowered|variance|early|stop it|multiple|correct\w*|caution|checks?|warnings?|invalid|convert\w*|help(s|ed)?|confident|sure|novelty|do(ing)?)\b/;
const asking =
  /\b(how (do|can|should|does|to|is|are)|what (is|are|does|do)|where|why|explain|mean|configure|set ?up|install|difference between|tell me about|can i|does expanto|which command)\b/;
const subjectless = /\b(my|this|the|that|it|these|selected|current)\b/;

const rules: Rule[] = [
  {name: "model", agent: "universal", test: ({isEnglish}) => !isEnglish},
  {
    name: "refuse",
    agent: "sql_expert",
    test: says(
      /^(please |can you |could you )?\W*(delete|drop|remove|update|insert|rename|truncate|alter|set|start|pause|stop|cancel) (the |all |an? |my |table |experiments?\b|from|into|observations?)/
    )
  },
  {
    name: "refuse",
    agent: "sql_expert",
    test: says(/\b(drop table|delete from|update experiments|insert into|alter table)\b/)
  },
  {
    name: "secret",
    agent: "sql_expert",
    test: says(
      /\b(show|list|tell|give|reveal|print|dump|read|what (is|are) (the|my|our|their|your))\b.*\b(passwords?|secrets|api[ -]?keys?|credentials|password hash(es)?|access tokens?)\b/
    )
  },
  {
    name: "web",
    agent: "internet_search",
    test: says(/\b(search|look|find).*\b(web|internet|online|google)\b|\bgoogle\b|\blatest (research|news)\b/)
  },
  {
    name: "create",
    agent: "experiment_creator",
    test: says(
      /\b(i|we) (want|would like|plan|'d like) to (test|try|a\/b)|\b(create|design|draft|make|propose|set up|help me (design|with)) (an? |the |new |me an? )*(new )?(experiment|a\/b test|ab test|test|draft|hypothesis)|\bnew experiment\b|\bidea for an? (experiment|test)|\blet's test\b|\bshould we test\b|\bgrade (my|this) hypothesis/
    )
  },
  {
    name: "plan",
    agent: "analyst",
    test: ({text, lift}) =>
      /\bhow (long|many (more )?(days|weeks))\b|\b(mde|planner|minimum detectable|smallest lift)\b|\bcould (we|it) (see|detect)\b|\bhow many (units|users)\b.*\b(need|see|detect|to)\b|\bsample size\b.*\b(need|for|to)\b|\bpower(ed)? (to|for)\b/.test(
        text
      ) &&
      (lift !== null || !/\bdid\b|\bwas\b|\bran\b/.test(text))
  },
  {
    name: "plan",
    agent: "analyst",
    test: ({power, page}) => power !== null && page.path.startsWith("/planner")
  },
  {
    name: "docs",
    agent: "docs_assistant",
    test: ({text, metric, isNamed}) =>
      /\bwhat (do|does)\b.*\bmean\b|\bwhat is meant by\b|\bmeaning of\b/.test(text) &&
      metric === null &&
      !isNamed &&
      !/\b(this|these|it|that|results?)\b/.test(text)
  },
  {
    name: "conclusion",
    agent: "analyst",
    test: says(/\b(conclusion|write[- ]?up|read ?out|memo|decision note)\b/)
  },
  {
    name: "splits",
    agent: "analyst",
    test: says(
      /\b(experiments|tests)\b.*\b(srm|split|mismatch\w*|traffic)\b|\b(which|any) (experiment|test)\b.*\b(srm|split|mismatch\w*)\b/
    )
  },
  {
    name: "best",
    agent: "analyst",
    test: says(
      /\b(which|what)\b.*\b(experiments?|tests?)\b.*\b(best|most successful|(biggest|largest|highest|greatest) (lift|effect|gain|win))\b|\bbest (experiment|test)\b/
    )
  },
  {name: "compare", agent: "analyst", test: ({others, text}) => others.length > 0 && !facts.test(text)},
  {
    name: "portfolio",
    agent: "analyst",
    test: says(
      /\bwhat (did|have) we learn|\bwin rate\b|\bhow many (experiments|tests)\b.*\b(better|worse|unclear|won|win|significant|positive)\b|\bwhich (experiments|tests)\b.*\b(better|worse|unclear|won|improved|worked|significant|hurt)\b|\boverview of (all|our)\b|\ball (our )?(experiments|tests) (together|so far)\b/
    )
  },
  {
    name: "split",
    agent: "analyst",
    test: ({text}) =>
      /\b(split|srm|sample ratio|traffic|allocation)\b/.test(text) &&
      /\b(ok|okay|fine|fair|right|good|even|healthy|balanced|check|planned|pass\w*|is there|any|srm|mismatch)\b/.test(
        text
      ) &&
      !/^(what (is|are) (a|an|the)?|how (do|does|can|is)|explain|where)\b/.test(text)
  },
  {
    name: "segments",
    agent: "analyst",
    test: ({text, dimension, segment, subject}) =>
      (dimension !== null || segment !== null || /\bsegments?\b/.test(text)) &&
      subject !== null &&
      !/\bhow (do|can|to|does)\b|\bwhat (is|are) (a )?segment/.test(text)
  },
  {
    name: "facts",
    agent: "sql_expert",
    test: ({text}) => experimentsCounted.test(text) || listed.test(text) || facts.test(text)
  },
  {
    name: "metrics",
    agent: "docs_assistant",
    test: ({text, subject}) =>
      !(
        subject !== null &&
        /\b(better|worse|improved|changed|moved|significant|rose|fell|dropped|hurt)\b/.test(text)
      ) &&
      /\bwhich metrics?\b|\bwhat metrics?\b|\blist\b.*\bmetrics\b|\bmetrics? (about|for|on|do we have|are there)\b|\bis there a metric\b/.test(
        text
      )
  },
  {
    name: "metric",
    agent: "docs_assistant",
    test: ({text, metric, isNamed}) =>
      metric !== null &&
      !isNamed &&
      /\b(what is|what's|what does|define|definition|how is|how do we|who owns the metric|describe|explain|formula|goal)\b/.test(
        text
      ) &&
      !/\b(lift|result|effect|interval|p-?value|significan|value of .* in|happened|change)/.test(text)
  },
  {
    name: "hypothesis",
    agent: "analyst",
    test: ({text}) =>
      /\bhypothes[ie]s\b.*\b(right|true|correct|confirmed|hold|held|supported|wrong|false|proved|proven|rejected)\b|\b(confirm|reject|support|prove)\w*\b.*\bhypothes[ie]s\b/.test(
        text
      )
  },
  {
    name: "experiment",
    agent: "sql_expert",
    test: ({text, subject, metric}) =>
      subject !== null &&
      metric === null &&
      /\b(hypothes[ie]s|description|describe|design of|variants? (of|does|are)|what are the variants|what is .* about|key metrics?|primary metric|tell me about (the |this )?experiment|history)\b/.test(
        text
      ) &&
      !/\b(good|write) (hypothesis|one)\b/.test(text)
  },
  {
    name: "results",
    agent: "analyst",
    test: ({text, subject, isNamed, metric, treatments, hasControl, confidence}) =>
      subject !== null &&
      (outcome.test(text) ||
        metric !== null ||
        isNamed ||
        treatments.length > 0 ||
        hasControl ||
        confidence !== null ||
        /^\W*(and )?((what|how) about\b|(what if|with|without)\b.*\b(cuped|sequential|holm|always[- ]valid|fdr|benjamini))/.test(
          text
        )) &&
      !(
        /^(how (do|can|to|does|is|are)|what (is|are) (a|an|the) |where|explain)/.test(text) &&
        !isNamed &&
        !subjectless.test(text)
      )
  },
  {
    name: "greeting",
    agent: "universal",
    test: says(
      /^\W*(hi|hello|hey|good (morning|evening|day)|thanks|thank you|help|what can you do|who are you)\b/
    )
  },
  {name: "docs", agent: "docs_assistant", test: says(asking)},
  {name: "unclear", agent: "analyst", test: says(outcome)},
  {
    name: "docs",
    agent: "docs_assistant",
    test: ({text}) => /\?\s*$/.test(text) || [2, 3, 4].includes(text.trim().split(/\s+/).length)
  },
  {name: "model", agent: "universal", test: ({text}) => text.trim().split(/\s+/).length > 4}
];

/** Returns what a question by itself asks for. */
export function intentOf(situation: Situation): Intent {
  const own = rules.find(({test}) => test(situation));
  return own ? {name: own.name, agent: own.agent} : {name: "unclear", agent: "universal"};
}

/** Returns what to ask back where a question names nothing that can be found. */
export function questionBack({name}: Intent, {subject, page}: Situation): string | null {
  // The Planner shows what a plan starts from, whatever its address says.
  if (name === "plan" && page.path.startsWith("/planner")) return null;
  if (name === "unclear" && subject === null)
    return "Which experiment do you mean? Name it, or open its results and ask there.";
  const needsSubject: IntentName[] = ["plan", "conclusion", "segments", "experiment", "split", "hypothesis"];
  return needsSubject.includes(name) && subject === null
    ? "Which experiment do you mean? Name it, or open its results and ask there."
    : null;
}
