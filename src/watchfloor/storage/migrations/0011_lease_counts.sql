-- How often machines were answered, by day, asker and need: told of in one log entry each when the day is over, then gone.
-- The count that each lease carried was never read.

create table lease_count (
    agency_id uuid not null,
    day date not null,
    asker text not null,
    need text not null,
    allowed bigint not null,
    refused bigint not null,
    changes bigint not null,
    primary key (agency_id, day, asker, need)
);
call wf_isolate('lease_count');

alter table machine_lease drop column renewals;
