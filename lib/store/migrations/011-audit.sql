-- Of which observation an event tells (NULL: of the experiment itself), and who did it, as far as that is known.
alter table experiment_events add column observation json;
alter table experiment_events add column who text;
