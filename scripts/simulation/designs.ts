import type {Design} from "./design.js";
import {lookDesigns} from "./designs/looks.js";
import {bayesDesigns, manyDesigns} from "./designs/many.js";
import {meanDesigns} from "./designs/means.js";
import {quantileDesigns} from "./designs/quantiles.js";
import {rateDesigns} from "./designs/rates.js";

/** Every design, by the name of its target. */
export const designs: Record<string, Design> = {
  ...meanDesigns,
  ...rateDesigns,
  ...quantileDesigns,
  ...lookDesigns,
  ...manyDesigns,
  ...bayesDesigns
};
