import {expect, test} from "vitest";
import {accessible} from "../../server/site.js";

test("a built page names its language, may be enlarged, and its list holds list items alone", () => {
  const html = `<html>
<meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1">
<input id="observablehq-sidebar-toggle" type="checkbox" title="Toggle sidebar">
<nav id="observablehq-sidebar">
  <ol>
    <label id="observablehq-sidebar-close" for="observablehq-sidebar-toggle"></label>
    <li>Home</li>
  </ol>
</nav>`;
  expect(accessible(html)).toBe(`<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<input id="observablehq-sidebar-toggle" type="checkbox" aria-label="Sidebar">
<nav id="observablehq-sidebar" aria-label="Pages">
  <ol>
    <li>Home</li>
  </ol>
    <label id="observablehq-sidebar-close" for="observablehq-sidebar-toggle"></label>
</nav>`);
});
