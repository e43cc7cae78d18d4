with assignment_rows as (
  select
    user_id as unit_id,
    cast(group_name as varchar) as group_name,
    assigned_at as assigned_at
  from assignments as assignments
  where user_id is not null
    and experiment_name = 'checkout'
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
)
select
  exposed.unit_id,
  exposed.group_name,
  exposed.crossover,
  exposed.exposed_at
from exposed
