{#- One row per exposed unit with events, from one scan of them. The formulas see columns of events and nothing else,
    and no unit without events: the left join in the entry leaves NULL, never a COUNT of one. -#}
{%- import "./sources.sql" as source with context -%}
{%- set event = source.event -%}
{%- set at = event.at | ident -%}
{%- set days_before = observation.pre_period_days -%}
event_rows as (
  select *
  from {{ source.events }} as events
  where {{ event.unit | ident }} is not null
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
  {%- for filter in observation.event_filters %}
    and {{ filter }}
  {%- endfor %}
),
unit_events as (
  select
    event_rows.*
    {%- if days_before %},
    case when event_rows.{{ at }} < exposed.exposed_at then 1 else 0 end as is_before_exposure
    {%- endif %}
  from event_rows
  join exposed
    on exposed.unit_id = event_rows.{{ event.unit | ident }}
    and event_rows.{{ at }} >= {% if days_before %}{{ "exposed.exposed_at" | plus_days(-days_before) }}{% else %}exposed.exposed_at{% endif %}
  {%- if observation.horizon_days %}
    and event_rows.{{ at }} < {{ "exposed.exposed_at" | plus_days(observation.horizon_days) }}
  {%- endif %}
  {%- if days_before and observation.calc_start_datetime %}
  where event_rows.{{ at }} >= {{ observation.calc_start_datetime | ts }}
    or event_rows.{{ at }} < exposed.exposed_at
  {%- endif %}
),
{%- if days_before %}
unit_periods as (
  select
    unit_events.{{ event.unit | ident }} as unit_id,
    is_before_exposure
    {%- for formula in user_formula_list %},
    {{ formula | formula(event.name) }} as {{ formula.alias | ident }}
    {%- endfor %}
  from unit_events
  group by unit_events.{{ event.unit | ident }}, is_before_exposure
),
unit_totals as (
  select
    unit_id
    {%- for formula in user_formula_list %},
    max(case when is_before_exposure = 0 then {{ formula.alias | ident }} end) as {{ formula.alias | ident }},
    max(case when is_before_exposure = 1 then {{ formula.alias | ident }} end) as {{ formula.alias_before | ident }}
    {%- endfor %}
  from unit_periods
  group by unit_id
)
{%- else %}
unit_totals as (
  select
    unit_events.{{ event.unit | ident }} as unit_id
    {%- for formula in user_formula_list %},
    {{ formula | formula(event.name) }} as {{ formula.alias | ident }}
    {%- endfor %}
  from unit_events
  group by unit_events.{{ event.unit | ident }}
)
{%- endif %}
{#- no line break here: the entry goes on -#}
