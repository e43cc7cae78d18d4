import {srm} from "./srm.js";
import type {SrmTest} from "./types.js";
import {count, list, percent, pvalue} from "./words.js";

/** Who was counted, against who should have been. */
export type Traffic = {
  /** Units of every variant, counted before any join with events. */
  units: {variant: string; units: number}[];
  /** The planned share of every variant; empty where nobody declared it. */
  allocation: {variant: string; allocation: number}[];
  hasControl: boolean;
  srmThreshold?: number;
  /** Units seen in more than one variant, left out of every number. */
  crossovers?: number;
  /** Units of variants that are not declared, by name. */
  undeclared?: Record<string, number>;
  isRunning?: boolean;
  /** True where intervals hold at every look, so that a running test may be read. */
  isSequential?: boolean;
  /** Whole days, the running one counted; absent where the dates are not known. */
  progress?: {day: number; days: number} | null;
};

/** Whether results may be read, in words. */
export type Readiness = {
  status: "ready" | "wait" | "invalid";
  title: string;
  sentence: string;
  causes: string[];
};

/** Returns the test of the split, null where nothing is declared or counted, and whether results may be read. */
export function readTraffic(traffic: Traffic): {srm: SrmTest | null; readiness: Readiness} {
  const test = splitTest(traffic);
  const {sentence, ...judged} = judge(traffic, test);
  return {srm: test, readiness: {causes: [], ...judged, sentence: `${sentence} ${extent(traffic)}`.trim()}};
}

function splitTest({units, allocation, srmThreshold: threshold}: Traffic): SrmTest | null {
  if (allocation.length < 2 || !units.some((arm) => arm.units > 0)) return null;
  const counts = allocation.map(({variant}) => unitsOf(units, variant));
  const shares = allocation.map((arm) => arm.allocation);
  const test = srm(counts, shares, {threshold});
  return test.statistic === null ? null : test;
}

const unitsOf = (units: Traffic["units"], variant: string) =>
  units.find((arm) => arm.variant === variant)?.units ?? 0;

function judge(traffic: Traffic, test: SrmTest | null): Omit<Readiness, "causes"> & {causes?: string[]} {
  if (test?.isMismatch) {
    return {
      status: "invalid",
      title: "Do not read yet",
      sentence: mismatch(traffic, test),
      causes: causesOf(traffic)
    };
  }
  if (!traffic.hasControl) {
    const sentence =
      "No variant of this experiment is declared as control, so there is nothing to compare with. Declare it once below; an experiment file with variants does the same.";
    return {status: "wait", title: "Which variant is the control?", sentence};
  }
  if (!test) {
    return {
      status: "wait",
      title: "Traffic not checked",
      sentence: "The shares planned for the variants are not declared."
    };
  }
  const fair = `No sample ratio mismatch (${pvalue(test.pvalue)}).`;
  if (!traffic.isRunning) return {status: "ready", title: "Ready to read", sentence: fair};
  if (traffic.isSequential) {
    const sentence = `${fair} The test is still running; these intervals hold at every look.`;
    return {status: "ready", title: "Ready to read", sentence};
  }
  const sentence = `${fair} The test is still running: these intervals are meant to be read once, at its end.`;
  return {status: "wait", title: "Early look", sentence};
}

function mismatch({units, allocation}: Traffic, test: SrmTest): string {
  const arms = allocation.map(({variant}) => ({variant, units: unitsOf(units, variant)}));
  return `Sample ratio mismatch (${pvalue(test.pvalue)}): ${planned(test, arms)}. Who was counted depends on the variant, so no difference here can be trusted until the cause is found.`;
}

/** Returns the share of every arm beside the planned one: "a 52.5% (planned 50.0%) and b 47.5% (planned 50.0%)". */
export function planned({expected}: Pick<SrmTest, "expected">, arms: Traffic["units"]): string {
  const total = expected.reduce((sum, x) => sum + x, 0);
  const seen = arms.map(
    ({variant, units}, i) => `${variant} ${percent(units / total)} (planned ${percent(expected[i] / total)})`
  );
  return list(seen);
}

function extent({units, progress}: Traffic): string {
  const days = progress ? `${progress.day} of ${progress.days} planned days; ` : "";
  return `${days}${count(units.reduce((sum, arm) => sum + arm.units, 0))} units.`;
}

// Fabijan et al. 2019, a taxonomy of sample ratio mismatch.
function causesOf({crossovers = 0, undeclared = {}, allocation}: Traffic): string[] {
  const strangers = Object.entries(undeclared).map(([name, n]) => `${name} (${count(n)} units)`);
  const declared = list(allocation.map(({variant}) => variant));
  const twice = `${crossovers === 1 ? "1 unit was" : `${count(crossovers)} units were`} seen in more than one variant: check how units are assigned.`;
  return [
    ...(strangers.length
      ? [`The data has variants that are not declared: ${list(strangers)}. Declared are ${declared}.`]
      : []),
    ...(crossovers > 0 ? [twice] : []),
    "One variant redirects, crashes or loads slower, so that its units are lost before they are counted.",
    "Exposure is logged at a different moment, or by a different condition, in one variant.",
    "Allocation was changed, or a variant paused, while the experiment ran.",
    "Bots, or a filter or an audience that the treatment itself changes, remove units from one variant."
  ];
}
