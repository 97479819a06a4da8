-- Short texts between the crews of an incident and the room; they go with it. `at` is when it was written, `received_at` when
-- it reached us: a phone without a link keeps it until then.

create table incident_message (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null,
    side text not null check (side in ('field', 'room')),
    unit_id uuid,
    by_id uuid not null,
    text text not null check (char_length(text) between 1 and 500),
    at timestamptz not null,
    received_at timestamptz not null,
    unique (id, agency_id),
    foreign key (incident_id, agency_id) references incident (id, agency_id) on delete cascade,
    foreign key (unit_id, agency_id) references unit (id, agency_id),
    check ((side = 'field') = (unit_id is not null))
);
create index on incident_message (incident_id, received_at, id);
call wf_isolate('incident_message');

create table incident_message_seen (
    message_id uuid not null,
    agency_id uuid not null references agency,
    person_id uuid not null,
    at timestamptz not null,
    primary key (message_id, person_id),
    foreign key (message_id, agency_id) references incident_message (id, agency_id) on delete cascade
);
call wf_isolate('incident_message_seen');
