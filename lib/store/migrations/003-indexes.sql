create index experiments_by_age on experiments (_created_at desc);
create index experiments_by_status on experiments (status, _created_at desc);
create index observations_by_experiment on observations (experiment_id, _created_at desc);
create index jobs_by_observation on calculation_jobs (observation_id, _created_at desc, status);
-- Only the few unfinished jobs are in it: what a starting server asks for.
create index jobs_unfinished on calculation_jobs (status) where status in ('pending', 'running');
create index precomputes_by_job on precomputes (job_id);
create index precomputes_by_metric on precomputes (metric_name, job_id desc);
