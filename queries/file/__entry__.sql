{#- One row per unit of a file that already has one row per user: its variant, its dimensions, and a column per
    user aggregation. There are no events and no times: windows are not looked at. -#}
{%- import "./sources.sql" as source with context -%}
with file_rows as (
  select *
  from {% if observation.custom_test_ids_query %}({{ observation.custom_test_ids_query }}){% else %}{{ source.table }}{% endif %} as file
  where {{ observation.split_id | ident }} is not null
  {%- for audience in observation.audience_tables %}
    and {{ observation.split_id | ident }} in (select {{ observation.split_id | ident }} from {{ audience | table }})
  {%- endfor %}
),
units as (
  select
    file_rows.{{ observation.split_id | ident }} as unit_id,
    {% if purpose == "planning" %}'planning'{% else %}min({{ ("file_rows." ~ source.variant) | text }}){% endif %} as group_name,
    {% if purpose == "planning" %}false{% else %}count(distinct file_rows.{{ source.variant | ident }}) > 1{% endif %} as crossover
  from file_rows
  group by file_rows.{{ observation.split_id | ident }}
),
unit_totals as (
  select
    file_rows.{{ observation.split_id | ident }} as unit_id
    {%- for dimension in observation.dimensions %},
    min({{ ("file_rows." ~ (dimension | ident)) | text }}) as {{ dimension | ident }}
    {%- endfor %}
    {%- for formula in user_formula_list %},
    {{ formula.sql }} as {{ formula.alias | ident }}
    {%- endfor %}
  from file_rows
  {%- for filter in observation.filters %}
  {% if loop.first %}where{% else %}  and{% endif %} {{ filter }}
  {%- endfor %}
  group by file_rows.{{ observation.split_id | ident }}
)
select
  units.unit_id,
  units.group_name,
  units.crossover,
  cast(null as timestamp) as exposed_at
  {%- for dimension in observation.dimensions %},
  unit_totals.{{ dimension | ident }}
  {%- endfor %}
  {%- for formula in user_formula_list %},
  unit_totals.{{ formula.alias | ident }}
  {%- endfor %}
from units
join unit_totals
  on unit_totals.unit_id = units.unit_id
