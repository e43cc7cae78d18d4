import {expect, test} from "vitest";
import {loadMetrics, validateMetricText} from "../../../lib/metrics.js";
import {metricYaml} from "../../../lib/metrics/written.js";

test("every metric of the demo, written as YAML and read again, is the same metric", async () => {
  const {metrics} = await loadMetrics("metrics");
  expect(metrics.length).toBeGreaterThan(10);
  for (const metric of metrics) {
    const read = await validateMetricText(metricYaml(metric), "text");
    expect(read.problems).toEqual([]);
    expect(read.metrics.map((each) => ({...each, source: metric.source}))).toEqual([metric]);
  }
});

test("caps, margins and what is left out are written too", async () => {
  const text = `metric_group_name: Mine
metrics:
  - alias: revenue
    type: ratio
    display_name: Revenue
    cap: 99.5%
    margin: 0.01
    goal: decrease
    formula:
      numerator: {alias: revenue_sum, event: purchase, agg: sum, value: event_value, where: "event_value > 0", missing: exclude}
      denominator: {alias: orders, sql: COUNT(*)}
`;
  const [metric] = (await validateMetricText(text, "text")).metrics;
  expect(metric.cap).toEqual({share: 0.995});
  const [again] = (await validateMetricText(metricYaml(metric), "text")).metrics;
  expect({...again, source: null}).toEqual({...metric, source: null});
});
