import type {ExperimentCard} from "../../lib/view-types.js";
import type {Alternative} from "../stats/types.js";
import {Inputs, html} from "./notebook.js";
import {confidenceOf} from "../stats/format.js";
import {pick} from "./pick.js";
import {planSourceIn, sharesIn, type PlanSource} from "../stats/plan-address.js";
import type {Baseline, PlanQuestion} from "../stats/planning.js";

const sides: Record<Alternative, string> = {
  "two-sided": "two-sided",
  greater: "is it higher",
  less: "is it lower"
};

const otherSources = {units: "all units of a window", typed: "what I type in"};

/** Returns a choice of what a plan starts from: one of the experiments, or another source. */
export function historyForm(cards: ExperimentCard[], search: string) {
  const others = Object.keys(otherSources) as (keyof typeof otherSources)[];
  const source = Inputs.select([...cards, ...others], {
    label: "Traffic and baseline of",
    format: (each: PlanSource) => (typeof each === "string" ? otherSources[each] : each.experiment.name),
    value: planSourceIn(search, cards)
  });
  return Inputs.form({source}, {template: line});
}

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
