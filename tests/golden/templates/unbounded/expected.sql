with assignment_rows as (
  select
    user_id as unit_id,
    cast(group_name as varchar) as group_name,
    assigned_at as assigned_at
  from assignments as assignments
  where user_id is not null
    and experiment_name = 'checkout'
),
ranked_rows as (
  select
    assignment_rows.*,
    coalesce(
      min(group_name) over (partition by unit_id) <> max(group_name) over (partition by unit_id),
      false
    ) as crossover,
    row_number() over (
      partition by unit_id
      order by assigned_at, group_name
    ) as assignment_rank
  from assignment_rows
),
units as (
  select *
  from ranked_rows
  where assignment_rank = 1
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
