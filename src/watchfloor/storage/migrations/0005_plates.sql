-- Plates: readers, reads, pictures, hits, hot lists. Plates compare by bytes (collate "C"). `folded_key` is the plate with
-- alike characters made one (O Q 0, I 1, B 8, S 5, Z 2), five bits a character from the left: equality finds plates that
-- look alike, a range finds those that begin alike.

create table reader (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    technology text not null,
    place text not null,
    lat double precision not null,
    lon double precision not null,
    heading_deg real check (heading_deg >= 0 and heading_deg < 360),
    created_at timestamptz not null,
    created_by uuid not null,
    retired_at timestamptz,
    version bigint not null,
    unique (agency_id, name)
);
call wf_isolate('reader');

-- What the reader last did. `heard_at` counts heartbeats too; `clock_off_ms` is device time less ours at the last read.
create table reader_state (
    reader_id uuid primary key references reader,
    agency_id uuid not null references agency,
    heard_at timestamptz,
    last_read_at timestamptz,
    reads bigint not null,
    duplicates bigint not null,
    refused bigint not null,
    clock_off_ms bigint,
    clock_suspect boolean not null
);
call wf_isolate('reader_state');

create sequence plate_read_number;
grant usage on sequence plate_read_number to wf_app;

create table plate_read (
    number bigint not null default nextval('plate_read_number'),
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    device_id uuid not null,
    source_key text not null collate "C",
    plate text not null collate "C",
    folded_key bigint not null,
    state text collate "C",
    confidence real,
    device_at timestamptz,
    received_at timestamptz not null,
    clock_suspect boolean not null,
    picture text collate "C",
    lane text,
    heading_deg real,
    vehicle jsonb,
    alternatives jsonb,
    authorisation_id uuid not null,
    unique (device_id, source_key, at, rule)
) partition by list (rule);
-- One index answers the exact plate, the one that looks alike, and the one that begins so.
create index on plate_read (folded_key, at);
create index on plate_read (device_id, at);
call wf_isolate('plate_read');

-- A picture that some read refers to; the file is content-addressed and goes with its last row.
create table plate_picture (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    sha256 text not null collate "C",
    device_id uuid not null,
    primary key (sha256, agency_id, at, rule)
) partition by list (rule);
call wf_isolate('plate_picture');

create table hot_list (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    source text not null check (source in ('imported', 'manual')),
    purpose text not null,
    default_days integer not null check (default_days > 0),
    most_days integer not null check (most_days >= default_days),
    -- The edition in force: the import that was applied last. A manual list has one for ever, its own id.
    edition uuid,
    changed_at timestamptz,
    created_at timestamptz not null,
    created_by uuid not null,
    version bigint not null,
    unique (agency_id, name),
    unique (id, agency_id)
);
call wf_isolate('hot_list');

create table hot_list_import (
    id uuid primary key,
    agency_id uuid not null references agency,
    hot_list_id uuid not null,
    -- What was in force when the preview was made: applied only if it still is.
    base_edition uuid,
    state text not null check (state in ('waiting', 'applied', 'expired')),
    sha256 text not null,
    encoding text not null,
    rows integer not null,
    good integer not null,
    bad integer not null,
    new integer not null,
    changed integer not null,
    gone integer not null,
    bad_rows jsonb not null,
    imported_by uuid not null,
    imported_at timestamptz not null,
    expires_at timestamptz not null,
    applied_by uuid,
    applied_at timestamptz,
    foreign key (hot_list_id, agency_id) references hot_list (id, agency_id)
);
create index on hot_list_import (hot_list_id, state);
call wf_isolate('hot_list_import');

-- An entry keeps its id from edition to edition: it is made of list, plate, state and reference. `version` counts the
-- changes of what it says.
create table hot_list_entry (
    edition uuid not null,
    id uuid not null,
    agency_id uuid not null,
    hot_list_id uuid not null,
    plate text not null collate "C",
    folded_key bigint not null,
    state text collate "C",
    reason text not null,
    vehicle text,
    reference text,
    entered_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > entered_at),
    version bigint not null,
    proposal_id uuid,
    primary key (edition, id)
);
create index on hot_list_entry (folded_key);
call wf_isolate('hot_list_entry');

-- One row an agency; raised by every change of a list, so that each matcher looks again within two seconds.
create table hot_list_version (
    agency_id uuid primary key references agency,
    version bigint not null,
    changed_at timestamptz not null
);
call wf_isolate('hot_list_version');

-- A read that a hot-list entry answered to, copied with what the entry said then: it outlives neither its own rule nor
-- depends on the read or the entry.
create table plate_hit (
    id uuid not null,
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    device_id uuid not null,
    source_key text not null collate "C",
    plate text not null collate "C",
    state text collate "C",
    confidence real,
    device_at timestamptz,
    received_at timestamptz not null,
    clock_suspect boolean not null,
    picture text collate "C",
    lane text,
    heading_deg real,
    vehicle jsonb,
    alternatives jsonb,
    answer text not null check (answer in ('match', 'candidate')),
    strict boolean not null,
    reason text not null,
    hot_list_id uuid not null,
    entry_id uuid not null,
    entry_version bigint not null,
    wanted_plate text not null collate "C",
    wanted_state text collate "C",
    wanted_reason text not null,
    wanted_vehicle text,
    wanted_purpose text not null,
    wanted_expires_at timestamptz not null,
    authorisation_id uuid not null,
    primary key (id, at, rule),
    unique (device_id, source_key, entry_id, at, rule)
) partition by list (rule);
create index on plate_hit (entry_id, at);
call wf_isolate('plate_hit');
