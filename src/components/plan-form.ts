import type {ExperimentCard} from "../../lib/view-types.js";
import type {Alternative} from "../stats/types.js";
import {Inputs, html} from "./notebook.js";
import {confidenceOf} from "./format.js";
import type {Baseline, PlanQuestion} from "./planning.js";

const sides: Record<Alternative, string> = {
  "two-sided": "two-sided",
  greater: "is it higher",
  less: "is it lower"
};

/** Returns a choice among the experiments whose results a plan can start from. */
export function historyForm(cards: ExperimentCard[], asked: number | null) {
  const largest = cards.toSorted((a, b) => unitsOf(b) - unitsOf(a))[0];
  const chosen = cards.find((card) => card.observation?.id === asked) ?? largest;
  const experiment = Inputs.select(cards, {
    label: "Traffic and baseline of",
    format: (card: ExperimentCard) => card.experiment.name,
    value: chosen
  });
  return Inputs.form({experiment}, {template: line});
}

const unitsOf = ({units}: ExperimentCard) => units.reduce((sum, arm) => sum + arm.units, 0);

/** Returns the inputs of a plan in a line; CUPED is offered where the time before exposure was measured. */
export function planForm(baselines: Baseline[], question: PlanQuestion) {
  const names = baselines.map(({metric}) => metric.alias);
  const title = (alias: string) => baselines.find(({metric}) => metric.alias === alias)!.metric.title;
  const percent = (label: string, value: number, range: {min: number; max: number; step: number}) =>
    Inputs.number([range.min, range.max], {
      label,
      value: Number((value * 100).toPrecision(8)),
      step: range.step
    });
  const inputs = {
    metric: Inputs.select(names, {label: "Metric", value: question.metric, format: title}),
    lift: percent("Lift, %", question.lift, {min: 0.01, max: 500, step: 0.01}),
    power: percent("Power, %", question.power, {min: 1, max: 99.9, step: 0.1}),
    confidence: percent("Confidence, %", question.confidence, {min: 50, max: 99.99, step: 0.01}),
    variants: Inputs.number([2, 20], {label: "Variants", value: question.variants, step: 1}),
    side: Inputs.select(Object.keys(sides), {
      label: "Test",
      value: question.side,
      format: (side: Alternative) => sides[side]
    }),
    cuped: Inputs.toggle({
      label: "CUPED",
      value: question.cuped,
      disabled: baselines.every(({explained}) => explained === null)
    }),
    sequential: Inputs.toggle({label: "Always valid", value: question.sequential})
  };
  return Inputs.form(inputs, {template: line});
}

type Answers = Omit<PlanQuestion, "lift" | "power" | "confidence"> & {
  lift: number;
  power: number;
  confidence: number;
};

/** Returns the question a form's answers ask, shares as fractions. */
export function questionOfForm({lift, power, confidence, ...rest}: Answers): PlanQuestion {
  return {...rest, lift: lift / 100, power: power / 100, confidence: confidence / 100};
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
  const metric = baselines.find((baseline) => baseline.metric.alias === asked.get("metric")) ?? baselines[0];
  return {
    metric: metric.metric.alias,
    lift: share("lift", 0.05, [0.0001, 5]),
    power: share("power", power, [0.01, 0.999]),
    confidence: share("confidence", confidence, [0.5, 0.9999]),
    variants: Math.round(share("variants", 2, [2, 20])),
    side: side === "greater" || side === "less" ? side : "two-sided",
    cuped: asked.get("cuped") === "true" && baselines.some(({explained}) => explained !== null),
    sequential: asked.get("sequential") === "true"
  };
}

/** Returns what the sentence above a plan says a confidence and a power are: "95% confidence and 80% power". */
export const certainty = ({confidence, power}: PlanQuestion) =>
  `${confidenceOf(confidence)} confidence and ${confidenceOf(power)} power`;

const line = (inputs: Record<string, HTMLElement>) =>
  html`<div class="controls">${Object.values(inputs)}</div>`;
