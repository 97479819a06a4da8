-- The field: street maps, calls, units and where they are, alerts and their review, incidents, assignments, outcomes.
-- References carry the agency, because a foreign key does not ask row security.

create table street_map (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    attribution text not null,
    sha256 text not null,
    nodes integer not null,
    streets integer not null,
    south double precision not null,
    west double precision not null,
    north double precision not null,
    east double precision not null,
    rows integer not null,
    skipped jsonb not null,
    remarks text[] not null,
    imported_by uuid not null,
    imported_at timestamptz not null,
    in_use boolean not null
);
create unique index street_map_in_use on street_map (agency_id) where in_use;
call wf_isolate('street_map');

-- `serial` counts the numbers we give ourselves, by year; a number from elsewhere has none.
create table call (
    id uuid primary key,
    agency_id uuid not null references agency,
    number text not null,
    year smallint,
    serial integer,
    type text not null,
    priority smallint not null check (priority between 1 and 5),
    purpose text not null,
    place text not null,
    lat double precision,
    lon double precision,
    text text not null,
    taken_by uuid not null,
    taken_at timestamptz not null,
    closed_by uuid,
    closed_at timestamptz,
    closed_why text,
    version bigint not null,
    unique (agency_id, number),
    unique (agency_id, year, serial),
    unique (id, agency_id),
    check ((lat is null) = (lon is null)),
    check ((closed_at is null) = (closed_by is null))
);
create index on call (agency_id, taken_at);
call wf_isolate('call');

-- The last known position is here; its history, kept by `rule`, is in unit_position. `busy_with` is the assignment a unit
-- is on: whoever sets it first has the unit.
create table unit (
    id uuid primary key,
    agency_id uuid not null references agency,
    call_sign text not null,
    rule smallint not null references retention_rule,
    lat double precision,
    lon double precision,
    accuracy_m real,
    speed_mps real,
    heading_deg real,
    position_at timestamptz,
    position_received_at timestamptz,
    clock_suspect boolean,
    busy_with uuid,
    created_by uuid not null,
    created_at timestamptz not null,
    retired_at timestamptz,
    version bigint not null,
    unique (id, agency_id),
    check ((position_at is null) = (lat is null) and (lat is null) = (lon is null))
);
create unique index unit_call_sign on unit (agency_id, call_sign) where retired_at is null;
call wf_isolate('unit');

create table unit_crew (
    unit_id uuid not null,
    agency_id uuid not null references agency,
    person_id uuid not null references person,
    since timestamptz not null,
    until timestamptz,
    set_by uuid not null,
    primary key (unit_id, person_id, since),
    foreign key (unit_id, agency_id) references unit (id, agency_id)
);
create unique index unit_crew_one_unit on unit_crew (person_id) where until is null;
call wf_isolate('unit_crew');

create table unit_position (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    unit_id uuid not null,
    source_key text not null collate "C",
    lat double precision not null,
    lon double precision not null,
    accuracy_m real,
    speed_mps real,
    heading_deg real,
    device_at timestamptz,
    received_at timestamptz not null,
    clock_suspect boolean not null,
    primary key (unit_id, source_key, at, rule)
) partition by list (rule);
create index on unit_position (unit_id, at);
call wf_isolate('unit_position');

