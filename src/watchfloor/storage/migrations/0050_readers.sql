-- Readers: which are lanes of one site, which move and carry their own position; what was told again of one car; how each did, hour by hour.

-- Readers with one `site` are lanes of one place. A `mobile` one says with each read where it was; nobody else's word for that is taken.
alter table reader
    add column site text collate "C",
    add column mobile boolean not null default false;

-- `lat`, `lon`: where a mobile reader was. `told`: every telling of a car that was told more than once, by its lanes or corrected by its reader.
alter table plate_read
    add column lat double precision check (lat between -90 and 90),
    add column lon double precision check (lon between -180 and 180),
    add column told jsonb;

-- How a reader did in one hour, for eight weeks: `slot` is the hour's number modulo 1,344, so that a row is written over when its time is up.
-- `off_ms`: the newest device time less ours of the message that came with the least delay; `late_ms`: the longest delay of one.
create table reader_hour (
    reader_id uuid not null references reader,
    agency_id uuid not null references agency,
    slot smallint not null check (slot between 0 and 1343),
    hour timestamptz not null,
    reads bigint not null,
    refused bigint not null,
    rejected bigint not null,
    off_ms bigint,
    late_ms bigint,
    primary key (reader_id, slot)
);
call wf_isolate('reader_hour');
