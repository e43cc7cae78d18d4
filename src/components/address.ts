import {usualQuestion, type Question} from "../stats/results-address.js";
import {painted} from "./notebook.js";

/** Writes a question into the address; what nobody reads unless it is unusual is left out. */
export function keepQuestion(question: Question): void {
  const entries = Object.entries(question).map(([name, value]) => [
    name,
    usualQuestion[name as keyof Question] === value ? null : String(value)
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
