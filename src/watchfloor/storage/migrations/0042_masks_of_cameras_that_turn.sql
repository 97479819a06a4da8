-- Masks of a camera that turns hold where it stood when they were set: what its device then said of its pan, tilt and zoom, and which
-- preset that was. Without corners: somebody looked there, and nothing is to be masked.
alter table camera_mask
    add column stand_device text,
    add column pan double precision,
    add column tilt double precision,
    add column zoom double precision,
    add column preset text not null default '',
    add constraint camera_mask_stand check (num_nulls(stand_device, pan, tilt, zoom) in (0, 4));

-- When it was last told to turn: what its device says just then may be of before it began to.
alter table camera_device add column turned_at timestamptz;

-- Where a camera stood whose masks go by it: one row for each time that it was known to.
create table camera_stand (
    id uuid primary key,
    camera_id uuid not null,
    agency_id uuid not null references agency,
    device text not null,
    pan double precision not null,
    tilt double precision not null,
    zoom double precision not null,
    from_at timestamptz not null,
    seen_at timestamptz not null check (seen_at >= from_at),
    until_at timestamptz check (until_at >= from_at),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create unique index on camera_stand (camera_id) where until_at is null;
create index on camera_stand (camera_id, from_at);
call wf_isolate('camera_stand');
