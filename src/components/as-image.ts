/** Returns a chart that a screen reader takes as one picture with its own label, not as its marks. */
export function asImage<Chart extends Element>(chart: Chart): Chart {
  chart.setAttribute("role", "img");
  for (const mark of chart.querySelectorAll("[aria-label], [aria-description]")) {
    mark.removeAttribute("aria-label");
    mark.removeAttribute("aria-description");
  }
  return chart;
}
