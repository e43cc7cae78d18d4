alter table experiments add column owner text;
alter table experiments add column guardrails json;
alter table experiments add column variants json;
alter table observations add column event_filters json;
alter table observations add column dimensions json;

create table exposures (
  job_id integer not null references calculation_jobs (id),
  group_name text not null,
  day text not null,
  units integer not null,
  primary key (job_id, group_name, day)
) without rowid;

-- A variant without units has no metric value. SQLite cannot loosen a column, so the table is rebuilt.
create table precomputes_rebuilt (
  id integer primary key autoincrement,
  job_id integer not null references calculation_jobs (id),
  group_name text not null,
  metric_name text not null,
  metric_display_name text not null,
  metric_type text not null,
  observation_cnt integer not null,
  metric_value float,
  numerator_avg float,
  denominator_avg float,
  numerator_var float,
  denominator_var float,
  covariance float,
  _created_at datetime not null
);

insert into precomputes_rebuilt (
  id, job_id, group_name, metric_name, metric_display_name, metric_type, observation_cnt, metric_value,
  numerator_avg, denominator_avg, numerator_var, denominator_var, covariance, _created_at
)
select
  id, job_id, group_name, metric_name, metric_display_name, metric_type, observation_cnt, metric_value,
  numerator_avg, denominator_avg, numerator_var, denominator_var, covariance, _created_at
from precomputes;

drop table precomputes;
alter table precomputes_rebuilt rename to precomputes;
