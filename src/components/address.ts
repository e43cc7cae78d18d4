import type {Offer, Question} from "./controls.js";
import {painted} from "./notebook.js";

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
  changeAddress((params) => {
    for (const [name, value] of Object.entries(answers)) {
      if (value === null) params.delete(name);
      else params.set(name, String(value));
    }
  });
}

let changed: URL | null = null;

/** Changes what the address asks: once for all that changes before the next picture is painted, and not before it, for a browser takes milliseconds to write it. */
export function changeAddress(change: (params: URLSearchParams) => void): void {
  if (!changed) {
    void painted().then(write);
    addEventListener("pagehide", write, {once: true});
  }
  changed ??= new URL(location.href);
  change(changed.searchParams);
}

function write(): void {
  if (changed && changed.href !== location.href) history.replaceState(history.state, "", changed);
  changed = null;
}
