{#- One row per unit and kind of event (and day, by day): how often it happened, and sums of the columns needed. `population`
    is the table of exposed units, `kinds` names events and conditions. Rows before `since`, and those from then on, add up. -#}
{%- import "./sources.sql" as source with context -%}
{%- set event = source.event -%}
{%- set at = event.at | ident -%}
{%- set days_before = observation.pre_period_days -%}
with kinds(kind, event_name, condition) as (
  values
  {%- for kind in kinds %}
    (cast({{ kind.number }} as smallint), {{ kind.event | str }}, cast({{ kind.condition }} as smallint)){% if not loop.last %},{% endif %}
  {%- endfor %}
),
event_rows as (
  select
    {{ event.unit | ident }} as unit_id,
    {{ event.name | ident }} as event_name,
    {{ at }} as happened_at
    {%- for column in value_columns %},
    {{ column | ident | double }} as value_{{ loop.index0 }}
    {%- endfor %}
    {%- for condition in conditions %},
    coalesce({{ condition }}, false) as condition_{{ loop.index }}
    {%- endfor %}
  from {{ source.events }} as events
  where true
  {%- if days_before and observation.exposure_start_datetime %}
    and {{ at }} >= {{ observation.exposure_start_datetime | ts | plus_days(-days_before) }}
  {%- elif not days_before and observation.calc_start_datetime %}
    and {{ at }} >= {{ observation.calc_start_datetime | ts }}
  {%- elif not days_before and observation.exposure_start_datetime %}
    and {{ at }} >= {{ observation.exposure_start_datetime | ts }}
  {%- endif %}
  {%- if observation.calc_end_datetime %}
    and {{ at }} < {{ observation.calc_end_datetime | ts }}
  {%- endif %}
  {%- if since %}
    and {{ at }} >= {{ since | ts }}
  {%- endif %}
  {%- for filter in observation.event_filters %}
    and {{ filter }}
  {%- endfor %}
)
select
  population.uid,
  kinds.kind,
  population.variant_number
  {%- if by_day %},
  {% if days_before %}case when happened_at >= population.exposed_at then {{ "happened_at" | day }} end{% else %}{{ "happened_at" | day }}{% endif %} as day
  {%- endif %}
  {%- for extreme in extremes %},
  {{ extreme.agg }}({% if days_before %}case when happened_at >= population.exposed_at then value_{{ extreme.column }} end{% else %}value_{{ extreme.column }}{% endif %}) as extreme_{{ loop.index0 }}
  {%- endfor %}
  {%- for period in (["now", "before"] if days_before else ["now"]) %},
  {%- set is_counted = (">= population.exposed_at" if period == "now" else "< population.exposed_at") %}
  cast(count({% if days_before %}case when happened_at {{ is_counted }} then 1 end{% else %}*{% endif %}) as integer) as n_{{ period }}
  {%- for column in value_columns %},
  coalesce(sum({% if days_before %}case when happened_at {{ is_counted }} then value_{{ loop.index0 }} end{% else %}value_{{ loop.index0 }}{% endif %}), 0) as sum_{{ loop.index0 }}_{{ period }}
  {%- endfor %}
  {%- endfor %}
from event_rows
join kinds
  on kinds.event_name = event_rows.event_name
join population
  on population.unit_id = event_rows.unit_id
  and happened_at >= {% if days_before %}{{ "population.exposed_at" | plus_days(-days_before) }}{% else %}population.exposed_at{% endif %}
{%- if observation.horizon_days %}
  and happened_at < {{ "population.exposed_at" | plus_days(observation.horizon_days) }}
{%- endif %}
where true
{%- if days_before and observation.calc_start_datetime %}
  and (happened_at >= {{ observation.calc_start_datetime | ts }} or happened_at < population.exposed_at)
{%- endif %}
{%- if conditions | length %}
  and case kinds.condition
    {%- for condition in conditions %}
    when {{ loop.index }} then condition_{{ loop.index }}
    {%- endfor %}
    else true
  end
{%- endif %}
group by population.uid, kinds.kind, population.variant_number{% if by_day %}, day{% endif %}
