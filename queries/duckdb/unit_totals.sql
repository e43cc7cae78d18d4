{#- One row per exposed unit with events. The formulas see columns of events and nothing else, and no unit
    without events: its left join in the entry leaves NULL, never a COUNT of one. -#}
{%- import "./sources.sql" as source with context -%}
{%- set event = source.event -%}
event_rows as (
  select *
  from {{ source.events }} as events
  where {{ event.unit | ident }} is not null
  {%- if observation.calc_start_datetime %}
    and {{ event.at | ident }} >= {{ observation.calc_start_datetime | ts }}
  {%- elif observation.exposure_start_datetime %}
    and {{ event.at | ident }} >= {{ observation.exposure_start_datetime | ts }}
  {%- endif %}
  {%- if observation.calc_end_datetime %}
    and {{ event.at | ident }} < {{ observation.calc_end_datetime | ts }}
  {%- endif %}
  {%- for filter in observation.event_filters %}
    and {{ filter }}
  {%- endfor %}
),
unit_events as (
  select event_rows.*
  from event_rows
  join exposed
    on exposed.unit_id = event_rows.{{ event.unit | ident }}
    and event_rows.{{ event.at | ident }} >= exposed.exposed_at
),
unit_totals as (
  select
    unit_events.{{ event.unit | ident }} as unit_id
    {%- for formula in user_formula_list %},
    {{ formula.sql }} as {{ formula.alias | ident }}
    {%- endfor %}
  from unit_events
  group by unit_events.{{ event.unit | ident }}
)
{#- no line break here: the entry goes on -#}
