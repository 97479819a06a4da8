-- Vehicles that are followed under an incident, one at a time, and where they were read: copied, as hits are, and gone with the
-- incident. One person begins; by `ratify_by` a second has agreed, or it has ended.

create table follow (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null,
    plate text not null collate "C",
    state text,
    folded_key bigint not null,
    looked_back_to timestamptz not null,
    started_by uuid not null,
    started_at timestamptz not null,
    ratify_by timestamptz,
    ratified_by uuid,
    ended_by uuid,
    ended_at timestamptz,
    ended_why text check (ended_why in ('stopped', 'incident_closed', 'not_ratified', 'not_authorised')),
    unique (id, agency_id),
    foreign key (incident_id, agency_id) references incident (id, agency_id) on delete cascade,
    check ((ended_at is null) = (ended_why is null))
);
create unique index follow_one_at_a_time on follow (incident_id) where ended_at is null;
create index on follow (incident_id, started_at);
call wf_isolate('follow');

-- `told` is when the crews that were there got it as a message; what was read before anybody followed is told to nobody.
create table sighting (
    id uuid primary key,
    agency_id uuid not null references agency,
    follow_id uuid not null,
    reader_id uuid not null,
    at timestamptz not null,
    received_at timestamptz not null,
    plate text not null collate "C",
    state text,
    lat double precision not null,
    lon double precision not null,
    place text not null,
    heading_deg real,
    picture text,
    told_at timestamptz,
    unique (id, agency_id),
    unique (follow_id, reader_id, at),
    foreign key (follow_id, agency_id) references follow (id, agency_id) on delete cascade
);
create index on sighting (picture) where picture is not null;
call wf_isolate('sighting');

alter table incident_message add column sighting_id uuid;
alter table incident_message add foreign key (sighting_id, agency_id) references sighting (id, agency_id) on delete cascade;
-- With a sighting its message goes; without this each would be looked for among all.
create index on incident_message (sighting_id) where sighting_id is not null;
