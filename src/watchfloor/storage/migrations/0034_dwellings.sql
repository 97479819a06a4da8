-- Presets that a person marked as a view of a dwelling, and how long cameras were aimed at one: more than two hours of a day need
-- a court's order.
create table dwelling_view (
    camera_id uuid not null,
    agency_id uuid not null references agency,
    preset text not null,
    dwelling text not null,
    marked_by uuid not null,
    marked_at timestamptz not null,
    primary key (camera_id, preset),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
call wf_isolate('dwelling_view');

create table camera_aim (
    id uuid primary key,
    camera_id uuid not null,
    agency_id uuid not null references agency,
    dwelling text not null,
    by_order boolean not null,
    from_at timestamptz not null,
    until_at timestamptz,
    -- What was said of it: 1 that its end is near, 2 that it is over.
    told smallint not null default 0,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create unique index on camera_aim (camera_id) where until_at is null;
create index on camera_aim (until_at);
call wf_isolate('camera_aim');
