// Whether a report still is what was published: its table computed again from its moments, and the hash of all of it.

import {sha256} from "@noble/hashes/sha2.js";
import {bytesToHex, utf8ToBytes} from "@noble/hashes/utils.js";
import type {ReportBundle} from "../../lib/report-types.js";
import {canonical} from "../stats/canonical.js";
import {publishedTable, tableDifferences} from "../stats/published.js";
import {count} from "../stats/format.js";
import {html} from "./notebook.js";

export type Verification = {
  /** What the report comes to now. */
  hash: string;
  isWhole: boolean;
  /** Where the table and the moments disagree, one line each. */
  differences: string[];
  comparisons: number;
};

/** Returns what computing a report again finds. */
export function verify({hash, ...content}: ReportBundle): Verification {
  const {view, reading, published} = content;
  const again = publishedTable(view, reading);
  // Not the browser's own digest: that is only there on secure origins.
  const found = bytesToHex(sha256(utf8ToBytes(canonical(content))));
  return {
    hash: found,
    isWhole: found === hash,
    differences: tableDifferences(published, again),
    comparisons: published.rows.length
  };
}

/** Returns the button that verifies a report in the reader's browser and says what it found. */
export function verifier(bundle: ReportBundle) {
  const said = html`<output>Computes every published number again, here in your browser.</output>`;
  const button = html`<button type="button" class="action">Verify</button>` as HTMLButtonElement;
  button.onclick = () => {
    const found = verify(bundle);
    const isMatch = found.isWhole && !found.differences.length;
    said.className = isMatch ? "match" : "mismatch";
    said.replaceChildren(isMatch ? matching(found) : mismatch(found, bundle.hash));
  };
  return html`<div class="verify">${button} ${said}</div>`;
}

const matching = ({comparisons, hash}: Verification) =>
  `✓ Match: ${count(comparisons)} comparisons computed again, and the hash is ${hash.slice(0, 12)}…: compare it with the one you were given.`;

// A report that somebody has changed may differ everywhere; a few lines show it.
const shownDifferences = 8;

function mismatch({isWhole, hash, differences}: Verification, published: string) {
  const more = differences.length - shownDifferences;
  return html`<div>
    <b>✗ Mismatch.</b>
    ${isWhole ? "The hash agrees." : html`This report was changed after it was published: its hash is <code>${hash.slice(0, 12)}…</code>, published was <code>${published.slice(0, 12)}…</code>.`}
    ${differences.length ? "Its table does not follow from its moments:" : "Its table still follows from its moments."}
    <ul>
      ${differences.slice(0, shownDifferences).map((line) => html`<li>${line}</li>`)}
      ${more > 0 ? html`<li>and ${count(more)} more</li>` : null}
    </ul>
  </div>`;
}
