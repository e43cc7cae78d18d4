// What experiments showed, situation by situation.

import {resultsOf, type Case} from "../case.js";
import {intervalOf, liftOf, one, valuesOf} from "../truth.js";

const analyst = {route: ["analyst" as const], offline: "answers" as const};
const both: Case["tools"] = [["assess"], ["results"]];

export const resultCases: Case[] = [
  {
    id: "significant",
    ask: "What did this experiment show?",
    page: resultsOf(1),
    ...analyst,
    tools: both,
    truth: intervalOf("Faster checkout", "purchase_conversion"),
    say: [/raises|better/i],
    notSay: [/\bno (clear )?effect/i]
  },
  {
    id: "significant-by-name",
    ask: "Did Faster checkout work?",
    ...analyst,
    tools: both,
    truth: liftOf("Faster checkout", "purchase_conversion")
  },
  {
    id: "secondary-unclear",
    ask: "Did revenue per user change in Faster checkout?",
    ...analyst,
    tools: [["results", /revenue_per_user/]],
    truth: intervalOf("Faster checkout", "revenue_per_user"),
    say: [/unclear|no clear/i],
    notSay: [/significant(ly)? (increase|higher)/i]
  },
  {
    id: "values",
    ask: "What were the values of purchase conversion in experiment 1?",
    ...analyst,
    tools: [["results", /purchase_conversion/]],
    truth: valuesOf("Faster checkout", "purchase_conversion")
  },
  {
    id: "confidence-99",
    ask: "Show purchase conversion of Faster checkout at 99% confidence",
    ...analyst,
    tools: [["results", /0\.99/]],
    truth: intervalOf("Faster checkout", "purchase_conversion", {z: 2.575829})
  },
  {
    id: "not-significant",
    ask: "Is the Blue buy button better?",
    ...analyst,
    tools: both,
    truth: intervalOf("Blue buy button", "purchase_conversion"),
    say: [/unclear|no clear/i],
    notSay: [/\bis better\b/i, /should ship/i]
  },
  {
    id: "not-significant-ship",
    ask: "Should we ship this?",
    page: resultsOf(2),
    ...analyst,
    tools: both,
    say: [/no reason to ship|unclear/i],
    notSay: [/speaks for shipping/i]
  },
  {
    id: "lower-is-better",
    ask: "Did the Lighter product page improve load time?",
    ...analyst,
    tools: both,
    truth: liftOf("Lighter product page", "page_load_seconds"),
    say: [/better/i, /lower|−/i],
    notSay: [/\bworse\b/i]
  },
  {
    id: "lower-is-better-metric",
    ask: "How did page load seconds change in Lighter product page?",
    ...analyst,
    truth: intervalOf("Lighter product page", "page_load_seconds"),
    say: [/better/]
  },
  {
    id: "mixed",
    ask: "Should we roll out the Free returns banner?",
    ...analyst,
    tools: both,
    truth: liftOf("Free returns banner", "purchase_conversion"),
    say: [/guardrail/i, /worse/i, /yours|weigh|trade/i]
  },
  {
    id: "mixed-guardrail",
    ask: "What happened to refunded amount per user in Free returns banner?",
    ...analyst,
    tools: [["results", /refunded_per_user/]],
    truth: intervalOf("Free returns banner", "refunded_per_user"),
    say: [/worse/]
  },
  {
    id: "srm",
    ask: "Can we trust the results of Address autocomplete?",
    ...analyst,
    tools: [["assess"]],
    truth: (db) => [
      db
        .prepare(
          "select 1.0 * sum(units) / (select sum(units) from exposures where job_id = 5) from exposures where job_id = 5 and group_name = 'control'"
        )
        .pluck()
        .get() as number
    ],
    say: [/mismatch/i, /no conclusion|do not read|cannot be trusted/i],
    notSay: [/\+12\.5\s?%/, /\bis better\b/]
  },
  {
    id: "srm-ship",
    ask: "Conversion is up a lot here, ship it?",
    page: resultsOf(5),
    ...analyst,
    tools: [["assess"]],
    say: [/mismatch/i],
    notSay: [/speaks for shipping/i]
  },
  {
    id: "srm-conclusion",
    ask: "Write the conclusion",
    page: resultsOf(5),
    ...analyst,
    say: [/no conclusion/i],
    notSay: [/What follows/]
  },
  {
    id: "underpowered",
    ask: "Did gift wrapping increase orders?",
    ...analyst,
    tools: both,
    truth: liftOf("Gift wrapping", "orders_per_user"),
    say: [/unclear|no clear/i],
    notSay: [/\bproves?\b/i]
  },
  {
    id: "peeking",
    ask: "Search ranking v2 looks significant already, can we stop it?",
    ...analyst,
    tools: [["assess"]],
    say: [/still running/i, /once, at its end|early/i]
  },
  {
    id: "peeking-ship",
    ask: "Should we ship search ranking v2 now?",
    ...analyst,
    say: [/too early|early look/i],
    notSay: [/speaks for shipping/i]
  },
  {
    id: "sequential",
    ask: "And is it better with sequential intervals?",
    page: resultsOf(7),
    ...analyst,
    tools: [["assess", /"sequential":true/]],
    say: [/every look/i]
  },
  {
    id: "zero-variance",
    ask: "What happened to crashes in the Cookie notice experiment?",
    ...analyst,
    tools: both,
    say: [/same value|cannot be compared|no .*interval|control's value is 0/i],
    notSay: [/\bbetter\b|\bworse\b/]
  },
  {
    id: "ratio",
    ask: "Did average order value rise in Bigger baskets?",
    ...analyst,
    tools: [["results", /average_order_value/]],
    truth: intervalOf("Bigger baskets", "average_order_value")
  },
  {
    id: "ratio-values",
    ask: "What is the average order value in both variants of Bigger baskets?",
    ...analyst,
    truth: valuesOf("Bigger baskets", "average_order_value")
  },
  {
    id: "many-variants",
    ask: "What did Free shipping limits show?",
    ...analyst,
    tools: both,
    truth: liftOf("Free shipping limits", "orders_per_user"),
    say: [/from 40/, /from 30/]
  },
  {
    id: "many-variants-corrected",
    ask: "Is Free shipping limits significant when corrected by Holm?",
    ...analyst,
    tools: [["assess", /holm/]],
    truth: liftOf("Free shipping limits", "orders_per_user")
  },
  {
    id: "planned",
    ask: "What are the results of One-tap reorder?",
    ...analyst,
    say: [/no observation|nothing|not/i],
    notSay: [/\d\s?%/]
  },
  {
    id: "failed",
    ask: "What are the results of Loyalty points?",
    ...analyst,
    say: [/failed/i, /loyalty/i],
    notSay: [/\d\s?%/]
  },
  {
    id: "not-measured",
    ask: "How did add to cart change in Faster checkout?",
    ...analyst,
    say: [/not measured/i],
    notSay: [/\d\s?%/]
  },
  {
    id: "conclusion",
    ask: "Write the conclusion of this experiment",
    page: resultsOf(1),
    ...analyst,
    tools: both,
    truth: liftOf("Faster checkout", "purchase_conversion"),
    say: [/What was found/i]
  },
  {
    id: "segments",
    ask: "Does it hold on every platform?",
    page: resultsOf(1),
    ...analyst,
    tools: [["segments", /platform/]],
    truth: () => [0.135 / 0.12 - 1, 0.125 / 0.12 - 1],
    say: [/ios/i, /web/i]
  },
  {
    id: "segment",
    ask: "What about purchase conversion on iOS?",
    page: resultsOf(1),
    ...analyst,
    tools: [["results", /ios/i]],
    truth: () => [0.135 / 0.12 - 1]
  },
  {
    id: "segment-unknown",
    ask: "How did Faster checkout do on android?",
    ...analyst,
    say: [/no segment|not/i],
    notSay: [/\d\s?%/]
  },
  {
    id: "no-segments",
    ask: "Show results by country",
    page: resultsOf(2),
    ...analyst,
    say: [/no segments|dimension/i]
  },
  {
    id: "portfolio",
    ask: "What did we learn from all our experiments so far?",
    ...analyst,
    tools: [["list_experiments"]],
    truth: one("select count(*) from experiments"),
    say: [/Faster checkout/, /better/, /unclear/]
  },
  {
    id: "portfolio-better",
    ask: "Which experiments were better?",
    ...analyst,
    tools: [["list_experiments"]],
    say: [/Faster checkout/]
  },
  {
    id: "plan",
    ask: "How long until we could see a lift of 3%?",
    page: resultsOf(2),
    ...analyst,
    tools: [["plan", /"lift":0\.03/]],
    // n = (z + z)² (p(1−p) + q(1−q)) / (q − p)², unpooled; the exact test takes a little more or less.
    action: /^\/planner\?from=2&.*lift=0\.03/,
    say: [/units/]
  },
  {
    id: "plan-days",
    ask: "What is the smallest lift we could see in 14 days for purchase conversion?",
    page: resultsOf(1),
    ...analyst,
    tools: [["plan", /"days":14/]],
    say: [/14 days/]
  },
  {
    id: "plan-named",
    ask: "How many users do we need to detect 5% in Bigger baskets?",
    ...analyst,
    tools: [["plan", /0\.05/]],
    action: /from=9/
  },
  {
    id: "plan-impossible",
    ask: "How long would the Cookie notice need to see 10%?",
    ...analyst,
    say: [/cannot be planned|baseline is 0/]
  }
];
