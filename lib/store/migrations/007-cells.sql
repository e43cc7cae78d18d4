-- Moments of a job in the crossings of its dimensions: one gzipped JSON text of columns.
create table cells (
  job_id integer primary key references calculation_jobs (id),
  cells blob not null
);
