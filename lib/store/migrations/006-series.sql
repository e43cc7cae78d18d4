-- Moments of a metric over all units exposed until the end of a day, from their events until then.
create table series (
  job_id integer not null references calculation_jobs (id),
  metric_name text not null,
  day text not null,
  group_name text not null,
  units integer not null,
  moments json not null,
  primary key (job_id, metric_name, day, group_name)
) without rowid;
