// Who is in which experiment of the demo, as DuckDB SQL. Times are fractional days from today's midnight UTC.

import {demoPlans, type DemoPlan} from "./plan.js";

const holdoutShare = 0.05;
const crossoverShare = 0.002;
const repeatShare = 0.02;

/**
 * Returns SQL that makes the table assigned, the truth: one row per experiment and user, with the variant
 * the user really got at the first visit inside the window, and how that variant acts.
 */
export function assignedSql(): string {
  return `
create temp table plans as
from (values ${demoPlans.map(planRow).join(", ")})
  as plans(experiment_no, experiment_name, start_day, end_day, traffic, lost_variant, lost_share);
create temp table variants as
from (values ${demoPlans.flatMap(variantRows).join(", ")})
  as variants(experiment_no, variant_no, variant_count, variant, low, high,
    orders_kept, value_factor, refunds_kept, load_factor);
create temp table assigned as
with first_visits as (
  select experiment_no, user_no, any_value(visits_per_day) as visits_per_day, min(day) as assigned_day
  from sessions
  join plans on day >= start_day and day < end_day
  where uniform('traffic', user_no, experiment_no) < traffic
    and uniform('holdout', user_no, 0) >= ${holdoutShare}
  group by experiment_no, user_no
)
select *
from first_visits
join plans using (experiment_no)
join variants using (experiment_no)
where uniform('variant', user_no, experiment_no) >= low
  and uniform('variant', user_no, experiment_no) < high;`;
}

/** Returns a query for the rows of assignments as a real log has them: repeated, contradicted, lost. */
export function assignmentsQuery(): string {
  return `
with ranked as (
  select *, percent_rank() over (partition by experiment_no, variant_no order by visits_per_day) as loyalty
  from assigned
),
logged as (
  select *, assigned_day + uniform('again', user_no, experiment_no) * least(3, least(end_day, 0) - assigned_day)
    as again_day
  from ranked
  -- Only the rarer half of the visitors is lost, so that the variant looks better than it is.
  where not (variant = lost_variant and loyalty < 0.5
    and uniform('lost', user_no, experiment_no) < 2 * lost_share)
),
written as (
  select experiment_no, experiment_name, user_no, variant, assigned_day
  from logged
  union all
  select experiment_no, experiment_name, user_no, variant, again_day
  from logged
  where uniform('repeat', user_no, experiment_no) < ${repeatShare}
  union all
  select logged.experiment_no, experiment_name, user_no, other.variant, again_day
  from logged
  join variants as other on other.experiment_no = logged.experiment_no
    and other.variant_no = (logged.variant_no + 1) % logged.variant_count
  where uniform('crossover', user_no, logged.experiment_no) < ${crossoverShare}
)
select experiment_name, user_id, variant as group_name, instant(assigned_day) as assigned_at, country, platform
from written
join users using (user_no)
order by assigned_at, experiment_no, user_id, group_name`;
}

function planRow({name, startDay, endDay, traffic, lost}: DemoPlan, no: number): string {
  const loss = lost ? `'${lost.variant}', ${lost.share}::double` : "null, 0::double";
  return `(${no}, '${name}', ${startDay}, ${endDay}, ${traffic}::double, ${loss})`;
}

// A factor above the lowest is planted by keeping all of the strongest variant and a share of the others:
// what is thrown away is chosen without looking, so the ratio between variants is exact.
function variantRows({variants}: DemoPlan, no: number): string[] {
  const most = (lever: "orders" | "refunds") => Math.max(...variants.map(({levers}) => levers[lever]));
  let high = 0;
  return variants.map(({name, allocation, levers}, i) => {
    const low = high;
    high = i === variants.length - 1 ? 1 : low + allocation;
    const factors = [
      low,
      high,
      levers.orders / most("orders"),
      levers.orderValue,
      levers.refunds / most("refunds"),
      levers.pageLoad
    ];
    return `(${no}, ${i}, ${variants.length}, '${name}', ${factors.map((f) => `${f}::double`).join(", ")})`;
  });
}
