import type {Experiment} from "../../lib/types.js";

/** Returns the variant declared as control, or null where nobody declared one. */
export const controlOf = ({variants}: Experiment) => variants.find((d) => d.isControl)?.name ?? null;

/** Returns the names of variants: those declared, or where none are, those found. */
export function variantsOf({variants}: Experiment, units: Map<string, number>): string[] {
  return variants.length ? variants.map((d) => d.name) : [...units.keys()].sort();
}

/** Returns the share of a pair's units that treatment should have; one half where no shares are declared. */
export function shareOfTreatment({variants}: Experiment, pair: {control: string; treatment: string}): number {
  const planned = (name: string) => variants.find((d) => d.name === name)?.allocation ?? 0;
  const [control, treatment] = [planned(pair.control), planned(pair.treatment)];
  return control + treatment > 0 ? treatment / (control + treatment) : 0.5;
}
