-- What devices say of themselves by their events: the last of each thing, kept while the camera is.
create table camera_notice (
    camera_id uuid not null,
    agency_id uuid not null references agency,
    notice text not null,
    holds boolean not null,
    since timestamptz not null,
    device_at timestamptz,
    primary key (camera_id, notice),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_notice (notice, since) where holds;
call wf_isolate('camera_notice');

-- Whether the device has events; when it was heard, and why it could not be.
alter table camera_device add column events boolean not null default false;
alter table camera_device add column heard_at timestamptz;
alter table camera_device add column heard_problem text;

-- Masks in devices: when the device was last asked for its masks, and those taken away that it is still to take out.
alter table camera_device add column masks_at timestamptz;
alter table camera_mask add column removed_at timestamptz;
