-- What a job was made of, as it was then: the observation, the metrics' definitions; one gzipped JSON text.
create table job_inputs (
  job_id integer primary key references calculation_jobs (id),
  inputs blob not null
);
