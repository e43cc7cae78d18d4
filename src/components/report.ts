// A whole report from its bundle: the same page on a static server and in a single file, answering without any server.

import type {ReportBundle} from "../../lib/report-types.js";
import type {ResultsView} from "../../lib/view-types.js";
import {total, unitsOf} from "../stats/analysis.js";
import {notes} from "./checks.js";
import {readingNote, method} from "./method.js";
import {html, painted} from "./notebook.js";
import {planActual} from "./plan-actual.js";
import {progressOf} from "../stats/analysis.js";
import {readiness} from "./readiness.js";
import {viewOf} from "./report-data.js";
import {decision, figures, masthead, tried} from "./report-head.js";
import {bySegment, overTime} from "./report-following.js";
import {foot, guardNote, provenanceOf, sources} from "./report-provenance.js";
import {answer, askedAtFirst, otherThan, readerForm, type Answer} from "./report-reading.js";
import {trust} from "./report-trust.js";
import {resultsTable} from "./results-table.js";
import {sliceNote} from "./segment-form.js";
import {summary} from "./summary.js";
import {trendsOf} from "./trend.js";

/** Returns a report's page. */
export function report(bundle: ReportBundle): HTMLElement {
  const whole = viewOf(bundle);
  const first = askedAtFirst(bundle);
  const parts = partsOf(bundle, whole);
  const form = readerForm(bundle, whole.metrics);
  const asked = html`<div aria-live="polite"></div>`;
  const again = html`<button type="button" class="action">As published</button>` as HTMLButtonElement;
  again.onclick = form.reset;
  let turn = 0;
  const show = async () => {
    const found = answer(whole, bundle.cells, form.value);
    const other = otherThan(first, form.value);
    asked.replaceChildren(
      ...(other.length
        ? [html`<p class="asked">Your reading, not the published one: ${other.join(", ")}. ${again}</p>`]
        : [])
    );
    for (const part of parts.answered) part.place.replaceChildren(part.draw(found));
    const own = ++turn;
    await painted();
    if (own === turn) for (const part of parts.further) part.place.replaceChildren(part.draw(found));
  };
  form.addEventListener("input", () => void show());
  void show();
  const [sentence, figure, table] = parts.answered.map(({place}) => place);
  const [variants, trusted, time, segments, planned, methods] = parts.further.map(({place}) => place);
  return html`<article class="report">
    ${masthead(bundle)} ${decision(whole.experiment)} ${sentence} ${figure}
    <h2>What we tried</h2>
    ${variants}
    <h2>What happened</h2>
    ${asked} ${table} ${form}
    <h2>Can we trust it?</h2>
    ${trusted}
    <h2 id="over-time">Over time</h2>
    ${time}
    <h2>Segments</h2>
    ${segments} ${planned}
    <h2>Method</h2>
    <div class="method">${methods}${guardNote(bundle)}${sources(bundle)}</div>
    ${foot(bundle)}
  </article>`;
}

type Part = {place: HTMLElement; draw: (found: Answer) => Node};

// What an input is answered with at once, and what follows when that is painted.
function partsOf(bundle: ReportBundle, whole: ResultsView): {answered: Part[]; further: Part[]} {
  const opened = new Set<string>();
  const part = (draw: Part["draw"]): Part => ({place: html`<div></div>`, draw});
  return {
    answered: [
      part(
        ({assessment}) =>
          html.fragment`${assessment.isReadable ? null : readiness(assessment.readiness)}${summary(assessment)}`
      ),
      part(figures),
      part((found) => table(found, bundle, opened))
    ],
    further: [
      part(tried),
      part(trust),
      part(overTime(whole)),
      part(bySegment(whole, bundle)),
      part((found) => plan(found)),
      part(
        ({findings, studied, reading, assessment}) =>
          html.fragment`${method(findings, {studied, reading})}${notes(assessment.checks)}`
      )
    ]
  };
}

function table(
  {asked, view, options, findings, studied, reading, units}: Answer,
  bundle: ReportBundle,
  opened: Set<string>
) {
  const {scale, confidence} = asked.question;
  const note = readingNote(studied, reading);
  const provenance = (alias: string) => provenanceOf(bundle, alias);
  const trend = trendsOf(view, {...options, treatment: asked.question.variant});
  return html.fragment`${sliceNote(asked.slice, units.shown, units.all)}
    ${resultsTable(findings, {scale, confidence, opened, trend, note, provenance})}`;
}

function plan({view, findings}: Answer) {
  if (!view.plan) return document.createComment("no plan");
  const progress = progressOf(view.experiment, new Date(view.job!.createdAt));
  return html`<section>
    <h2>Plan</h2>
    ${planActual(view.plan, findings, {units: total(unitsOf(view)), progress})}
  </section>`;
}
