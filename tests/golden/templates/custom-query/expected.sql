with assignment_rows as (
  select
    user_id as unit_id,
    cast(group_name as varchar) as group_name,
    assigned_at as assigned_at
  from (SELECT user_id, arm AS group_name, MIN(seen_at) AS assigned_at FROM raw.arms GROUP BY user_id, arm) as assignments
  where user_id is not null
    and assigned_at >= TIMESTAMP '2025-10-01 00:00:00'
    and assigned_at < TIMESTAMP '2025-10-08 00:00:00'
),
units as (
  select
    unit_id,
    min(group_name) as group_name,
    coalesce(min(group_name) <> max(group_name), false) as crossover,
    min(assigned_at) as assigned_at
  from assignment_rows
  group by unit_id
),
exposed as (
  select
    units.unit_id,
    units.group_name,
    units.crossover,
    units.assigned_at as exposed_at
  from units
),
event_rows as (
  select *
  from events as events
  where user_id is not null
    and event_timestamp >= TIMESTAMP '2025-10-01 00:00:00'
),
unit_events as (
  select
    event_rows.*
  from event_rows
  join exposed
    on exposed.unit_id = event_rows.user_id
    and event_rows.event_timestamp >= exposed.exposed_at
),
unit_totals as (
  select
    unit_events.user_id as unit_id,
    SUM(event_value) as revenue,
    COUNT(CASE WHEN event_name = 'purchase' THEN 1 END) as orders
  from unit_events
  group by unit_events.user_id
)
select
  exposed.unit_id,
  exposed.group_name,
  exposed.crossover,
  exposed.exposed_at,
  unit_totals.revenue,
  unit_totals.orders
from exposed
left join unit_totals
  on unit_totals.unit_id = exposed.unit_id
