import {adjust} from "./families/adjust.js";
import {bayes} from "./families/bayes.js";
import {cuped} from "./families/cuped.js";
import {distributions} from "./families/distributions.js";
import {proportion} from "./families/proportion.js";
import {quantile} from "./families/quantile.js";
import {ratio} from "./families/ratio.js";
import {relative} from "./families/relative.js";
import {sequential} from "./families/sequential.js";
import {sizeMean} from "./families/size-mean.js";
import {sizeProportion} from "./families/size-proportion.js";
import {sizeRatio} from "./families/size-ratio.js";
import {srm} from "./families/srm.js";
import {welch} from "./families/welch.js";

const functions = {
  welch,
  proportion,
  ratio,
  relative,
  srm,
  size_mean: sizeMean,
  size_proportion: sizeProportion,
  size_ratio: sizeRatio,
  adjust,
  cuped,
  quantile,
  sequential,
  bayes,
  distributions
};

/** The families of calculation that `computeFamily` knows. */
export const families = Object.keys(functions);

/**
 * Returns one calculation by its family's name, in plain fields for other tools; what cannot be computed is null,
 * with a `reason` where the input itself is at fault. It never throws.
 */
export function computeFamily(family: string, input: unknown): Record<string, unknown> {
  if (!families.includes(family))
    return {reason: `unknown family: ${family}; there are ${families.join(", ")}`};
  try {
    return (functions as Record<string, (input: never) => Record<string, unknown>>)[family](input as never);
  } catch (error) {
    return {reason: error instanceof Error ? error.message : String(error)};
  }
}
