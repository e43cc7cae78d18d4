// Many looks at a running experiment: how often any of them rejects.

import {armOf, differenceError} from "../../../lib/stats/arm.js";
import {computeFamily} from "../../../lib/stats/families.js";
import {mergeMoments} from "../../../lib/stats/moments.js";
import {compare} from "../../../lib/stats/compare.js";
import {sequenceRho} from "../../../lib/stats/sequential.js";
import type {Moments} from "../../../lib/stats/types.js";
import {
  alike,
  alpha,
  average,
  type Decide,
  type Design,
  isBelow,
  lognormal,
  normal,
  sample,
  type Samples
} from "../design.js";
import type {Variates} from "../variates.js";
import {isDifferent} from "./means.js";

export const lookDesigns: Record<string, Design> = {
  "acs-20looks": anyLook(20, alike(100, normal()), isOutOfSequence(2000)),
  "acs-lognormal": anyLook(20, alike(100, lognormal()), isOutOfSequence(2000)),
  "acs-50looks": anyLook(50, alike(100, normal()), isOutOfSequence(4000)),
  "acs-power": anyLook(20, {n: [200, 200], units: [normal(), normal(0.06)]}, isOutOfSequence(4000)),
  "msprt-20looks": anyLook(20, alike(100, normal()), isOutOfMixture(4 * sequenceRho(alpha, 2000) ** 2)),
  // Wrong: a test for one look, at every look.
  peeking: anyLook(20, alike(100, normal()), isDifferent)
};

/** Returns the design that adds the samples look by look and measures how often any look rejects. */
export function anyLook(looks: number, added: Samples, rejects: Decide): Design {
  return average((variates) => {
    let [control, treatment] = draw(added, variates);
    for (let look = 1; !rejects(control, treatment); look++) {
      if (look === looks) return false;
      const next = draw(added, variates);
      [control, treatment] = [mergeMoments(control, next[0]), mergeMoments(treatment, next[1])];
    }
    return true;
  });
}

function draw({n, units}: Samples, variates: Variates): [Moments, Moments] {
  return [sample(n[0], units[0], variates), sample(n[1], units[1], variates)];
}

function isOutOfSequence(nStar: number): Decide {
  return (control, treatment) => isBelow(compare("mean", control, treatment, {nStar}).difference.pvalue);
}

function isOutOfMixture(tau2: number): Decide {
  return (control, treatment) => {
    const diff = treatment.means[0] - control.means[0];
    const se = differenceError(armOf("mean", control), armOf("mean", treatment));
    return isBelow(computeFamily("sequential", {kind: "msprt", diff, se, alpha, tau2}).p_value);
  };
}
