{#- The first counted assignment of each unit in the exposure window, and whether the unit was seen in two variants. -#}
{%- import "./sources.sql" as source with context -%}
{%- set assignment = source.assignment -%}
{%- set first_at = "case when is_counted then assigned_at end" if observation.filters | length else "assigned_at" -%}
assignment_rows as (
  select
    {{ assignment.unit | ident }} as unit_id,
    {% if purpose == "planning" %}'planning'{% else %}{{ assignment.variant | ident | text }}{% endif %} as group_name,
    {{ assignment.at | ident }} as assigned_at
    {%- for dimension in observation.dimensions %},
    coalesce({{ dimension | ident | text }}, '') as {{ dimension | ident }}
    {%- endfor %}
    {%- if observation.filters | length %},
    coalesce({{ observation.filters | join(" and ") }}, false) as is_counted
    {%- endif %}
  from {% if observation.custom_test_ids_query %}({{ observation.custom_test_ids_query }}){% else %}{{ source.assignments }}{% endif %} as assignments
  where {{ assignment.unit | ident }} is not null
  {%- if purpose != "planning" and not observation.custom_test_ids_query %}
    and {{ assignment.experiment | ident }} = {{ observation.db_experiment_name | str }}
  {%- endif %}
  {%- if observation.exposure_start_datetime %}
    and {{ assignment.at | ident }} >= {{ observation.exposure_start_datetime | ts }}
  {%- endif %}
  {%- if observation.exposure_end_datetime %}
    and {{ assignment.at | ident }} < {{ observation.exposure_end_datetime | ts }}
  {%- endif %}
  {%- for audience in observation.audience_tables %}
    and {{ assignment.unit | ident }} in (select {{ observation.split_id | ident }} from {{ audience | table }})
  {%- endfor %}
),
units as (
  select
    unit_id,
    min(group_name) as group_name,
    coalesce(min(group_name) <> max(group_name), false) as crossover,
    min({{ first_at }}) as assigned_at
    {%- for dimension in observation.dimensions %},
    nullif({{ dimension | ident | first_by(first_at) }}, '') as {{ dimension | ident }}
    {%- endfor %}
  from assignment_rows
  group by unit_id
  {%- if observation.filters | length %}
  having max(case when is_counted then 1 else 0 end) = 1
  {%- endif %}
)
{#- no line break here: the entry goes on -#}
