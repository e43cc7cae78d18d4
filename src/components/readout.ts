import type {ResultsView} from "../../lib/view-types.js";
import type {Assessment} from "../stats/assess.js";
import {estimateOf, type Finding, type Scale} from "../stats/analysis.js";
import {confidenceOf, count, difference, lift, minute, pvalue, span} from "../stats/format.js";
import {html} from "./notebook.js";

type Readout = {
  view: ResultsView;
  assessment: Assessment;
  findings: Finding[];
  /** What the table's caption adds, and which units are left out. */
  notes: string[];
  units: number;
  scale: Scale;
  confidence: number;
  link: string;
};

/** Returns what a page found as Markdown bullets, to be pasted where a decision is talked about. */
export function readout({
  view,
  assessment,
  findings,
  notes,
  units,
  scale,
  confidence,
  link
}: Readout): string {
  const {experiment, observation, job} = view;
  const [from, until] = [observation.exposureStart, observation.exposureEnd];
  const days = from && until ? `, ${span(new Date(from), new Date(until))}` : "";
  const warned = assessment.checks.filter(({severity}) => severity !== "info");
  const lines = [
    `**${plain(experiment.name)}** (${plain(observation.name)}${days}, ${count(units)} units)`,
    `- ${assessment.summary.map(({text, strong}) => (strong ? `**${plain(text)}**` : plain(text))).join("")}`,
    ...findings
      .filter(({metric}) => metric.role !== "other")
      .map((finding) => bullet(finding, {scale, confidence})),
    ...warned.map(({sentence}) => `- Read with care: ${plain(sentence)}`),
    ...notes.map((note) => `- ${plain(note.trim())}`),
    `- [All of it](${link})${job ? `, job ${job.id} of ${minute(job.createdAt)}` : ""}`
  ];
  return `${lines.join("\n")}\n`;
}

function bullet(
  {metric, treatment, effect, verdict, reason}: Finding,
  {scale, confidence}: Pick<Readout, "scale" | "confidence">
) {
  const name = `${plain(metric.title)} (${metric.role}), ${plain(treatment)}`;
  if (!effect) return `- ${name}: ${plain(reason ?? "no value")}`;
  const {value, low, high, pvalue: p} = estimateOf(effect, scale);
  const written = (x: number | null) => (scale === "relative" ? lift(x) : difference(x, metric));
  const own = pvalue(effect.adjusted?.pvalue ?? p);
  const said = `${written(value)}, ${confidenceOf(confidence)} interval ${written(low)} to ${written(high)}, p ${own.startsWith("<") ? own : `= ${own}`}`;
  return `- ${name}: ${said}${verdict ? `, **${verdict}**` : ""}`;
}

// What people typed stays text: it opens no emphasis, link or HTML of its own.
const plain = (text: string) => text.replace(/[\\`*_[\]<>#|]/g, "\\$&").replace(/\s*\n\s*/g, " ");

/** Returns the readout as text that can be read, and a button that copies it. */
export function readoutCopier(text: string) {
  const line = html`<span role="status" class="quiet"></span>`;
  const button = html`<button type="button" class="action">Copy as Markdown</button>` as HTMLButtonElement;
  const area = html`<textarea
    rows="8"
    readonly
    aria-label="Readout as Markdown"
  ></textarea>` as HTMLTextAreaElement;
  area.value = text;
  button.onclick = () =>
    navigator.clipboard.writeText(text).then(
      () => line.replaceChildren("Copied."),
      () => (area.select(), line.replaceChildren("Press Ctrl+C: the browser does not let a page copy."))
    );
  return html`<details class="readout">
    <summary>Readout</summary>
    ${area}
    <p>${button} ${line}</p>
  </details>`;
}
