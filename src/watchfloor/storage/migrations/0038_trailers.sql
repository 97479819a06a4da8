-- Trailers: what carries cameras and plate readers about, where each of those stood before, and what was counted around each place.

-- What carries a camera moves it: a trailer, or the unit that a body camera goes with. `offset_deg`: how far its heading is from that of
-- what carries it. `placed_at`: since when it stands where it does; null since it was registered.
alter table camera
    add column carrier text check (carrier in ('trailer', 'unit')),
    add column carrier_id uuid,
    add column offset_deg real check (offset_deg >= 0 and offset_deg < 360),
    add column placed_at timestamptz,
    add constraint camera_carried check ((carrier is null) = (carrier_id is null));
create index on camera (carrier_id) where carrier_id is not null;
alter table reader
    add column trailer_id uuid,
    add column offset_deg real check (offset_deg >= 0 and offset_deg < 360),
    add column placed_at timestamptz;
create index on reader (trailer_id) where trailer_id is not null;

-- Where a camera stood before: a row for each place that it left. `erase_after` is of what goes with a person; null: kept with the camera.
create table camera_stood (
    camera_id uuid not null,
    agency_id uuid not null references agency,
    since timestamptz not null,
    until timestamptz not null check (until > since),
    place text not null,
    lat double precision not null,
    lon double precision not null,
    heading_deg real,
    erase_after timestamptz,
    primary key (camera_id, until),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_stood (agency_id, until);
call wf_isolate('camera_stood');
create table reader_stood (
    reader_id uuid not null references reader,
    agency_id uuid not null references agency,
    since timestamptz not null,
    until timestamptz not null check (until > since),
    place text not null,
    lat double precision not null,
    lon double precision not null,
    heading_deg real,
    primary key (reader_id, until)
);
call wf_isolate('reader_stood');

-- Body cameras are a technology of their own; centers that stand have to know it, too. None is authorised.
insert into technology (id, agency_id, kind, title, description, created_at)
    select gen_random_uuid(), id, 'body_camera', 'Body cameras', 'Cameras that officers wear, where they send live.', created_at from agency
    on conflict do nothing;

create table trailer (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    -- Where its lights are switched; null: they are not, from here.
    lights_url text check (lights_url !~ '@'),
    created_at timestamptz not null,
    created_by uuid not null,
    retired_at timestamptz,
    version bigint not null,
    unique (id, agency_id)
);
create unique index on trailer (agency_id, name) where retired_at is null;
call wf_isolate('trailer');

-- Where a trailer was placed, from when to when, by whom and why. `authorisation_id` is the one it stood under when it was placed; null:
-- none covered the place. Of its ends `moved` is the trailer's own word: it is away, and nobody said so.
create table trailer_placement (
    id uuid primary key,
    agency_id uuid not null references agency,
    trailer_id uuid not null,
    place text not null,
    lat double precision not null,
    lon double precision not null,
    heading_deg real not null check (heading_deg >= 0 and heading_deg < 360),
    reason text not null,
    placed_at timestamptz not null,
    placed_by uuid not null,
    authorisation_id uuid,
    ended_at timestamptz,
    ended_by uuid,
    ended_how text check (ended_how in ('placed', 'taken_away', 'moved', 'retired')),
    check ((ended_at is null) = (ended_how is null)),
    foreign key (trailer_id, agency_id) references trailer (id, agency_id)
);
create unique index on trailer_placement (trailer_id) where ended_at is null;
create index on trailer_placement (trailer_id, placed_at);
call wf_isolate('trailer_placement');

-- What a trailer last said of itself. `doubt`: why its newest position was not believed. `away_since`: since when it says that it is not where
-- it was placed. `moved_at`: since when it is known to be away without a placement.
create table trailer_state (
    trailer_id uuid primary key,
    agency_id uuid not null references agency,
    lat double precision,
    lon double precision,
    position_at timestamptz,
    clock_suspect boolean not null default false,
    doubt text,
    away_since timestamptz,
    moved_at timestamptz,
    battery_pct real,
    solar_w real,
    signal_dbm real,
    carrier text,
    lights text check (lights in ('off', 'on', 'strobe')),
    heard_at timestamptz,
    lights_asked text,
    lights_asked_at timestamptz,
    lights_asked_by uuid,
    lights_ok boolean,
    lights_answer text,
    foreign key (trailer_id, agency_id) references trailer (id, agency_id)
);
call wf_isolate('trailer_state');

-- The sealed secret by which the switching of a trailer's lights is signed.
create table trailer_lights (
    trailer_id uuid primary key,
    agency_id uuid not null references agency,
    sealed bytea not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    foreign key (trailer_id, agency_id) references trailer (id, agency_id)
);
call wf_isolate('trailer_lights');

-- How many incidents, calls and alerts there were around a placement before it, meanwhile and after it. Counts alone: they outlast what was counted.
create table trailer_figure (
    placement_id uuid not null references trailer_placement on delete cascade,
    agency_id uuid not null references agency,
    period text not null check (period in ('before', 'during', 'after')),
    what text not null check (what in ('incident', 'call', 'alert')),
    kind text not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    radius_m int not null,
    count int not null,
    counted_at timestamptz not null,
    primary key (placement_id, period, what, kind)
);
call wf_isolate('trailer_figure');
