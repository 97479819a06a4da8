-- What of a camera's picture nobody sees without the right to: polygons in parts of the picture, [[x, y]] from 0 to 1.
create table camera_mask (
    id uuid primary key,
    camera_id uuid not null,
    agency_id uuid not null references agency,
    name text not null,
    reason text not null,
    corners jsonb not null,
    set_by uuid not null,
    set_at timestamptz not null,
    -- What the device calls it, since when each look found it there, and when one missed it.
    device_token text,
    in_device_since timestamptz,
    gone_at timestamptz,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_mask (camera_id, set_at);
call wf_isolate('camera_mask');
