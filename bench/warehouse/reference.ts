// What is measured against: the least any answer needs, and the query shape of the reference system.

import type {Metric} from "../../lib/types.js";

const exposed = `select user_id, min(assigned_at) as assigned_at, arg_min(group_name, assigned_at) as group_name
  from assignments where experiment_name = 'checkout' and assigned_at >= timestamp '2025-01-08' and assigned_at < timestamp '2025-01-22'
  group by user_id`;
const window = "e.event_timestamp >= timestamp '2025-01-08' and e.event_timestamp < timestamp '2025-01-29'";

/** Exposures joined with events, one sum per user. */
export const floor1 = `select count(*) as n, sum(s) as s from (
  select e.user_id, sum(event_value) as s from events e
  join (${exposed}) t on e.user_id = t.user_id and e.event_timestamp >= t.assigned_at
  where ${window} group by e.user_id)`;

/** Two columns of the events, nothing joined. */
export const raw = `select count(*) as n, sum(event_value) as s from events e where ${window}`;

/** All aggregations of a user by formulas, then a union of one query per metric. */
export function referenceQuery(metrics: Metric[]): string {
  const aggregations = new Map(
    metrics.flatMap(({numerator, denominator}) =>
      [numerator, denominator].filter((each) => each !== null).map((each) => [each.alias, each.sql] as const)
    )
  );
  const columns = [...aggregations].map(([alias, sql]) => `${sql} as ${alias}`).join(",\n");
  const selects = metrics.map(({alias, numerator, denominator}) => {
    const den = denominator ? denominator.alias : "null::double";
    const value = denominator
      ? `sum(${numerator.alias}) / nullif(sum(${den}), 0)`
      : `avg(${numerator.alias})`;
    return `select group_name, '${alias}' as metric_name, count(distinct user_id) as observation_cnt, ${value} as metric_value,
      avg(${numerator.alias}) as numerator_avg, var_samp(${numerator.alias}) as numerator_var, avg(${den}) as denominator_avg,
      var_samp(${den}) as denominator_var, covar_samp(${numerator.alias}, ${den}) as covariance from user_aggregation group by group_name`;
  });
  return `with testids as (${exposed}),
    events_x_testids as (
      select t.user_id, t.group_name, e.event_name, e.event_value,
        row_number() over (partition by t.user_id, e.event_name order by e.event_timestamp) as event_rank
      from testids t left join events e on e.user_id = t.user_id and e.event_timestamp >= t.assigned_at and ${window}),
    user_aggregation as materialized (select user_id, group_name, ${columns} from events_x_testids group by user_id, group_name)
    ${selects.join("\nunion all\n")}`;
}
