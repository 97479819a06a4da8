-- What somebody played of a camera while it was aimed at a dwelling: with what they, or their case, exported of it, it is added up, and
-- more than the limit needs a court's order.
create table dwelling_play (
    id uuid primary key,
    agency_id uuid not null references agency,
    camera_id uuid not null,
    person_id uuid not null,
    case_kind text,
    case_id uuid,
    from_at timestamptz not null,
    until_at timestamptz not null,
    played_at timestamptz not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id)
);
create index on dwelling_play (person_id, played_at);
create index on dwelling_play (case_id, played_at) where case_id is not null;
create index on dwelling_play (played_at);
call wf_isolate('dwelling_play');
