import type {ExperimentCard} from "../../lib/view-types.js";
import type {Alternative} from "../stats/types.js";
import {Inputs, html} from "./notebook.js";
import {confidenceOf} from "../stats/format.js";
import {pick} from "./pick.js";
import type {Baseline, PlanQuestion} from "../stats/planning.js";

const sides: Record<Alternative, string> = {
  "two-sided": "two-sided",
  greater: "is it higher",
  less: "is it lower"
};

/** What a plan starts from: a result, all units of a window, or what somebody types in. */
export type PlanSource = ExperimentCard | "units" | "typed";

const otherSources = {units: "all units of a window", typed: "what I type in"};

/** Returns a choice of what a plan starts from: one of the experiments, or another source. */
export function historyForm(cards: ExperimentCard[], asked: string | null) {
  const largest = cards.toSorted((a, b) => unitsOf(b) - unitsOf(a)).at(0) ?? null;
  const known = cards.find((card) => String(card.observation?.id) === asked);
  const others = Object.keys(otherSources) as (keyof typeof otherSources)[];
  const source = Inputs.select([...cards, ...others], {
    label: "Traffic and baseline of",
    format: (each: PlanSource) => (typeof each === "string" ? otherSources[each] : each.experiment.name),
    value: others.find((each) => each === asked) ?? known ?? largest ?? "typed"
  });
  return Inputs.form({source}, {template: line});
}

const unitsOf = ({units}: ExperimentCard) => units.reduce((sum, arm) => sum + arm.units, 0);

/** Returns the inputs of a plan in a line; CUPED is offered where the time before exposure was measured. */
export function planForm(baselines: Baseline[], question: PlanQuestion) {
  const percent = (label: string, value: number, range: {min: number; max: number; step: number}) =>
    Inputs.number([range.min, range.max], {
      label,
      value: Number((value * 100).toPrecision(8)),
      step: range.step
    });
  const inputs = {
    metrics: pick({
      name: "Metrics",
      entries: baselines.map(({metric}) => ({label: metric.title})),
      chosen: baselines.map(({metric}) => question.metrics.includes(metric.alias)),
      none: "choose one"
    }),
    lift: percent("Lift, %", question.lift, {min: 0.01, max: 500, step: 0.01}),
    days: Inputs.number([1, 120], {label: "Days", value: question.days, step: 1}),
    power: percent("Power, %", question.power, {min: 1, max: 99.9, step: 0.1}),
    confidence: percent("Confidence, %", question.confidence, {min: 50, max: 99.99, step: 0.01}),
    shares: Inputs.text({
      label: "Allocation",
      value: question.shares.join(":"),
      pattern: "\\s*\\d+(\\.\\d+)?(\\s*:\\s*\\d+(\\.\\d+)?)+\\s*",
      autocomplete: "off"
    }),
    side: Inputs.select(Object.keys(sides), {
      label: "Test",
      value: question.side,
      format: (side: Alternative) => sides[side]
    }),
    corrected: Inputs.toggle({label: "Corrected", value: question.corrected}),
    cuped: Inputs.toggle({
      label: "CUPED",
      value: question.cuped,
      disabled: baselines.every(({explained}) => explained === null)
    }),
    sequential: Inputs.toggle({label: "Always valid", value: question.sequential})
  };
  inputs.shares.querySelector("input")!.title =
    "Shares of the variants, the control first: 50:50, or 80:10:10.";
  return Inputs.form(inputs, {template: (shown: Record<string, HTMLElement>) => line(shown, refusal)});
}

type Answers = Omit<PlanQuestion, "metrics" | "shares"> & {metrics: boolean[]; shares: string};

/** Returns the question a form's answers ask, shares as fractions; what is not lawful stays as it was asked before. */
export function questionOfForm(
  {metrics, lift, power, confidence, shares, ...rest}: Answers,
  baselines: Baseline[]
): PlanQuestion {
  const chosen = baselines.filter((_, i) => metrics[i]).map(({metric}) => metric.alias);
  return {
    ...rest,
    metrics: chosen.length ? chosen : [baselines[0].metric.alias],
    lift: lift / 100,
    power: power / 100,
    confidence: confidence / 100,
    shares: sharesIn(shares) ?? [1, 1]
  };
}

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

/** Returns a question as an address keeps it. */
export const written = ({metrics, shares, ...rest}: PlanQuestion): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
  metrics: metrics.join(","),
  shares: shares.join(":")
});

/** Returns what the sentence above a plan says a confidence and a power are: "95% confidence and 80% power". */
export const certainty = ({confidence, power}: Pick<PlanQuestion, "confidence" | "power">) =>
  `${confidenceOf(confidence)} confidence and ${confidenceOf(power)} power`;

const line = (inputs: Record<string, HTMLElement>, below?: (line: HTMLElement) => HTMLElement) => {
  const shown = html`<div class="controls">${Object.values(inputs)}</div>`;
  return below ? html`<div>${shown}${below(shown)}</div>` : shown;
};

// What is typed and not lawful asks nothing: the answer below is still that of what was asked before, and greyed by style.
function refusal(controls: HTMLElement) {
  const said = html`<p class="refusal" role="status"></p>`;
  const tell = () => {
    const wrong = controls.querySelector<HTMLInputElement>("input:invalid");
    const name = wrong?.closest("form")?.querySelector("label")?.textContent?.trim();
    const why = wrong?.title || wrong?.validationMessage;
    said.textContent = wrong ? `${name}: ${why} The answer is still that of what was asked before.` : "";
  };
  controls.addEventListener("input", tell, {capture: true});
  return said;
}
