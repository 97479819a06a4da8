-- Planned work on cameras, by which a gap has a cause and an owner; and the devices that a camera of the registry has had.

create table maintenance_window (
    id uuid primary key,
    agency_id uuid not null references agency,
    -- What is worked on, in words: “Switch MDF-3”.
    label text not null,
    -- The cameras that it named when it was planned: one that is moved to the switch later is not of it.
    cameras uuid[] not null check (cardinality(cameras) > 0),
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at > from_at),
    reason text not null,
    planned_by uuid not null,
    planner text not null,
    planned_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid
);
create index on maintenance_window (agency_id, from_at);
call wf_isolate('maintenance_window');

create table camera_replacement (
    id uuid primary key,
    camera_id uuid not null,
    agency_id uuid not null references agency,
    model text not null,
    began_at timestamptz not null,
    ended_at timestamptz,
    reason text not null,
    replaced_by text not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create unique index on camera_replacement (camera_id) where ended_at is null;
create index on camera_replacement (camera_id, began_at);
call wf_isolate('camera_replacement');
