import type {Offer, Question} from "./controls.js";

/** Returns the question an address asks; what it does not say, or says wrongly, is the default. */
export function questionIn(search: string, {treatments, confidence, hasCovariates}: Offer): Question {
  const asked = new URLSearchParams(search);
  const level = Number(asked.get("confidence"));
  const oneOf = <T extends string>(name: string, [usual, ...others]: T[]): T =>
    others.find((word) => word === asked.get(name)) ?? usual;
  return {
    variant: oneOf("variant", [treatments[0], ...treatments]),
    confidence: level > 0.5 && level < 1 ? level : confidence,
    scale: oneOf("scale", ["relative", "absolute"]),
    side: oneOf("side", ["two-sided", "greater", "less"]),
    correction: oneOf("correction", ["none", "holm", "bh"]),
    interval: oneOf("interval", ["delta", "fieller", "log"]),
    cuped: hasCovariates && asked.get("cuped") === "true",
    sequential: asked.get("sequential") === "true"
  };
}

const usual: Partial<Question> = {
  side: "two-sided",
  correction: "none",
  interval: "delta",
  cuped: false,
  sequential: false
};

/** Writes a question into the address; what nobody reads unless it is unusual is left out. */
export function keepQuestion(question: Question): void {
  const entries = Object.entries(question).map(([name, value]) => [
    name,
    usual[name as keyof Question] === value ? null : String(value)
  ]);
  keepInAddress(Object.fromEntries(entries));
}

/** Writes answers into the address without a step in the history; null takes one out. */
export function keepInAddress(answers: Record<string, string | number | null>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(answers)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  history.replaceState(history.state, "", url);
}
