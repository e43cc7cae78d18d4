{#- One row per exposed unit with events in the days before its exposure: the same formulas, as covariates. -#}
{%- import "./sources.sql" as source with context -%}
{%- set event = source.event -%}
unit_events_before as (
  select events.*
  from (
    select *
    from {{ source.events }} as events
    where {{ event.unit | ident }} is not null
    {%- if observation.exposure_start_datetime %}
      and {{ event.at | ident }} >= {{ observation.exposure_start_datetime | ts }} - interval '{{ observation.pre_period_days }}' day
    {%- endif %}
    {%- if observation.exposure_end_datetime %}
      and {{ event.at | ident }} < {{ observation.exposure_end_datetime | ts }}
    {%- endif %}
    {%- for filter in observation.event_filters %}
      and {{ filter }}
    {%- endfor %}
  ) as events
  join exposed
    on exposed.unit_id = events.{{ event.unit | ident }}
    and events.{{ event.at | ident }} < exposed.exposed_at
    and events.{{ event.at | ident }} >= exposed.exposed_at - interval '{{ observation.pre_period_days }}' day
),
unit_totals_before as (
  select
    unit_events_before.{{ event.unit | ident }} as unit_id
    {%- for formula in user_formula_list %},
    {{ formula.sql }} as {{ formula.alias | ident }}
    {%- endfor %}
  from unit_events_before
  group by unit_events_before.{{ event.unit | ident }}
)
{#- no line break here: the entry goes on -#}
