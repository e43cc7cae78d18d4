import type {Question} from "./controls.js";

/** Returns the question an address asks; what it does not say, or says wrongly, is the default. */
export function questionIn(
  search: string,
  {treatments, confidence}: {treatments: string[]; confidence: number}
): Question {
  const asked = new URLSearchParams(search);
  const level = Number(asked.get("confidence"));
  const variant = asked.get("variant");
  return {
    variant: variant !== null && treatments.includes(variant) ? variant : treatments[0],
    confidence: level > 0.5 && level < 1 ? level : confidence,
    scale: asked.get("scale") === "absolute" ? "absolute" : "relative"
  };
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
