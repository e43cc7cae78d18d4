// What the address of the Planner asks: the page writes it, and whoever answers from that page reads it too.

import type {ExperimentCard} from "../view-types.js";
import type {Baseline, PlanQuestion} from "./planning.js";

/** What a plan starts from: a result, all units of a window, or what somebody types in. */
export type PlanSource = ExperimentCard | "units" | "typed";

/** Returns the experiments a plan can start from: those with a primary metric that was calculated. */
export const planHistory = (cards: ExperimentCard[]) =>
  cards.filter(({primary, observation}) => primary && observation);

/** Returns what an address names to plan from; else the result with the most units, or what is typed in where there is none. */
export function planSourceIn(search: string, cards: ExperimentCard[]): PlanSource {
  const asked = new URLSearchParams(search).get("from");
  if (asked === "units" || asked === "typed") return asked;
  const largest = cards.toSorted((a, b) => unitsOf(b) - unitsOf(a)).at(0);
  return cards.find(({observation}) => String(observation?.id) === asked) ?? largest ?? "typed";
}

const unitsOf = ({units}: ExperimentCard) => units.reduce((sum, arm) => sum + arm.units, 0);

/** Returns the shares of a text such as 80:10:10, or null where it is none: two to twenty numbers above 0. */
export function sharesIn(text: string): number[] | null {
  const shares = text.split(":").map(Number);
  return shares.length >= 2 && shares.length <= 20 && shares.every((share) => share > 0 && share < Infinity)
    ? shares
    : null;
}

/** Returns the question an address asks of these baselines; what it does not say, or says wrongly, is the default. */
export function planQuestionIn(
  search: string,
  {baselines, power, confidence}: {baselines: Baseline[]; power: number; confidence: number}
): PlanQuestion {
  const asked = new URLSearchParams(search);
  const share = (name: string, usual: number, [low, high]: [number, number]) => {
    const value = Number(asked.get(name));
    return value >= low && value <= high ? value : usual;
  };
  const side = asked.get("side");
  const known = baselines.map(({metric}) => metric.alias);
  const named = (asked.get("metrics") ?? "").split(",").filter((alias) => known.includes(alias));
  return {
    metrics: named.length ? named : known.slice(0, 1),
    lift: share("lift", 0.05, [0.0001, 5]),
    days: Math.round(share("days", 14, [1, 120])),
    power: share("power", power, [0.01, 0.999]),
    confidence: share("confidence", confidence, [0.5, 0.9999]),
    shares: sharesIn(asked.get("shares") ?? "") ?? [50, 50],
    side: side === "greater" || side === "less" ? side : "two-sided",
    corrected: asked.get("corrected") !== "false",
    cuped: asked.get("cuped") === "true" && baselines.some(({explained}) => explained !== null),
    sequential: asked.get("sequential") === "true"
  };
}

/** Returns a question, or a part of one, as an address keeps it. */
export const written = ({metrics, shares, ...rest}: Partial<PlanQuestion>): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
  ...(metrics && {metrics: metrics.join(",")}),
  ...(shares && {shares: shares.join(":")})
});
