// The arms an experiment declares, as the column experiments.variants keeps them.

import {UserError} from "../errors.js";
import type {Variant} from "../types.js";
import {readJson} from "./columns.js";

type StoredVariant = {name: string; allocation: number; control: boolean};

/** Returns the variants of a JSON column; none where nobody declared them. */
export function readVariants(json: string | null): Variant[] {
  const stored = (readJson(json) ?? []) as StoredVariant[];
  return stored.map(({name, allocation, control}) => ({name, allocation, isControl: control === true}));
}

/** Returns the JSON of variants. */
export function writeVariants(variants: Variant[]): string {
  return JSON.stringify(
    variants.map(({name, allocation, isControl}) => ({name, allocation, control: isControl}))
  );
}

/** Returns the variants with allocations that sum to 1; throws a UserError that lists what is wrong with them. */
export function lawfulVariants(variants: Variant[]): Variant[] {
  const problems = variantProblems(variants);
  if (problems.length > 0) {
    throw new UserError(
      problems.join("; "),
      "name each variant once, give it a share, and mark one as control"
    );
  }
  return withShares(variants);
}

/** Returns what is wrong with an experiment's variants, one sentence for each; none may be declared at all. */
export function variantProblems(variants: Variant[]): string[] {
  if (variants.length === 0) return [];
  const names = variants.map(({name}) => name);
  const controls = variants.filter(({isControl}) => isControl).length;
  const repeated = names.filter((name, i) => names.indexOf(name) < i);
  return [
    ...(variants.length < 2 ? ["only one variant: an experiment compares at least two"] : []),
    ...(controls === 1 ? [] : [`exactly one variant must be the control, found ${controls || "none"}`]),
    ...(names.some((name) => !name.trim()) ? ["a variant has no name"] : []),
    ...[...new Set(repeated)].map((name) => `variant declared twice: ${name}`),
    ...variants.filter(isUnlawful).map((v) => `allocation of ${v.name} must be positive: ${v.allocation}`)
  ];
}

function isUnlawful({allocation}: Variant): boolean {
  return !(Number.isFinite(allocation) && allocation > 0);
}

// Shares that already sum to 1 stay as they are to the last bit, so that dividing twice changes nothing.
function withShares(variants: Variant[]): Variant[] {
  const total = variants.reduce((sum, {allocation}) => sum + allocation, 0);
  if (Math.abs(total - 1) < 1e-9) return variants;
  return variants.map((variant) => ({...variant, allocation: variant.allocation / total}));
}
