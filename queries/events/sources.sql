{#- The only file a team edits: where assignments and events are, and what their columns are called.
    A source is a table or a select in parentheses. Filters, dimensions and formulas read its columns. -#}

{#- One row per assignment of a unit to a variant; the same assignment may come many times. -#}
{%- set assignments %}assignments{% endset -%}
{%- set assignment = {
  unit: observation.split_id,
  experiment: "experiment_name",
  variant: "group_name",
  at: "assigned_at"
} -%}

{#- One row per event of a unit. -#}
{%- set events %}events{% endset -%}
{%- set event = {
  unit: observation.split_id,
  name: "event_name",
  at: "event_timestamp"
} -%}
