-- Body cameras are given out and given back: with which unit, worn by whom, from when to when, by whom. It says where a person was with a
-- camera, so it is kept as long as somebody may ask what a recording of then is worth, and no longer.
create table body_issue (
    id uuid primary key,
    camera_id uuid not null,
    agency_id uuid not null references agency,
    unit_id uuid not null,
    -- Null: nobody said who of the unit wears it.
    person_id uuid,
    issued_at timestamptz not null,
    issued_by uuid not null,
    returned_at timestamptz check (returned_at >= issued_at),
    returned_by uuid,
    check ((returned_at is null) = (returned_by is null)),
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create unique index on body_issue (camera_id) where returned_at is null;
create index on body_issue (camera_id, issued_at);
call wf_isolate('body_issue');

-- Those that go with a unit already were given out at the latest when they last moved.
insert into body_issue (id, camera_id, agency_id, unit_id, issued_at, issued_by)
    select gen_random_uuid(), id, agency_id, carrier_id, coalesce(placed_at, created_at), created_by from camera where carrier = 'unit';
