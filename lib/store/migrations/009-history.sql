-- Deleted rows stay for a while, to be brought back; what happened to an experiment is kept with its time.
alter table experiments add column deleted_at datetime;
alter table observations add column deleted_at datetime;
create table experiment_events (
  id integer primary key autoincrement,
  experiment_id integer not null references experiments (id),
  kind text not null,
  before json,
  after json,
  words text,
  at datetime not null
);
create index events_by_experiment on experiment_events (experiment_id, at);
