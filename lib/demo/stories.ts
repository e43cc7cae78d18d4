// What the demo's analysts wrote about their experiments.

export type DemoStory = {
  title: string;
  owner: string;
  description: string;
  hypotheses: string;
  design: string;
  /** Aliases; the first is the primary metric. */
  keyMetrics: string[];
  guardrails: string[];
  conclusion?: string;
};

/** By the experiment's name in the table assignments. */
export const demoStories: Record<string, DemoStory> = {
  faster_checkout: {
    title: "Faster checkout",
    owner: "Checkout team",
    description:
      "The checkout asks for address, delivery and payment on three pages. Two shorter ones are tried: everything on one page, and an express button that reuses what the customer chose last time.",
    hypotheses:
      "One page lets more visitors complete a purchase, because each further page is another chance to give up. Express helps less, because only customers who have bought before can use it.",
    design:
      "Three equal arms, by user, from the first visit in the window; 28 days, so that each weekday counts four times. With 29 % of visitors buying and about 14,000 users an arm, a lift of 5.4 % in conversion is found with 80 % power at 95 % confidence.",
    keyMetrics: ["purchase_conversion", "revenue_per_user", "orders_per_user"],
    guardrails: ["refund_rate", "support_ticket_rate", "crashes_per_user", "page_load_seconds"],
    conclusion:
      "Ship the one-page checkout: it brings clearly more buyers, and no guardrail is clearly worse. Express stays behind it and is not worth a second checkout to maintain, because what it may bring, one page brings too."
  },
  search_ranking_v2: {
    title: "Search ranking v2",
    owner: "Discovery team",
    description:
      "Search results are ordered by a new model that knows what is in stock, and are served from a smaller index.",
    hypotheses:
      "More visitors buy, because what they can have stands higher in the list. Pages load faster, because the smaller index fits into memory.",
    design:
      "50/50 by user, 28 days, to be read at the end. With 24 % of visitors buying so far and about 15,000 users an arm at half-time, a lift in conversion below 5 % is likely to look unclear.",
    keyMetrics: ["purchase_conversion", "page_load_seconds", "page_views_per_session"],
    guardrails: ["crashes_per_user", "support_ticket_rate"]
  },
  free_shipping_bar: {
    title: "Free-shipping bar",
    owner: "Growth team",
    description: "A bar in the cart shows how much is missing until shipping is free.",
    hypotheses:
      "Revenue per user rises, because customers top up their carts to reach the limit. Refunds may rise too, because what is bought to reach a limit is easily sent back.",
    design:
      "50/50 by user, 28 days. Refund rate is a guardrail agreed on beforehand: a clear rise stops the launch whatever revenue says.",
    keyMetrics: ["revenue_per_user", "orders_per_user", "average_order_value", "purchase_conversion"],
    guardrails: ["refund_rate", "support_ticket_rate"],
    conclusion:
      "Do not ship as it is: revenue per user rises, but so does the refund rate, because part of what tops up the carts comes back. Try a lower limit next, and measure revenue after refunds."
  },
  larger_product_photos: {
    title: "Larger product photos",
    owner: "Catalogue team",
    description: "Photos on product pages take the whole width of the screen.",
    hypotheses:
      "More visitors buy, because they see better what they get, and refunds fall, because it is what they expected.",
    design:
      "50/50 by user, 28 days. With 30 % of visitors buying and about 14,500 users an arm, a lift of 5 % in conversion is found with 80 % power at 95 % confidence.",
    keyMetrics: ["purchase_conversion", "revenue_per_user"],
    guardrails: ["page_load_seconds", "refund_rate"],
    conclusion:
      "No effect was found; what the interval leaves open is a few per cent either way. Keep the small photos, because the large ones cost traffic and bring nothing that we can see."
  },
  delivery_date: {
    title: "Delivery date on product page",
    owner: "Logistics team",
    description: "The product page says on which day an order would arrive.",
    hypotheses:
      "More visitors buy, because they need not start a checkout to learn when an order would arrive.",
    design: "50/50 by user, 28 days.",
    keyMetrics: ["purchase_conversion", "orders_per_user"],
    guardrails: ["support_ticket_rate", "refund_rate"],
    conclusion:
      "No verdict: the new variant has too few users for a 50/50 split. Its apparent gain cannot be trusted, because those missing are mostly rare visitors, who buy less. Repair the logging of assignments, then repeat."
  }
};

/** The experiment that has not begun; its days count from today. */
export const oneTapReorder = {
  startDay: 7,
  endDay: 35,
  variants: [
    {name: "control", allocation: 0.5},
    {name: "one-tap", allocation: 0.5}
  ],
  story: {
    title: "One-tap reorder",
    owner: "Checkout team",
    description: "Past orders get a button that buys the same again.",
    hypotheses:
      "Returning customers order more often, because the way to the same order becomes shorter. First orders do not change, because new customers have nothing to repeat.",
    design: "50/50 by user, 28 days.",
    keyMetrics: ["orders_per_user", "revenue_per_user"],
    guardrails: ["refund_rate", "support_ticket_rate", "crashes_per_user"]
  } satisfies DemoStory as DemoStory
};
