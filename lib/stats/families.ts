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
import {list} from "./words.js";

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
  const missing = new Set<string>();
  const asked = watched(
    (input ?? {}) as object,
    (name) => optional[family]?.includes(name) || missing.add(name)
  );
  const lacking = () => ({reason: `the input lacks ${list([...missing])}`});
  try {
    const output = (functions as Record<string, (input: never) => Record<string, unknown>>)[family](
      asked as never
    );
    return missing.size ? lacking() : output;
  } catch (error) {
    return missing.size ? lacking() : {reason: error instanceof Error ? error.message : String(error)};
  }
}

const asTheKindNeeds = ["critical", "mde_abs", "mde_rel", "n_1", "n_2", "power", "ratio"];
const optional: Record<string, string[]> = {
  srm: ["alpha"],
  quantile: ["clusters_1", "clusters_2"],
  size_mean: asTheKindNeeds,
  size_proportion: asTheKindNeeds,
  size_ratio: asTheKindNeeds
};

/** Returns an object that tells of each field that is asked for and is not there. */
function watched(input: object, tell: (name: string) => void): object {
  return new Proxy(input, {
    get(fields, name) {
      if (typeof name === "string" && !(name in fields)) tell(name);
      return Reflect.get(fields, name);
    }
  });
}
