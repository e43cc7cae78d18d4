import type {Experiment} from "../types.js";

/** Returns the variant declared as control, or null where nobody declared one. */
export const controlOf = ({variants}: Experiment) => variants.find((d) => d.isControl)?.name ?? null;

/** Returns the names of variants: those declared, or where none are, those found. */
export function variantsOf({variants}: Experiment, units: Map<string, number>): string[] {
  return variants.length ? variants.map((d) => d.name) : [...units.keys()].sort();
}

type Pair = {control: string; treatment: string};

/** Returns the share of a pair's units that treatment should have; one half where no shares are declared. */
export const shareOfTreatment = ({variants}: Pick<Experiment, "variants">, pair: Pair): number =>
  shareIn(
    variants.map(({name, allocation}) => ({variant: name, allocation})),
    pair
  );

/** Returns the share of a pair's units that planned shares give treatment; one half where there are none. */
export function shareIn(planned: {variant: string; allocation: number}[], pair: Pair): number {
  const of = (name: string) => planned.find(({variant}) => variant === name)?.allocation ?? 0;
  const [control, treatment] = [of(pair.control), of(pair.treatment)];
  return control + treatment > 0 ? treatment / (control + treatment) : 0.5;
}
