{#- The only file a team edits: which table holds the units, and which column is the variant.
    The table is named by db_experiment_name: people.csv or people.parquet is the table people. -#}
{%- set table = observation.db_experiment_name | table -%}
{%- set variant = "variant" -%}
