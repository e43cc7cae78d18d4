// What several experiments say together, by template.

import {percent} from "../../lib/stats/words.js";
import {escaped} from "./markdown.js";
import {words} from "./say-results.js";

type Portfolio = {
  found: number;
  mismatches: string[];
  verdicts: Record<string, number>;
  experiments: {
    name: string;
    status: string;
    primary: {title: string; lift: number | null; verdict: string | null} | null;
  }[];
};

/** Returns what several experiments showed together. */
export function sayPortfolio({found, verdicts, experiments}: Portfolio): string {
  if (!found) return "No experiment is about that.";
  const counts = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict}`);
  const lines = experiments.map(({name, status, primary}) => {
    const {title, lift, verdict} = primary ?? {title: "", lift: null, verdict: null};
    const shown = primary
      ? `${escaped(title)} ${lift === null ? "–" : percent(lift, {isChange: true})}, ${words[verdict ?? ""] ?? "–"}`
      : "no result yet";
    return `- **${escaped(name)}** (${status}): ${shown}`;
  });
  return `Of ${found} experiments by their primary metric: ${counts.join(", ")}.\n\n${lines.join("\n")}`;
}

/** Returns which experiments' units are not split as planned. */
export function saySplits({mismatches, found}: Portfolio): string {
  if (!mismatches.length) return `None of ${found} experiments has a sample ratio mismatch.`;
  const names = mismatches.map((name) => `- **${escaped(name)}**`).join("\n");
  return `A sample ratio mismatch, so that no verdict is given, ${mismatches.length === 1 ? "has" : "have"}:\n\n${names}`;
}

/** Returns the experiments whose primary metric is better, the largest lift first; "best" has no one meaning. */
export function sayBest({experiments}: Portfolio): string {
  const size = ({primary}: Portfolio["experiments"][number]) => Math.abs(primary?.lift ?? 0);
  const better = experiments
    .filter(({primary}) => primary?.verdict === "better")
    .sort((a, b) => size(b) - size(a));
  if (!better.length) return "No experiment's primary metric is better.";
  const lines = better.map(
    ({name, primary}) =>
      `- **${escaped(name)}**: ${escaped(primary!.title)} ${percent(primary!.lift ?? 0, {isChange: true})}`
  );
  return `By their primary metric, the largest lift first, these are better:\n\n${lines.join("\n")}\n\nLifts of different metrics do not weigh the same, and guardrails are not counted here: which was best is yours to judge.`;
}
