{#- One row per exposed unit: from its assignment on, or from its first exposure event at or after it. With a horizon,
    a unit whose days are not over when the calculation window ends is not counted yet. -#}
{%- import "./sources.sql" as source with context -%}
{%- set event = source.event -%}
{%- set is_cut = observation.horizon_days and observation.calc_end_datetime -%}
{%- if observation.exposure_event -%}
exposures as (
  select
    units.unit_id,
    min(events.{{ event.at | ident }}) as exposed_at
  from units
  join {{ source.events }} as events
    on events.{{ event.unit | ident }} = units.unit_id
    and events.{{ event.at | ident }} >= units.assigned_at
  where events.{{ event.name | ident }} = {{ observation.exposure_event | str }}
  {%- if observation.exposure_start_datetime %}
    and events.{{ event.at | ident }} >= {{ observation.exposure_start_datetime | ts }}
  {%- endif %}
  {%- if observation.exposure_end_datetime %}
    and events.{{ event.at | ident }} < {{ observation.exposure_end_datetime | ts }}
  {%- endif %}
  group by units.unit_id
),
{% endif -%}
exposed as (
  select
    units.unit_id,
    units.group_name,
    units.crossover,
    {% if observation.exposure_event %}exposures.exposed_at{% else %}units.assigned_at as exposed_at{% endif %}
    {%- for dimension in observation.dimensions %},
    units.{{ dimension | ident }}
    {%- endfor %}
  from units
  {%- if observation.exposure_event %}
  join exposures
    on exposures.unit_id = units.unit_id
  {%- endif %}
  {%- if is_cut %}
  where {{ ("exposures.exposed_at" if observation.exposure_event else "units.assigned_at") | plus_days(observation.horizon_days) }} <= {{ observation.calc_end_datetime | ts }}
  {%- endif %}
)
{#- no line break here: the entry goes on -#}
