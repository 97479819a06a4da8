-- Who looked up whose plate: never a plate, only its keyed hash (HMAC under a key of the center, which is in no table).

-- Plates of staff and of their households. Nobody reads them back; they are compared.
create table staff_plate (
    person_id uuid not null references person,
    agency_id uuid not null references agency,
    fingerprint bytea not null check (octet_length(fingerprint) = 32),
    relation text not null check (relation in ('own', 'household')),
    registered_by uuid not null,
    registered_at timestamptz not null,
    primary key (person_id, fingerprint)
);
create index on staff_plate (agency_id, fingerprint);
call wf_isolate('staff_plate');

-- That somebody said which plates are theirs, or that there are none.
create table staff_plate_said (
    person_id uuid primary key references person,
    agency_id uuid not null references agency,
    said_by uuid not null,
    said_at timestamptz not null
);
call wf_isolate('staff_plate_said');

-- One look-up: `id` is its entry in the log, beside which what was sought stands. `answered`: somebody had entered the plate.
create table plate_look_up (
    id uuid primary key,
    agency_id uuid not null references agency,
    person_id uuid not null,
    at timestamptz not null,
    way text not null,
    case_id uuid,
    fingerprints bytea[] not null,
    found integer not null,
    answered boolean not null,
    flags text[] not null,
    judged_at timestamptz,
    erase_after timestamptz not null
);
create index on plate_look_up (agency_id, person_id, at);
create index on plate_look_up (id) where judged_at is null;
create index on plate_look_up (erase_after);
call wf_isolate('plate_look_up');

-- A draw: of which entries of the log (those before `closed_entry` and after that of the draw before), by which root, how many.
create table look_up_draw (
    id uuid primary key,
    agency_id uuid not null references agency,
    closed_entry uuid not null references audit_entry,
    closed_at timestamptz not null,
    share_ppm integer not null check (share_ppm between 0 and 1000000),
    size bigint,
    root bytea,
    searched integer,
    drawn integer,
    drawn_at timestamptz,
    check (num_nulls(size, root, searched, drawn, drawn_at) in (0, 5))
);
create index on look_up_draw (agency_id, closed_at desc);
call wf_isolate('look_up_draw');
revoke delete on look_up_draw from wf_app, wf_sweep;

create table look_up_review (
    id uuid primary key,
    agency_id uuid not null references agency,
    entry_id uuid not null unique references audit_entry,
    person_id uuid not null,
    looked_at timestamptz not null,
    causes text[] not null check (cardinality(causes) > 0),
    opened_at timestamptz not null,
    due_at timestamptz not null,
    verdict text check (verdict in ('proper', 'improper', 'cannot_tell')),
    reason text,
    reviewed_by uuid,
    reviewed_at timestamptz,
    told boolean not null default false,
    erase_after timestamptz not null,
    check (num_nulls(verdict, reason, reviewed_by, reviewed_at) in (0, 4)),
    check (reviewed_by is null or reviewed_by <> person_id)
);
create index on look_up_review (agency_id, id);
create index on look_up_review (agency_id, due_at) where verdict is null;
create index on look_up_review (agency_id, person_id, looked_at) where told;
call wf_isolate('look_up_review');
