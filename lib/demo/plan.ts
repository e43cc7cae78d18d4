// What is planted in the demo's data: the design of each experiment and how its variants act.

/** How a variant acts on its exposed users, as factors of what they would do otherwise. */
export type Levers = {
  /** Share of buyers who get through the checkout at all: moves conversion, orders and revenue alike. */
  orders: number;
  /** Value of each order. */
  orderValue: number;
  /** Chance that an order is refunded. */
  refunds: number;
  /** Seconds a page takes to load. */
  pageLoad: number;
};

/** One experiment of the demo; days count from today's midnight UTC, the past is negative. */
export type DemoPlan = {
  /** The name in the table assignments. */
  name: string;
  startDay: number;
  endDay: number;
  /** Share of visitors who take part. */
  traffic: number;
  /** The control comes first. */
  variants: {name: string; allocation: number; levers: Levers}[];
  /** A logging fault: this share of one variant's users, all of them rare visitors, has no assignment. */
  lost: {variant: string; share: number} | null;
};

/** The relative effect of a variant on a metric that the generator put in: a lift of 0.08 is +8 %. */
export type PlantedEffect = {experiment: string; variant: string; metric: string; lift: number};

/** How many days of history the demo has before today. */
export const historyDays = 56;

const plain: Levers = {orders: 1, orderValue: 1, refunds: 1, pageLoad: 1};

export const demoPlans: DemoPlan[] = [
  {
    name: "faster_checkout",
    startDay: -33,
    endDay: -5,
    traffic: 0.95,
    variants: [
      {name: "control", allocation: 1 / 3, levers: plain},
      {name: "one-page", allocation: 1 / 3, levers: {...plain, orders: 1.08}},
      {name: "express", allocation: 1 / 3, levers: {...plain, orders: 1.04}}
    ],
    lost: null
  },
  {
    name: "search_ranking_v2",
    startDay: -15,
    endDay: 13,
    traffic: 0.8,
    variants: halves("ranking-v2", {orders: 1.01, pageLoad: 0.9}),
    lost: null
  },
  {
    name: "free_shipping_bar",
    startDay: -40,
    endDay: -12,
    traffic: 0.9,
    variants: halves("shipping-bar", {orders: 1.06, orderValue: 1.05, refunds: 1.35}),
    lost: null
  },
  {
    name: "larger_product_photos",
    startDay: -38,
    endDay: -10,
    traffic: 0.7,
    variants: halves("large-photos", {}),
    lost: null
  },
  {
    name: "delivery_date",
    startDay: -36,
    endDay: -8,
    traffic: 0.7,
    variants: halves("delivery-date", {}),
    lost: {variant: "delivery-date", share: 0.08}
  }
];

/**
 * Returns the true lift of every treatment on every metric, zeros included; an experiment that lost
 * users has none, because its variants are no longer comparable.
 */
export function plantedEffects(): PlantedEffect[] {
  return demoPlans
    .filter(({lost}) => lost === null)
    .flatMap(({name, variants}) =>
      variants.slice(1).flatMap((variant) =>
        Object.entries(metricFactors(variant.levers)).map(([metric, factor]) => ({
          experiment: name,
          variant: variant.name,
          metric,
          lift: Number((factor - 1).toFixed(6))
        }))
      )
    );
}

function metricFactors({orders, orderValue, refunds, pageLoad}: Levers): Record<string, number> {
  return {
    purchase_conversion: orders,
    orders_per_user: orders,
    revenue_per_user: orders * orderValue,
    average_order_value: orderValue,
    refund_rate: refunds,
    page_load_seconds: pageLoad,
    sessions_per_user: 1,
    page_views_per_session: 1,
    crashes_per_user: 1,
    support_ticket_rate: 1
  };
}

function halves(treatment: string, levers: Partial<Levers>): DemoPlan["variants"] {
  return [
    {name: "control", allocation: 0.5, levers: plain},
    {name: treatment, allocation: 0.5, levers: {...plain, ...levers}}
  ];
}
