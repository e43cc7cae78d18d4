// What is chosen on a page is what an answer speaks of.

import {resultsOf, type Case} from "../case.js";
import {differenceOf, intervalOf, liftOf} from "../truth.js";

const analyst = {route: ["analyst" as const], offline: "answers" as const};
// (z + z)² (v₀/s₀ + v₁/s₁) / (value · lift)² gives 69,768, 36,484, 777,180 and 109,010; the exact tests take a little more.
const planner = (search = "") => ({path: "/planner", search});

export const pageCases: Case[] = [
  {
    id: "page-confidence",
    ask: "What did this show?",
    page: resultsOf(1, "?confidence=0.99"),
    ...analyst,
    truth: intervalOf("Faster checkout", "purchase_conversion", {z: 2.575829}),
    say: [/99% confidence/, /99% interval/],
    notSay: [/95%/]
  },
  {
    id: "page-variant",
    ask: "What did this show?",
    page: resultsOf(10, "?variant=from%2030&confidence=0.9"),
    ...analyst,
    truth: intervalOf("Free shipping limits", "orders_per_user", {treatment: 2, z: 1.644854}),
    say: [/from 30 against from 50/, /90% interval/]
  },
  {
    id: "page-segment",
    ask: "What did this show?",
    page: resultsOf(1, "?in=platform%3Aios"),
    ...analyst,
    truth: () => [0.135 / 0.12 - 1],
    say: [/only units with platform ios/, /20,050 of 40,100 units/]
  },
  {
    id: "page-side",
    ask: "Is it better?",
    page: resultsOf(1, "?side=greater&correction=holm&sequential=true"),
    ...analyst,
    say: [/one-sided/, /Holm/, /always-valid/],
    notSay: [/95% interval from \S+ to/]
  },
  {
    id: "page-absolute",
    ask: "What happened to purchase conversion?",
    page: resultsOf(1, "?scale=absolute"),
    ...analyst,
    truth: differenceOf("Faster checkout", "purchase_conversion"),
    say: [/difference of \+1\.00 pp/],
    notSay: [/8\.3/]
  },
  {
    id: "page-conclusion",
    ask: "Write the conclusion",
    page: resultsOf(10, "?variant=from%2030"),
    ...analyst,
    truth: liftOf("Free shipping limits", "orders_per_user", 2),
    say: [/from 30 against from 50/]
  },
  {
    id: "page-overruled",
    ask: "And at 90% confidence for all units?",
    page: resultsOf(1, "?confidence=0.99&in=platform%3Aios"),
    ...analyst,
    truth: intervalOf("Faster checkout", "purchase_conversion", {z: 1.644854}),
    notSay: [/only units/]
  },
  {
    id: "page-of-another",
    ask: "What did Blue buy button show?",
    page: resultsOf(1, "?confidence=0.99&in=platform%3Aios"),
    ...analyst,
    truth: intervalOf("Blue buy button", "purchase_conversion"),
    notSay: [/99%/, /ios/]
  },
  {
    id: "page-by-segment",
    ask: "Does it hold on every platform?",
    page: resultsOf(1, "?confidence=0.99"),
    ...analyst,
    tools: [["segments", /platform/]],
    say: [/treatment against control/, /99% confidence/]
  },
  {
    id: "planner",
    ask: "How long until we could see it?",
    page: planner("?from=10&metrics=orders_per_user"),
    ...analyst,
    tools: [["plan"]],
    action: /^\/planner\?from=10&.*shares=50%3A50/,
    say: [/69,770 units/, /50:50/]
  },
  {
    id: "planner-shares",
    ask: "How long?",
    page: planner("?from=10&shares=80:20&lift=0.1&power=0.9&metrics=orders_per_user"),
    ...analyst,
    action: /shares=80%3A20/,
    say: [/36,487 units/, /lift of 10%/, /90% power/, /80:20/]
  },
  {
    id: "planner-bare",
    ask: "How long until we could see 3%?",
    page: planner(),
    ...analyst,
    action: /^\/planner\?from=9&.*lift=0\.03/,
    say: [/Bigger baskets/]
  },
  {
    id: "planner-power",
    ask: ["How long until we could see 2%?", "with 90% power"],
    page: planner("?from=2"),
    ...analyst,
    tools: [["plan", /"lift":0\.02,"power":0\.9/]],
    say: [/777,186 units/, /90% power/]
  },
  {
    id: "planner-typed",
    ask: "How long until we could see 3%?",
    page: planner("?from=typed"),
    ...analyst,
    say: [/typed in/, /name an experiment/i],
    notSay: [/\d units/]
  },
  {
    id: "planner-slips",
    ask: "hwo long for ordrs per user at 4%?",
    page: planner("?from=10"),
    ...analyst,
    tools: [["plan", /orders_per_user.*0\.04/]],
    say: [/109,014 units/]
  }
];
