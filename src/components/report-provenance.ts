// Where every number of a report comes from.

import type {Definition, ReportBundle} from "../../lib/report-types.js";
import type {Instant} from "../../lib/types.js";
import {count, minute} from "../stats/format.js";
import {html} from "./notebook.js";
import {verifier} from "./report-verify.js";
import {sqlText} from "./sql-text.js";

/** Returns what stands behind one metric's numbers: its definition at its revision, the query, the job. */
export function provenanceOf({definitions, view, settings}: ReportBundle, alias: string) {
  const definition = definitions.find((each) => each.alias === alias);
  const {id, createdAt} = view.job!;
  return html`<div class="origin">
    <p>
      ${definition ? revision(definition) : "Its definition was not kept."} Computed by
      <a href="#sql">the query of job ${id}</a>, ${minute(createdAt)}; settings
      <code>${short(settings)}</code>.
    </p>
    ${definition ? html`<pre tabindex="0" role="region" aria-label=${`Definition of ${alias}`}><code>${definition.yaml}</code></pre>` : null}
  </div>`;
}

function revision({source, commit, content}: Definition) {
  const file = source ? html`<code>${source}</code>` : "as the job used it";
  return commit
    ? html.fragment`Defined in ${file} at commit <code>${commit.slice(0, 10)}</code>, text <code>${short(content)}</code>.`
    : html.fragment`Defined in ${file}; no commit holds it, its text is <code>${short(content)}</code>.`;
}

const short = (hash: string) => hash.slice(0, 12);

/** Returns the sentence of what was put together so that nobody can be told from a published number; nothing where nothing was. */
export function guardNote({guard: {minimum, cells, merged, days}, cells: kept}: ReportBundle) {
  const together =
    merged === 0
      ? ""
      : kept
        ? ` ${count(merged)} of ${count(cells)} crossings of dimensions had fewer and are put together as “other”.`
        : ` No crossing of dimensions is large enough to be published.`;
  const left = days
    ? ` ${count(days)} first ${days === 1 ? "day has" : "days have"} fewer and ${days === 1 ? "is" : "are"} left out of the series.`
    : "";
  return html`<p>
    This report carries counts, means and covariances of at least ${count(minimum)} units in every variant,
    and no row of any unit.${together}${left}
  </p>`;
}

/** Returns the query as it ran, and every metric's definition. */
export function sources({view, definitions}: ReportBundle) {
  return html`<div class="sources">
    <details class="query" id="sql" open>
      <summary>Rendered SQL</summary>
      ${sqlText(view.job!.query)}
    </details>
    <details class="definitions">
      <summary>Metric definitions</summary>
      <pre
        tabindex="0"
        role="region"
        aria-label="Metric definitions"
      ><code>${definitions.map(({yaml}) => yaml).join("\n")}</code></pre>
    </details>
  </div>`;
}

/** Returns the foot of a report: job, data window, versions, hashes, and the button that computes it again. */
export function foot(bundle: ReportBundle) {
  const {view, madeBy, settings, hash, origin} = bundle;
  const {observation, job} = view;
  const facts: [string, Node | string][] = [
    ["Job", `${job!.id}, ${minute(job!.createdAt)}`],
    ["Exposures", windowOf(observation.exposureStart, observation.exposureEnd)],
    ["Events", windowOf(observation.calcStart, observation.calcEnd)],
    ["Made by", madeBy ? `Expanto ${madeBy.expanto}, ${madeBy.engine}` : "an earlier Expanto"],
    ["Settings", html`<code>${short(settings)}</code>`]
  ];
  return html`<footer class="provenance">
    <dl>
      ${facts.map(
        ([term, said]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${said}</dd>
          </div>`
      )}
    </dl>
    ${origin ? html`<p>Made from the report <a href=${origin.link}>${origin.name}</a>, <code>${short(origin.hash)}</code>, and edited.</p>` : null}
    <p class="seal">SHA-256 of this report <code>${hash}</code></p>
    ${verifier(bundle)}
  </footer>`;
}

// Windows end before their last instant: the last day that counts is the one before a midnight.
function windowOf(start: Instant | null, end: Instant | null): string {
  const day = (instant: Instant | null, open: string) =>
    instant
      ?.slice(0, 16)
      .replace("T", " ")
      .replace(/ 00:00$/, "") ?? open;
  return start || end ? `${day(start, "any time")} to before ${day(end, "any time")}` : "all there are";
}
