// Can it be trusted: the split day by day, and what was checked, each with its answer.

import {differenceBefore} from "../stats/checks.js";
import {momentsOfVariant, progressOf} from "../stats/analysis.js";
import {warnings} from "./checks.js";
import {exposureFunnel, sharesByDay} from "./exposures.js";
import {fitted} from "./fitted.js";
import {count, lift, pvalue} from "../stats/format.js";
import {html} from "./notebook.js";
import {primaryOf, type Answer} from "./report-reading.js";
import {shareOfTreatment} from "../stats/variants.js";

type Checked = {isFine: boolean; title: string; said: string};

/** Returns the funnel of exposures beside the list of what was checked, and every warning below. */
export function trust(answer: Answer) {
  const {view, asked, assessment} = answer;
  const pair = {control: asked.baseline, treatment: asked.question.variant};
  const allocation = shareOfTreatment(view.experiment, pair);
  const shares = sharesByDay(view.exposures, {...pair, allocation});
  const funnel = (width: number) => exposureFunnel(shares, {treatment: pair.treatment, allocation, width});
  return html`<div>
    <div class="trust">
      ${shares.length ? fitted(funnel) : html`<p class="none">Exposures by day are not known of these units.</p>`}
      <ul class="checked">
        ${checked(answer).map(
          ({isFine, title, said}) => html`<li><b>${isFine ? "✓" : "✗"} ${title}</b> <span>${said}</span></li>`
        )}
      </ul>
    </div>
    ${warnings(assessment.checks)}
  </div>`;
}

function checked({view, assessment, findings}: Answer): Checked[] {
  const {experiment, job} = view;
  const {srm} = assessment;
  const {crossovers} = job!.facts;
  const progress = progressOf(experiment, new Date(job!.createdAt));
  const found: (Checked | null)[] = [
    srm && {
      isFine: !srm.isMismatch,
      title: srm.isMismatch ? "Not split as planned" : "Fair split",
      said: `sample ratio mismatch p ${written(srm.pvalue)}`
    },
    crossovers === undefined
      ? null
      : {
          isFine: true,
          title: "One variant each",
          said: crossovers ? `${count(crossovers)} units saw several; left out` : "no unit saw several"
        },
    progress && {
      isFine: progress.day >= progress.days,
      title: progress.day >= progress.days ? "Planned length" : "Not over yet",
      said: `${progress.day} of ${progress.days} days`
    },
    alikeBefore(findings)
  ];
  return found.filter((each) => each !== null);
}

const written = (p: number | null) => (p !== null && p < 0.001 ? "< 0.001" : `= ${pvalue(p)}`);

function alikeBefore(findings: Answer["findings"]): Checked | null {
  const primary = primaryOf(findings);
  if (!primary) return null;
  const [control, treatment] = [primary.control, primary.treatment].map((name) =>
    momentsOfVariant(primary, name)
  );
  const before = differenceBefore(primary.metric.type, control, treatment);
  if (!before || before.lift.pvalue === null) return null;
  const {value, pvalue: p} = before.lift;
  return {
    isFine: p! >= 0.001,
    title: p! >= 0.001 ? "Alike before" : "Different before",
    said: `pre-period lift ${lift(value)}, p ${written(p)}`
  };
}