-- One card of the queue. `basis` is what it rests on (the read, the wanted entry); nothing of it is shown before the
-- reviewer has typed what the picture says. `entry_id` .. `vehicle_key` are the binding: what was read, taken for what.
create table alert (
    id uuid primary key,
    agency_id uuid not null references agency,
    kind text not null check (kind = 'plate_hit'),
    state text not null check (state in ('waiting', 'acknowledged', 'in_review', 'escalated', 'confirmed', 'dismissed')),
    level text not null check (level in ('normal', 'caution', 'serious', 'critical')),
    title text not null,
    place text not null,
    lat double precision,
    lon double precision,
    at timestamptz not null,
    raised_at timestamptz not null,
    deadline_at timestamptz,
    why text not null,
    sure_percent smallint check (sure_percent between 0 and 100),
    sure_word text not null,
    unknown text[] not null,
    purpose text not null,
    technology text not null,
    basis jsonb not null,
    entry_id uuid not null,
    entry_version bigint not null,
    read_plate text not null collate "C",
    read_state text not null collate "C",
    vehicle_key text not null,
    lowered_by uuid,
    seen integer not null check (seen >= 1),
    last_seen_at timestamptz not null,
    holder_id uuid,
    holder_role text,
    claimed_at timestamptz,
    escalated_at timestamptz,
    reason text,
    note text,
    decided_by uuid,
    decided_at timestamptz,
    incident_id uuid,
    -- Null while its incident is open; closing that gives it the incident's own end.
    erase_after timestamptz,
    version bigint not null,
    unique (id, agency_id),
    check ((state in ('confirmed', 'dismissed')) = (decided_at is not null)),
    check ((state = 'confirmed') = (incident_id is not null)),
    check (state = 'confirmed' or erase_after is not null)
);
create index alert_open on alert (agency_id) where decided_at is null;
create index on alert (agency_id, decided_at) where decided_at is not null;
create index on alert (incident_id) where incident_id is not null;
create index alert_overdue on alert (agency_id, deadline_at) where state = 'waiting';
create index on alert (entry_id, last_seen_at);
call wf_isolate('alert');

