{#- One row per unit: unit_id, group_name, crossover, exposed_at, the dimensions, and a column per user aggregation;
    where the observation looks back, its twin from before exposure too. The same text serves every engine. -#}
with {% include "./units.sql" %},
{% include "./exposed.sql" %}
{%- if user_formula_list | length %},
{% include "./unit_totals.sql" %}
{%- endif %}
select
  exposed.unit_id,
  exposed.group_name,
  exposed.crossover,
  exposed.exposed_at
  {%- for dimension in observation.dimensions %},
  exposed.{{ dimension | ident }}
  {%- endfor %}
  {%- for formula in user_formula_list %},
  unit_totals.{{ formula.alias | ident }}
  {%- if observation.pre_period_days %},
  unit_totals.{{ formula.alias_before | ident }}
  {%- endif %}
  {%- endfor %}
from exposed
{%- if user_formula_list | length %}
left join unit_totals
  on unit_totals.unit_id = exposed.unit_id
{%- endif %}
