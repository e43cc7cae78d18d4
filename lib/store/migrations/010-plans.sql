-- What an experiment was planned for, as the Planner said it.
create table plans (
  experiment_id integer primary key references experiments (id),
  plan json not null
);
