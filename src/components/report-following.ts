// The parts of a report that follow one metric: the primary one as published, any other that is published too where a reader asks.

import type {ReportBundle} from "../../lib/report-types.js";
import type {MetricMoments, ResultsView} from "../../lib/view-types.js";
import type {Finding} from "../stats/analysis.js";
import {confidenceOf, inSentence} from "../stats/format.js";
import {segmentsOf} from "../stats/segments.js";
import {metricForm} from "./controls.js";
import {fitted} from "./fitted.js";
import {html} from "./notebook.js";
import {effectOverTime, effectsByDay} from "./over-time.js";
import {primaryOf, type Answer} from "./report-reading.js";
import {segmentTable} from "./segment-table.js";

type Following = {
  label: string;
  /** Aliases of the metrics there is something to draw of. */
  published: string[];
  draw: (finding: Finding, found: Answer) => Node;
};

type MetricInput = HTMLElement & {value: {metric: MetricMoments}};

/** Returns what draws one metric of an answer, with a choice of which above it where several can be drawn. */
export function following(whole: ResultsView, {label, published, draw}: Following): (found: Answer) => Node {
  const primary = whole.metrics.find(({metric}) => metric.role === "primary") ?? whole.metrics[0];
  const others = whole.metrics.filter((each) => each !== primary && published.includes(each.metric.alias));
  const form = others.length ? (metricForm([primary, ...others], label) as MetricInput) : null;
  const place = html`<div></div>`;
  let found: Answer;
  const show = () => {
    const alias = form?.value.metric.metric.alias;
    const finding = found.findings.find(({metric}) => metric.alias === alias) ?? primaryOf(found.findings);
    place.replaceChildren(
      finding ? draw(finding, found) : html`<p class="none">There is no metric to follow.</p>`
    );
  };
  form?.addEventListener("input", show);
  return (next) => {
    found = next;
    show();
    return html.fragment`${form}${place}`;
  };
}

/** Returns the lift over time of the metrics that were kept day by day. */
export const overTime = (whole: ResultsView) =>
  following(whole, {
    label: "Metric over time",
    published: whole.series.map(({metric}) => metric),
    draw: ({metric, control, treatment}, {asked, options, view}) => {
      const days = {...view, series: whole.series};
      const daily = effectsByDay(days, metric.alias, {...options, treatment: asked.question.variant});
      if (!daily.length) return html`<p class="none">This metric was not kept day by day.</p>`;
      const {confidence} = asked.question;
      return html`<div class="over-time">
        <p>
          The lift of <i>${treatment}</i> over <i>${control}</i> in ${inSentence(metric.title)} at the end of
          each day, over all units until then, with its ${confidenceOf(confidence)}
          interval.${options.nStar ? "" : " Each interval holds by itself: only the last day is the result, the days before show how it settled."}
        </p>
        ${fitted((width) => effectOverTime(daily, {title: metric.title, width}))}
      </div>`;
    }
  });

/** Returns the effects by every dimension of the metrics whose moments are published in cells. */
export function bySegment(whole: ResultsView, {cells}: ReportBundle) {
  if (!cells) return () => html`<p class="none">No segment is published.</p>`;
  return following(whole, {
    label: "Metric by segment",
    published: cells.metrics.map(({alias}) => alias),
    draw: (overall, {asked, options, reading}) => {
      const {metric, control, treatment} = overall;
      const {scale, confidence} = asked.question;
      const shared = {metric, control, treatment, scale};
      return html`<div class="by-segment">
        ${cells.keys.map(({name: dimension}) => {
          const {slice} = asked;
          const found = segmentsOf(cells, {...shared, dimension, slice, isValid: options.isValid, reading});
          const {correction} = reading;
          return segmentTable(found, {...shared, dimension, confidence, correction, overall});
        })}
      </div>`;
    }
  });
}
