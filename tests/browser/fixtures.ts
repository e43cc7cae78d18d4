import {join} from "node:path";
import {NotFoundError} from "../../lib/errors.js";
import type {Experiment, Job, Observation} from "../../lib/types.js";
import type {ExperimentCard, MetricInfo, MetricMoments, ResultsView} from "../../lib/view-types.js";
import {periodsOf} from "../../lib/stats/periods.js";
import type {Moments} from "../../lib/stats/types.js";
import type {AppParts} from "../../server/app-parts.js";

export const hostileName = `B"'><script>document.title="broken"</script>`;
const created = "2025-10-22T06:30:00.000Z";
const defaults = {confidence: 0.95, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000};

/** Returns the parts of an app whose answers are made by hand: five experiments and their results. */
export function fixtureParts(site: string): AppParts {
  const jobs = new Map<number, Job>([[7, job(7, 7, "completed")]]);
  return {
    site,
    reports: join(site, "published"),
    publish: (id) => unknownJob(id),
    experimentCards: () => [checkout, badges, search, delivery, hostile, reorder].map(cardOf),
    resultsView: (observation) => viewOf(observation === "latest" ? 1 : observation),
    calculate: (observation) => jobs.get(observation) ?? job(7, observation, "running"),
    jobById: (id) => jobs.get(id) ?? unknownJob(id),
    cancel: unknownJob,
    catalogue: () => ({metrics: [], scenarios: ["duckdb"], defaultScenario: "duckdb"}),
    metricEntries: () => [],
    metricDetail: () => unknownJob(0),
    tryMetrics: () => unknownJob(0),
    editedExperiment: unknownExperiment,
    saveExperiment: () => unknownExperiment(0),
    saveObservation: unknownExperiment,
    preview: unknownExperiment,
    jobView: unknownJob,
    moveExperiment: unknownExperiment,
    keepPlan: unknownExperiment,
    planningBaseline: () => unknownExperiment(0),
    consequences: unknownExperiment,
    deleteExperiment: unknownExperiment,
    deleteObservation: ({id}) => unknownExperiment(id),
    deleted: () => [],
    restore: ({id}) => unknownExperiment(id),
    hear: () => {},
    chat: {
      answer: async (_, emit) => emit({type: "done", finish: "answered"}),
      clear: () => {},
      query: async () => unknownJob(0),
      about: {model: null}
    },
    cells: () => unknownJob(0),
    slice: (observation) => unknownJob(observation),
    fileColumns: () => ({rows: 0, columns: []}),
    fileResults: () => unknownJob(0),
    overlaps: () => [],
    crossUnits: (observation) => unknownJob(observation),
    audit: (_, {metric}) => ({
      results: [
        {
          variant: "one page",
          tested: 2000,
          rejections: 104,
          histogram: [104, 96, 100, 100],
          sentence: `the test of ${metric} rejects 5.2% where 5% are promised`
        }
      ],
      refused: {}
    }),
    declareVariants: (id, variants) =>
      id === 8 ? Object.assign(undeclared, {variants}) : unknownExperiment(id)
  };
}

function unknownJob(id: number): never {
  throw new NotFoundError(`no job ${id}`, "the page of an observation shows its newest job");
}

function unknownExperiment(id: number): never {
  throw new NotFoundError(`no experiment ${id}`, "the Experiments page lists what there is");
}

function experiment(id: number, name: string, facts: Partial<Experiment>): Experiment {
  return {
    id,
    name,
    status: "completed",
    description: null,
    hypotheses: null,
    keyMetrics: ["purchase_conversion", "revenue_per_user"],
    guardrails: ["refund_rate", "page_load_time"],
    design: null,
    conclusion: null,
    owner: "growth",
    start: daysFromNow(-24),
    end: daysFromNow(-3),
    variants: two("control", "treatment"),
    createdAt: created,
    updatedAt: created,
    ...facts
  };
}

function two(control: string, treatment: string) {
  return [
    {name: control, allocation: 0.5, isControl: true},
    {name: treatment, allocation: 0.5, isControl: false}
  ];
}

