-- Video: cameras, their credentials and states, which recorder has which camera, stored segments, gaps.

create table camera (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    technology text not null,
    -- rtsp:// or rtsps:// without name and password: those are in camera_secret.
    address text not null check (address !~ '@'),
    place text not null,
    lat double precision not null,
    lon double precision not null,
    heading_deg real check (heading_deg >= 0 and heading_deg < 360),
    enabled boolean not null,
    created_at timestamptz not null,
    created_by uuid not null,
    removed_at timestamptz,
    version bigint not null,
    unique (id, agency_id)
);
create unique index on camera (agency_id, name) where removed_at is null;
call wf_isolate('camera');

-- Name and password of a camera, sealed by a key outside the database.
create table camera_secret (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    sealed bytea not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
call wf_isolate('camera_secret');

-- What the recorder last said. `since` is when this status began, `said_at` when it was last said to be so.
create table camera_state (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    status text not null,
    reason text not null,
    since timestamptz not null,
    said_at timestamptz not null,
    recording boolean not null,
    last_frame_at timestamptz,
    skew_ms bigint,
    width integer,
    height integer,
    mime text,
    repaired bigint not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
call wf_isolate('camera_state');

-- Which recorder has the camera. The epoch rises with every taking: a recorder that lost the camera cannot write any more
-- than what it recorded before `taken_at`.
create table camera_assignment (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    worker_id uuid not null,
    epoch bigint not null,
    taken_at timestamptz not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_assignment (worker_id);
call wf_isolate('camera_assignment');

-- One stored file of footage. `at` is its first frame, `keys` its keyframe index: (offset, ms since `at`) pairs of u32.
create table segment (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= at),
    id uuid not null,
    camera_id uuid not null,
    run bigint not null,
    worker_id uuid not null,
    epoch bigint not null,
    frames integer not null,
    size bigint not null,
    sha256 bytea not null,
    keys bytea not null,
    mime text not null,
    width integer not null,
    height integer not null,
    primary key (id, at, rule)
) partition by list (rule);
create index on segment (camera_id, at);
call wf_isolate('segment');

-- A stretch without footage, and why. `at` is where it begins.
create table footage_gap (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= at),
    id uuid not null,
    camera_id uuid not null,
    worker_id uuid not null,
    reason text not null,
    primary key (id, at, rule)
) partition by list (rule);
create index on footage_gap (camera_id, at);
call wf_isolate('footage_gap');
