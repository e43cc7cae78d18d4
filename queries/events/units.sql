{#- The first counted assignment of each unit in the exposure window, and whether the unit was seen in two variants. -#}
{%- import "./sources.sql" as source with context -%}
{%- set assignment = source.assignment -%}
assignment_rows as (
  select
    {{ assignment.unit | ident }} as unit_id,
    {% if purpose == "planning" %}'planning'{% else %}{{ assignment.variant | ident | text }}{% endif %} as group_name,
    {{ assignment.at | ident }} as assigned_at
    {%- for dimension in observation.dimensions %},
    {{ dimension | ident | text }} as {{ dimension | ident }}
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
ranked_rows as (
  select
    assignment_rows.*,
    coalesce(
      min(group_name) over (partition by unit_id) <> max(group_name) over (partition by unit_id),
      false
    ) as crossover,
    row_number() over (
      partition by unit_id
      order by {% if observation.filters | length %}is_counted desc, {% endif %}assigned_at, group_name
    ) as assignment_rank
  from assignment_rows
),
units as (
  select *
  from ranked_rows
  where assignment_rank = 1
  {%- if observation.filters | length %}
    and is_counted
  {%- endif %}
)
{#- no line break here: the entry goes on -#}
