-- What the ONVIF device behind a camera said that it is when it last answered, and why it did not since.
create table camera_device (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    -- Its service, without name and password: those are the camera's.
    address text not null check (address !~ '@'),
    profile text not null,
    manufacturer text not null,
    model text not null,
    firmware text not null,
    serial text not null,
    turns boolean not null,
    clock_off_ms bigint,
    answered_at timestamptz not null,
    asked_at timestamptz not null,
    problem text,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on camera_device (asked_at);
call wf_isolate('camera_device');

-- What a device can do beyond pictures: audio, and each analytic. None is used before somebody acknowledged it under an
-- authorisation of its technology. `later`: it was not there when the device was first asked.
create table camera_capability (
    camera_id uuid not null,
    agency_id uuid not null references agency,
    capability text not null check (char_length(capability) between 1 and 80),
    technology text not null,
    later boolean not null,
    found_at timestamptz not null,
    gone_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    primary key (camera_id, capability),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
call wf_isolate('camera_capability');
