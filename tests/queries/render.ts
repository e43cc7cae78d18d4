import path from "node:path";
import {renderObservation} from "../../lib/templates.js";
import type {RenderOptions} from "../../lib/templates.js";
import type {Metric, Observation, UserAggregation} from "../../lib/types.js";

export const queries = path.resolve("queries");

export const observation: Observation = {
  id: 7,
  experimentId: 3,
  name: "week one",
  dbExperimentName: "checkout",
  splitId: "user_id",
  scenario: "duckdb",
  exposureStart: "2025-10-01T00:00:00.000Z",
  exposureEnd: "2025-10-08T00:00:00.000Z",
  calcStart: "2025-10-01T00:00:00.000Z",
  calcEnd: null,
  exposureEvent: null,
  audienceTables: [],
  filters: [],
  eventFilters: [],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: [],
  preDays: 0,
  horizonDays: 0,
  createdAt: "2025-10-01T00:00:00.000Z",
  updatedAt: "2025-10-01T00:00:00.000Z"
};

export const revenue: UserAggregation = {alias: "revenue", sql: "SUM(event_value)", missing: "zero"};
export const orders: UserAggregation = {
  alias: "orders",
  sql: "COUNT(CASE WHEN event_name = 'purchase' THEN 1 END)",
  missing: "zero"
};

const metric = (changes: Partial<Metric>): Metric => ({
  alias: "arpu",
  title: "Revenue per user",
  type: "mean",
  group: "money",
  description: null,
  owner: null,
  tags: ["core"],
  goal: "increase",
  format: {},
  numerator: revenue,
  denominator: null,
  source: {file: "metrics/money.yaml", line: 1, column: 1},
  ...changes
});
export const metrics = [
  metric({}),
  metric({alias: "order_value", title: "Order value", type: "ratio", denominator: orders}),
  metric({alias: "buyers", title: "Buyers", type: "proportion", numerator: orders})
];

export type Definition = Partial<Omit<RenderOptions, "observation">> & {observation?: Partial<Observation>};

/** Returns the SQL of the observation above with these changes. */
export const render = ({observation: changes, ...options}: Definition = {}) =>
  renderObservation({
    folder: queries,
    entry: "events/__entry__.sql",
    metrics,
    aggregations: [revenue, orders],
    ...options,
    observation: {...observation, ...changes}
  });
