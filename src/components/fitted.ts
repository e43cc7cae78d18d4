import {html} from "./notebook.js";

/** Returns what draws something for the width there is, and again when that changes. */
export function fitted(draw: (width: number) => Node) {
  const place = html`<div class="fitted"></div>`;
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.round(place.clientWidth);
    if (width === drawn || !width) return;
    drawn = width;
    place.replaceChildren(draw(width));
  }).observe(place);
  return place;
}
