-- Searches for who travelled with a vehicle, each under a court's order and by two persons. Who asked and what came of it stays
-- for oversight and holds no plate; the vehicle and what was found are apart, and end by themselves.

create table co_travel (
    id uuid primary key,
    agency_id uuid not null references agency,
    proposal_id uuid not null,
    case_id uuid not null,
    court_order text not null check (char_length(court_order) between 3 and 100),
    reason text not null check (char_length(reason) between 3 and 500),
    asked_by uuid not null,
    asked_at timestamptz not null,
    asked_until timestamptz not null,
    state text not null check (state in ('asked', 'waiting', 'running', 'ready', 'stopped', 'failed')),
    said text not null,
    progress real not null,
    passes integer,
    drives integer,
    tries integer,
    found integer,
    ended_at timestamptz,
    expires_at timestamptz,
    unique (id, agency_id)
);
create index on co_travel (agency_id, asked_at desc, id desc);
call wf_isolate('co_travel');

create table co_travel_vehicle (
    search_id uuid primary key,
    agency_id uuid not null references agency,
    plate text not null collate "C",
    since timestamptz not null,
    until timestamptz not null,
    companions jsonb,
    erase_after timestamptz not null,
    foreign key (search_id, agency_id) references co_travel (id, agency_id) on delete cascade
);
call wf_isolate('co_travel_vehicle');
