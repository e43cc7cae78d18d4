{#- One row per day of events that can count: how many there are, and what they are as one number, by which a day that
    has changed since is noticed. -#}
{%- import "./sources.sql" as source with context -%}
{%- set at = source.event.at | ident -%}
select
  cast({{ at | day }} as varchar) as day,
  count(*) as n,
  cast(sum(hash(events)) as varchar) as content
from {{ source.events }} as events
where {{ at }} is not null
{%- if observation.exposure_start_datetime %}
  and {{ at }} >= {{ observation.exposure_start_datetime | ts | plus_days(-observation.pre_period_days) }}
{%- endif %}
{%- if observation.calc_end_datetime %}
  and {{ at }} < {{ observation.calc_end_datetime | ts }}
{%- endif %}
group by 1
order by 1