-- Every hit behind a card: bundling counts them and drops none.
create table alert_part (
    alert_id uuid not null,
    agency_id uuid not null references agency,
    hit_id uuid not null,
    at timestamptz not null,
    device_id uuid not null,
    place text not null,
    lat double precision,
    lon double precision,
    heading_deg real,
    picture text collate "C",
    confidence real,
    added_at timestamptz not null,
    primary key (alert_id, hit_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade
);
create index on alert_part (hit_id);
call wf_isolate('alert_part');

-- One person's look at an alert, step by step: the picture, what they typed, the entry, the live record, the verdict.
create table review (
    id uuid primary key,
    agency_id uuid not null references agency,
    alert_id uuid not null,
    reviewer_id uuid not null,
    opened_at timestamptz not null,
    typed_plate text collate "C",
    typed_state text collate "C",
    typed_vehicle text,
    typed_at timestamptz,
    entry jsonb,
    agreement text check (agreement in ('match', 'candidate', 'mismatch')),
    differences jsonb,
    record_reply text check (record_reply in ('active', 'cancelled', 'no_record', 'unreachable')),
    record_reference text,
    record_checked_at timestamptz,
    vehicle_agrees boolean,
    verdict text check (verdict in ('confirmed', 'dismissed', 'handed_over')),
    reason text,
    note text,
    closed_at timestamptz,
    hasty boolean,
    unique (id, verdict, agency_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade,
    check ((verdict is null) = (closed_at is null)),
    -- What a confirmation rests on is held here too, below any code.
    check (verdict is distinct from 'confirmed' or
           (typed_at is not null and typed_plate is not null and agreement = 'match' and record_reply = 'active' and vehicle_agrees))
);
create unique index review_one_open on review (alert_id) where verdict is null;
create unique index review_one_confirmed on review (alert_id) where verdict = 'confirmed';
call wf_isolate('review');

-- A reading of an entry that a person found to be false: it lowers the next alert and is shown there, and ends with the entry.
create table false_binding (
    id uuid primary key,
    agency_id uuid not null references agency,
    entry_id uuid not null,
    entry_version bigint not null,
    read_plate text not null collate "C",
    read_state text not null collate "C",
    vehicle_key text not null,
    reason text not null,
    alert_id uuid not null,
    found_by uuid not null,
    found_at timestamptz not null,
    until timestamptz not null,
    unique (agency_id, entry_id, entry_version, read_plate, read_state, vehicle_key)
);
call wf_isolate('false_binding');

-- What somebody answers: out of a confirmed review, a call, or an officer's emergency, and out of nothing else.
create table incident (
    id uuid primary key,
    agency_id uuid not null references agency,
    number text not null,
    year smallint not null,
    serial integer not null,
    origin text not null check (origin in ('alert', 'call', 'officer')),
    alert_id uuid,
    review_id uuid,
    review_verdict text,
    call_id uuid,
    unit_id uuid,
    kind text not null,
    level text not null check (level in ('normal', 'caution', 'serious', 'critical')),
    title text not null,
    place text not null,
    lat double precision,
    lon double precision,
    at timestamptz not null,
    opened_by uuid not null,
    opened_at timestamptz not null,
    state text not null check (state in ('open', 'assigned', 'closed')),
    closed_by uuid,
    closed_at timestamptz,
    why text not null,
    sure_percent smallint,
    sure_word text not null,
    unknown text[] not null,
    says text not null,
    purpose text not null,
    vehicle text,
    plate text collate "C",
    plate_state text collate "C",
    picture text collate "C",
    erase_after timestamptz,
    version bigint not null,
    unique (agency_id, number),
    unique (agency_id, year, serial),
    unique (id, agency_id),
    unique (alert_id),
    unique (call_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id),
    foreign key (review_id, review_verdict, agency_id) references review (id, verdict, agency_id),
    foreign key (call_id, agency_id) references call (id, agency_id),
    foreign key (unit_id, agency_id) references unit (id, agency_id),
    check ((origin = 'alert') = (alert_id is not null)),
    check ((origin = 'alert') = (review_id is not null)),
    check ((origin = 'alert') = (review_verdict is not null and review_verdict = 'confirmed')),
    check ((origin = 'call') = (call_id is not null)),
    check ((origin = 'officer') = (unit_id is not null)),
    check ((state = 'closed') = (closed_at is not null))
);
create index incident_open on incident (agency_id) where closed_at is null;
call wf_isolate('incident');

-- Everything that happened to an incident, in order: what the room and the field see, and what reports are made from.
create table incident_entry (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null,
    at timestamptz not null,
    kind text not null,
    text text not null,
    level text,
    by_id uuid,
    foreign key (incident_id, agency_id) references incident (id, agency_id) on delete cascade
);
create index on incident_entry (incident_id, at, id);
call wf_isolate('incident_entry');

create table assignment (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null,
    unit_id uuid not null,
    state text not null check (state in ('sent', 'accepted', 'en_route', 'on_scene', 'cleared', 'cancelled')),
    warning text,
    warning_heard_at timestamptz,
    warning_heard_by uuid,
    message text,
    eta_s real,
    distance_m real,
    how text not null check (how in ('road', 'straight_line', 'unknown')),
    sent_by uuid not null,
    sent_at timestamptz not null,
    accepted_at timestamptz,
    en_route_at timestamptz,
    on_scene_at timestamptz,
    cleared_at timestamptz,
    cleared_by uuid,
    version bigint not null,
    unique (id, agency_id),
    foreign key (incident_id, agency_id) references incident (id, agency_id) on delete cascade,
    foreign key (unit_id, agency_id) references unit (id, agency_id),
    check ((state in ('cleared', 'cancelled')) = (cleared_at is not null)),
    check (accepted_at is null or warning is null or warning_heard_at is not null)
);
create unique index assignment_one_a_unit on assignment (unit_id) where state not in ('cleared', 'cancelled');
create index on assignment (incident_id);
call wf_isolate('assignment');

-- Counted for ever, without a name: its note goes with the incident.
create table outcome (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null unique,
    results text[] not null,
    arrests integer not null check (arrests >= 0),
    charges text[] not null,
    note text,
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    check (cardinality(results) > 0),
    check (not 'arrest' = any(results) or (cardinality(charges) > 0 and arrests > 0))
);
create index on outcome (agency_id, recorded_at);
call wf_isolate('outcome');
