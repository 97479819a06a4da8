-- Readers that are cameras: plates are read here, on the camera's own video.

-- A camera is one reader for ever: taken out of service it can be taken back, and what it read stays its own.
alter table reader add column camera_id uuid references camera;
create unique index on reader (camera_id) where camera_id is not null;

-- How the reading of a camera goes, as the process that reads says it, and what became of its pictures since the beginning.
create table reader_video (
    reader_id uuid primary key references reader,
    agency_id uuid not null references agency,
    level text not null check (level in ('off', 'standby', 'normal', 'caution', 'serious')),
    word text not null,
    reason text not null,
    since timestamptz not null,
    said_at timestamptz not null,
    pictures bigint not null default 0,
    still bigint not null default 0,
    masked bigint not null default 0,
    undecodable bigint not null default 0,
    busy bigint not null default 0,
    failed bigint not null default 0,
    no_leave bigint not null default 0,
    looked bigint not null default 0,
    cpu_ms bigint not null default 0
);
call wf_isolate('reader_video');

-- The same hour by hour, for eight weeks: `slot` as in reader_hour.
create table reader_video_hour (
    reader_id uuid not null references reader,
    agency_id uuid not null references agency,
    slot smallint not null check (slot between 0 and 1343),
    hour timestamptz not null,
    pictures bigint not null,
    still bigint not null,
    masked bigint not null,
    undecodable bigint not null,
    busy bigint not null,
    failed bigint not null,
    no_leave bigint not null,
    looked bigint not null,
    cpu_ms bigint not null,
    primary key (reader_id, slot)
);
call wf_isolate('reader_video_hour');
