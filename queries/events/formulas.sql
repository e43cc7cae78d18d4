{#- One row per exposed unit with events, a column per user aggregation, for the table `population` of exposed units. -#}
with exposed as (
  select *
  from population
),
{% include "./unit_totals.sql" %}
select
  exposed.uid
  {%- for formula in user_formula_list %},
  unit_totals.{{ formula.alias | ident }}
  {%- if observation.pre_period_days %},
  unit_totals.{{ formula.alias_before | ident }}
  {%- endif %}
  {%- endfor %}
from unit_totals
join exposed
  on exposed.unit_id = unit_totals.unit_id
