-- Covariates from before exposure: how far back an observation looks, and all moments of a metric with them.
alter table observations add column pre_period_days integer;
alter table precomputes add column moments json;
