// Other experiments on the same units: does an effect hang on which variant of those a unit is in?

import type {Experiment} from "../../lib/types.js";
import type {CrossedUnits, MetricInfo, Overlap} from "../../lib/view-types.js";
import {adjust} from "../stats/adjust.js";
import {cellsIn, momentsIn, unitsIn} from "../stats/cells.js";
import {interaction, type Interaction} from "../stats/interaction.js";
import {srm} from "../stats/srm.js";
import type {Alternative} from "../stats/types.js";
import {controlOf} from "../stats/variants.js";

/** The effect under one treatment of another experiment against that under its control; pvalue is corrected for all rows. */
export type CrossingRow = {
  experiment: {id: number; name: string};
  observation: number;
  other: string;
  units: number;
  found: Interaction | null;
  pvalue: number | null;
  /** False where the units of the four groups are not split as both plans say. */
  isFair: boolean;
  reason: string | null;
};

export type CrossingQuestion = {
  own: Pick<Experiment, "variants">;
  srmThreshold: number;
  metric: MetricInfo;
  control: string;
  treatment: string;
  confidence: number;
  alternative: Alternative;
};

export type Crossed = {overlap: Overlap; answer: CrossedUnits | {problem: string}};

/** Returns one row for each treatment of each other experiment; an experiment whose units did not come says why. */
export function crossingRows(crossed: Crossed[], question: CrossingQuestion): CrossingRow[] {
  const rows = crossed.flatMap((each) => rowsOf(each, question));
  const adjusted = adjust(
    rows.map(({found}) => found?.lift.pvalue ?? null),
    "holm"
  );
  return rows.map((row, i) => ({...row, pvalue: adjusted[i]}));
}

function rowsOf({overlap, answer}: Crossed, question: CrossingQuestion): CrossingRow[] {
  const {experiment, observation} = overlap;
  const shared = {experiment, observation, pvalue: null, isFair: true};
  if ("problem" in answer) return [{...shared, other: "", units: 0, found: null, reason: answer.problem}];
  const ownControl = controlOf(experiment);
  const others = experiment.variants.filter(({isControl}) => !isControl);
  return others.map(({name: other}) => {
    const [without, withIt] = [ownControl!, other].map((name) => armsIn(answer, name, question));
    const counts = [without, withIt].flatMap(({units}) => [units.control, units.treatment]);
    const isFair = isSplitAsPlanned(counts, experiment, {...question, other});
    const row = {...shared, other, isFair, units: counts.reduce((sum, n) => sum + n, 0)};
    const [c0, t0, c1, t1] = [without.control, without.treatment, withIt.control, withIt.treatment];
    if (!c0 || !c1 || !t0 || !t1)
      return {...row, found: null, reason: "some combination of variants has no unit"};
    const {confidence, alternative, metric} = question;
    const found = interaction(
      metric.type,
      {control: [c0, c1], treatment: [t0, t1]},
      {confidence, alternative}
    );
    return "difference" in found
      ? {...row, found, reason: found.reason}
      : {...row, found: null, reason: found.reason};
  });
}

function armsIn({cells}: CrossedUnits, other: string, {metric, control, treatment}: CrossingQuestion) {
  const chosen = cellsIn(cells, {other: [other]});
  const own = cells.metrics.find(({alias}) => alias === metric.alias);
  const moments = own ? momentsIn(cells, own, chosen) : [];
  const units = unitsIn(cells, chosen);
  const of = (name: string) => cells.variants.indexOf(name);
  return {
    control: moments[of(control)] ?? null,
    treatment: moments[of(treatment)] ?? null,
    units: {control: units[of(control)] ?? 0, treatment: units[of(treatment)] ?? 0}
  };
}

// Both deal on their own, so that each of the four groups should have the product of its two shares.
function isSplitAsPlanned(
  counts: number[],
  experiment: Pick<Experiment, "variants">,
  {own, control, treatment, other, srmThreshold}: CrossingQuestion & {other: string}
): boolean {
  const share = ({variants}: Pick<Experiment, "variants">, name: string) =>
    variants.find((variant) => variant.name === name)?.allocation ?? 0;
  const otherControl = experiment.variants.find(({isControl}) => isControl)!.name;
  const weights = [otherControl, other].flatMap((theirs) =>
    [control, treatment].map((name) => share(experiment, theirs) * share(own, name))
  );
  return !srm(counts, weights, {threshold: srmThreshold}).isMismatch;
}
