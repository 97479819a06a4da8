-- Who turns a camera now: until when without another move, under which rank of theirs, and whether it looks elsewhere than home.
create table camera_lock (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    holder_id uuid not null,
    rank integer not null,
    taken_at timestamptz not null,
    until timestamptz not null,
    moved_at timestamptz not null,
    away boolean not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_lock (moved_at) where away;
call wf_isolate('camera_lock');

-- The places that the device knows how to look at: [{"token", "name"}].
alter table camera_device add column presets jsonb not null default '[]';
