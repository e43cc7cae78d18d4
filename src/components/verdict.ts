import type {Verdict} from "../stats/types.js";

/** What stands for a verdict where colour does not reach. */
export const marks: Record<Verdict, string> = {
  better: "▲",
  worse: "▼",
  higher: "↑",
  lower: "↓",
  unclear: "○",
  invalid: "–"
};

/** Returns the mark and the word: "▲ better". */
export const worded = (verdict: Verdict) => `${marks[verdict]} ${verdict}`;
