with assignment_rows as (
  select
    user_id as unit_id,
    cast(group_name as varchar) as group_name,
    assigned_at as assigned_at,
    coalesce(cast(country as varchar), '') as country,
    coalesce(cast(platform as varchar), '') as platform,
    coalesce((country = 'US' OR country IS NULL) and (NOT (platform LIKE 'i%')), false) as is_counted
  from assignments as assignments
  where user_id is not null
    and experiment_name = 'the mayor''s test'
    and assigned_at >= TIMESTAMP '2025-10-01 00:00:00'
    and assigned_at < TIMESTAMP '2025-10-08 00:00:00'
    and user_id in (select user_id from marketing.vips)
),
units as (
  select
    unit_id,
    min(group_name) as group_name,
    coalesce(min(group_name) <> max(group_name), false) as crossover,
    min(case when is_counted then assigned_at end) as assigned_at,
    nullif(arg_min(country, case when is_counted then assigned_at end), '') as country,
    nullif(arg_min(platform, case when is_counted then assigned_at end), '') as platform
  from assignment_rows
  group by unit_id
  having max(case when is_counted then 1 else 0 end) = 1
),
exposures as (
  select
    units.unit_id,
    min(events.event_timestamp) as exposed_at
  from units
  join events as events
    on events.user_id = units.unit_id
    and events.event_timestamp >= units.assigned_at
  where events.event_name = 'opened ''it'''
    and events.event_timestamp >= TIMESTAMP '2025-10-01 00:00:00'
    and events.event_timestamp < TIMESTAMP '2025-10-08 00:00:00'
  group by units.unit_id
),
exposed as (
  select
    units.unit_id,
    units.group_name,
    units.crossover,
    exposures.exposed_at,
    units.country,
    units.platform
  from units
  join exposures
    on exposures.unit_id = units.unit_id
),
event_rows as (
  select *
  from events as events
  where user_id is not null
    and event_timestamp >= TIMESTAMP '2025-10-01 00:00:00'
    and event_timestamp < TIMESTAMP '2025-10-15 00:00:00'
    and (event_value > 0 OR event_value IS NULL)
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
  exposed.country,
  exposed.platform,
  unit_totals.revenue,
  unit_totals.orders
from exposed
left join unit_totals
  on unit_totals.unit_id = exposed.unit_id
