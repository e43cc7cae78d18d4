-- The tables of the Python original (Expanto for Streamlit), so that its database opens as it is.

create table if not exists experiments (
  id integer primary key autoincrement,
  name varchar(255) not null unique,
  status varchar(50) not null,
  description text,
  hypotheses text,
  key_metrics json,
  design text,
  conclusion text,
  start_datetime datetime,
  end_datetime datetime,
  _created_at datetime not null,
  _updated_at datetime not null
);

create table if not exists observations (
  id integer primary key autoincrement,
  experiment_id integer not null references experiments (id),
  name varchar(100) not null,
  db_experiment_name varchar(510) not null,
  split_id text not null,
  calculation_scenario varchar(100) not null,
  exposure_start_datetime datetime,
  exposure_end_datetime datetime,
  calc_start_datetime datetime,
  calc_end_datetime datetime,
  exposure_event text,
  audience_tables json,
  filters json,
  custom_test_ids_query text,
  metric_tags json,
  metric_groups json,
  _created_at datetime not null,
  _updated_at datetime not null
);

create table if not exists calculation_jobs (
  id integer primary key autoincrement,
  observation_id integer references observations (id),
  query text not null,
  status varchar(50) not null,
  error_message text,
  extra json,
  _created_at datetime not null
);

create table if not exists precomputes (
  id integer primary key autoincrement,
  job_id integer not null references calculation_jobs (id),
  group_name text not null,
  metric_name text not null,
  metric_display_name text not null,
  metric_type text not null,
  observation_cnt integer not null,
  metric_value float not null,
  numerator_avg float,
  denominator_avg float,
  numerator_var float,
  denominator_var float,
  covariance float,
  _created_at datetime not null
);
