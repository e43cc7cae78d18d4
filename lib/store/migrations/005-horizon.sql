-- Days after each unit's exposure in which its events count; NULL counts them to the end of the window.
alter table observations add column horizon_days integer;