function daysFromNow(days: number): string {
  return `${new Date(Date.now() + days * 864e5).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

const checkout = experiment(1, "Faster checkout", {
  hypotheses: "Orders rise when we drop the address step.",
  variants: [
    {name: "control", allocation: 0.34, isControl: true},
    {name: "one page", allocation: 0.33, isControl: false},
    {name: "express", allocation: 0.33, isControl: false}
  ]
});
const badges = experiment(6, "Badges on product cards", {
  hypotheses: "A badge draws the eye to what sells.",
  start: daysFromNow(-47),
  end: daysFromNow(-26)
});
const search = experiment(2, "Search ranking v2", {
  status: "running",
  hypotheses: "Ranking by what people keep, not what they click, sells more.",
  start: daysFromNow(-13),
  end: daysFromNow(15)
});
const delivery = experiment(3, "Delivery date on product page", {
  hypotheses: "A promised day beats “2–4 working days”.",
  start: daysFromNow(-33),
  end: daysFromNow(-12)
});
const hostile = experiment(4, "Names that bite", {variants: two("control", hostileName)});
const reorder = experiment(5, "One-tap reorder", {
  status: "planned",
  hypotheses: "People who bought before buy again when it takes one tap.",
  start: daysFromNow(9),
  end: daysFromNow(30)
});
const undeclared = experiment(8, "Brought along", {variants: []});

function observation(id: number, of: Experiment): Observation {
  return {
    id,
    experimentId: of.id,
    name: "Main",
    dbExperimentName: "faster-checkout",
    splitId: "user_id",
    scenario: "demo",
    exposureStart: of.start,
    exposureEnd: of.end,
    calcStart: of.start,
    calcEnd: of.end,
    exposureEvent: null,
    audienceTables: [],
    filters: [],
    eventFilters: [],
    customTestIdsQuery: null,
    metricTags: [],
    metricGroups: ["shop"],
    dimensions: [],
    preDays: 0,
    horizonDays: 0,
    createdAt: created,
    updatedAt: created
  };
}

const query = `with exposed as (
  select user_id, variant, min(at) as exposed_at -- first sight
  from assignments
  where experiment = 'faster-checkout'
  group by 1, 2
)
select exposed.user_id, exposed.variant, count(purchases.at) as orders
from exposed
left join purchases on purchases.user_id = exposed.user_id and purchases.at >= exposed.exposed_at
group by 1, 2`;

function job(id: number, observationId: number, status: Job["status"]): Job {
  const facts = {durationMs: 1840, rows: 48_210, crossovers: id === badges.id ? 900 : 12, cacheHit: false};
  return {id, observationId, status, query, error: null, facts, createdAt: created};
}

function metric(alias: string, title: string, facts: Partial<MetricInfo>): MetricInfo {
  return {
    alias,
    title,
    type: "mean",
    group: "shop",
    description: null,
    owner: "growth",
    tags: [],
    goal: "increase",
    format: {},
    role: "other",
    numerator: `sum(purchases.${alias})`,
    denominator: null,
    ...facts
  };
}

// value, sd and the lift of each metric in the treatment.
type Shape = {metric: MetricInfo; value: number; sd: number; lift: number};

const shapes: Shape[] = [
  {
    metric: metric("purchase_conversion", "Purchase conversion", {
      type: "proportion",
      role: "primary",
      description: "Share of exposed users who bought at least once.",
      numerator: "max(purchases.at is not null)"
    }),
    value: 0.1214,
    sd: 0,
    lift: 0.072
  },
  {
    metric: metric("revenue_per_user", "Revenue per user", {
      role: "secondary",
      format: {style: "currency", currency: "EUR"}
    }),
    value: 5.24,
    sd: 17,
    lift: 0.031
  },
  {
    metric: metric("orders_per_session", "Orders per session", {
      type: "ratio",
      role: "secondary",
      denominator: "count(sessions.id)"
    }),
    value: 0.266,
    sd: 0.5,
    lift: 0.041
  },
  {
    metric: metric("refund_rate", "Refund rate", {type: "proportion", role: "guardrail", goal: "decrease"}),
    value: 0.0191,
    sd: 0,
    lift: 0.19
  },
  {
    metric: metric("page_load_time", "Page load time, s", {role: "guardrail", goal: "decrease"}),
    value: 1.84,
    sd: 1.1,
    lift: -0.022
  },
  {metric: metric("sessions_per_user", "Sessions per user", {goal: null}), value: 2.01, sd: 2.4, lift: 0.034}
];

function moments({metric: {type}, value, sd}: Shape, n: number, factor: number): Moments {
  const mean = value * factor;
  if (type === "proportion") return {n, means: [mean], covariance: [[mean * (1 - mean)]]};
  if (type === "mean") return {n, means: [mean], covariance: [[sd * sd]]};
  return {n, means: [mean * 2, 2], covariance: [[sd * sd, 0.2], [0.2, 4]]}; // prettier-ignore
}

function metricsOf(units: Map<string, number>, size: number): MetricMoments[] {
  const known = shapes.map((shape) => ({
    metric: shape.metric,
    arms: [...units].map(([variant, n], i) => ({
      variant,
      moments: moments(shape, n, 1 + shape.lift * size * [0, 1, -0.45][i]),
      reason: null
    }))
  }));
  const reason = "the denominator is 0 in every unit";
  const broken = metric("gift_rate", "Gifts per voucher", {type: "ratio", denominator: "count(vouchers.id)"});
  return [
    ...known,
    {metric: broken, arms: [...units.keys()].map((variant) => ({variant, moments: null, reason}))}
  ];
}

const sizes: Record<number, {units: number[]; size: number}> = {
  1: {units: [16_391, 15_914, 15_905], size: 1},
  2: {units: [11_230, 11_187], size: 0.3},
  3: {units: [9_902, 9_028], size: 0.9},
  4: {units: [8_000, 8_040], size: 1.1},
  6: {units: [23_800, 24_030], size: -0.7},
  8: {units: [5_000, 5_050], size: 1}
};

function unitsOf({id, variants}: Experiment): Map<string, number> {
  const names = variants.length ? variants.map((d) => d.name) : ["a", "b"];
  return new Map(names.map((name, i) => [name, sizes[id]?.units[i] ?? 0]));
}

function cardOf(of: Experiment): ExperimentCard {
  const {id, status} = of;
  if (status === "planned")
    return {
      experiment: of,
      observation: null,
      job: null,
      primary: null,
      worse: [],
      units: [],
      planned: [],
      keptAt: null,
      defaults
    };
  const units = unitsOf(of);
  return {
    experiment: of,
    observation: {id, name: "Main"},
    job: {id, status: "completed", createdAt: created, error: null},
    primary: metricsOf(units, sizes[id].size)[0],
    worse: [],
    units: [...units].map(([variant, units]) => ({variant, units})),
    planned: allocationOf(of),
    keptAt: null,
    defaults
  };
}

const allocationOf = ({variants}: Experiment) =>
  variants.map(({name, allocation}) => ({variant: name, allocation}));

function viewOf(id: number): ResultsView {
  const of = [checkout, search, delivery, hostile, badges, undeclared, {...reorder, id: 7}].find(
    (d) => d.id === id
  );
  if (!of)
    throw new NotFoundError(`no observation ${id}`, "the list of experiments leads to those there are");
  const units = unitsOf(of);
  const isCalculated = id !== 7;
  return {
    experiment: of,
    observation: observation(id, of),
    siblings:
      id === 1
        ? [
            {id: 1, name: "Main"},
            {id: 2, name: "iOS only"}
          ]
        : [{id, name: "Main"}],
    job: isCalculated ? job(id, id, "completed") : null,
    latest: null,
    stale: null,
    staleMetrics: [],
    metrics: isCalculated ? metricsOf(units, sizes[id].size) : [],
    exposures: isCalculated ? exposuresOf(units, of.start!) : [],
    periods: periodsOf([], allocationOf(of)),
    planned: {all: allocationOf(of)},
    series: id === 1 ? seriesOf(units, sizes[id].size) : [],
    hasCells: false,
    events: [],
    plan: null,
    defaults
  };
}

// The first two metrics, as they grow over five days to what the table shows.
function seriesOf(units: Map<string, number>, size: number): ResultsView["series"] {
  const names = [...units.keys()];
  return shapes.slice(0, 2).flatMap((shape) =>
    [1, 2, 3, 4, 5].flatMap((day) =>
      names.map((variant, i) => ({
        metric: shape.metric.alias,
        day: `2025-10-0${day}`,
        variant,
        moments: moments(
          shape,
          Math.round((units.get(variant)! * day) / 5),
          1 + shape.lift * size * [0, 1, -0.45][i]
        )
      }))
    )
  );
}

// Units fall from day to day; a small wave moves them between the days of one arm.
function exposuresOf(units: Map<string, number>, start: string): ResultsView["exposures"] {
  const days = 21;
  return [...units].flatMap(([variant, n], arm) => {
    const weights = Array.from(
      {length: days},
      (_, i) => Math.exp(-i / 14) * (1 + 0.05 * Math.sin(i * 1.7 + arm * 2))
    );
    const sum = weights.reduce((a, b) => a + b);
    const counts = weights.map((w) => Math.floor((n * w) / sum));
    counts[0] += n - counts.reduce((a, b) => a + b);
    return counts.map((units, i) => ({
      variant,
      day: new Date(Date.parse(start) + i * 864e5).toISOString().slice(0, 10),
      units
    }));
  });
}
