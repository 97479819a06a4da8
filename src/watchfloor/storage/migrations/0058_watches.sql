-- Watches: coming reads looked at for a part of a plate or a description, under a case and by two persons. What answers is
-- kept as a possible hit, which rests on a watch instead of a hot-list entry: its `entry_id` is the watch.

create table plate_watch (
    id uuid primary key,
    agency_id uuid not null references agency,
    case_id uuid not null,
    purpose text not null,
    reason text not null,
    pattern text collate "C",
    state text collate "C",
    colour text,
    make text,
    body text,
    place jsonb,
    readers uuid[] not null default '{}',
    from_hour smallint check (from_hour between 0 and 23),
    to_hour smallint check (to_hour between 0 and 23),
    -- What was expected of it before it was approved: hits, and of how many hours of reads.
    expected jsonb not null,
    most_per_shift integer not null check (most_per_shift > 0),
    proposal_id uuid not null,
    proposed_by uuid not null,
    approved_by uuid not null,
    started_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > started_at),
    -- From when on hits count against its budget: its begin, or when it was last resumed.
    counted_from timestamptz not null,
    paused_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    withdrawn_why text,
    -- That it ended with its case is in the log.
    ended_at timestamptz,
    version bigint not null,
    check (pattern is not null or colour is not null or make is not null or body is not null),
    check ((from_hour is null) = (to_hour is null)),
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_why is null))
);
create index on plate_watch (agency_id, started_at);
create index on plate_watch (case_id);
call wf_isolate('plate_watch');

alter table plate_hit alter column hot_list_id drop not null;
alter table plate_hit alter column wanted_plate drop not null;
alter table plate_hit add column watch_id uuid;
alter table plate_hit add check (case when watch_id is null then hot_list_id is not null and wanted_plate is not null
    else hot_list_id is null and wanted_plate is null and grade = 'possible' end);
-- Where a reader that moves was when it read.
alter table plate_hit add column lat double precision;
alter table plate_hit add column lon double precision;
