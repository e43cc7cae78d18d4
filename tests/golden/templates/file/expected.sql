with file_rows as (
  select *
  from "cookie-cats" as file
  where user_id is not null
),
units as (
  select
    file_rows.user_id as unit_id,
    min(cast(file_rows.variant as varchar)) as group_name,
    count(distinct file_rows.variant) > 1 as crossover
  from file_rows
  group by file_rows.user_id
),
unit_totals as (
  select
    file_rows.user_id as unit_id,
    min(cast(file_rows.country as varchar)) as country,
    SUM(revenue) as revenue,
    MAX(CASE WHEN revenue > 0 THEN 1 ELSE 0 END) as bought
  from file_rows
  where (country = 'US')
    and (revenue < 1000 OR revenue IS NULL)
  group by file_rows.user_id
)
select
  units.unit_id,
  units.group_name,
  units.crossover,
  cast(null as timestamp) as exposed_at,
  unit_totals.country,
  unit_totals.revenue,
  unit_totals.bought
from units
join unit_totals
  on unit_totals.unit_id = units.unit_id
