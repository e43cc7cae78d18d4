import type {ExperimentRow} from "./experiment-rows.js";
import {capital, inSentence, lift, list, spell} from "../stats/format.js";
import {html} from "./notebook.js";

/** Returns the state of all experiments in two or three sentences. */
export function overview(rows: ExperimentRow[]) {
  if (!rows.length) return html`<p class="summary">Nothing is being tested yet.</p>`;
  const running = rows.filter((d) => d.status === "running").length;
  const planned = rows.filter((d) => d.status === "planned").length;
  const started =
    running === 0
      ? "No experiment is running"
      : `${capital(spell(running))} ${running === 1 ? "experiment is" : "experiments are"} running`;
  return html`<p class="summary">
    ${started}${planned ? `, ${spell(planned)} planned` : ""}. ${clearest(rows)} ${broken(rows)}
  </p>`;
}

// The finished experiment with the largest better effect, which is what one would tell first.
function clearest(rows: ExperimentRow[]) {
  const found = rows.flatMap((row) => row.findings.map((finding) => ({row, finding})));
  const better = found.filter(({row, finding}) => row.status === "completed" && finding.verdict === "better");
  const size = ({finding}: (typeof found)[number]) => Math.abs(finding.effect?.lift.value ?? 0);
  const best = better.sort((a, b) => size(b) - size(a))[0];
  if (!best) return "";
  const {metric, effect, treatment} = best.finding;
  const {experiment, worse} = best.row.card;
  const harmed = worse.filter((each) => each.treatment === treatment).map(({title}) => inSentence(title));
  const but = harmed.length
    ? html.fragment`, but <b>${list(harmed)}</b> ${harmed.length === 1 ? "is" : "are"} worse`
    : "";
  return html.fragment`<b>${experiment.name}</b> did best so far: ${inSentence(metric.title)} ${lift(effect!.lift.value)}${but}.`;
}

function broken(rows: ExperimentRow[]) {
  const names = rows.filter((d) => d.srm?.isMismatch).map((d) => d.card.experiment.name);
  if (!names.length) return "";
  return html.fragment`<b>${list(names)}</b> should not be read: ${names.length === 1 ? "its" : "their"} units are not split as planned.`;
}
