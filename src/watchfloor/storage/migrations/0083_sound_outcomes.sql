-- What came of sounds, for the ledger that is published: it outlives the alerts, and has of a place its district and a square of about 100 m.

-- A district of the city by name: `areas` are the coordinates of a GeoJSON MultiPolygon. Loaded as a whole in place of those before.
create table district (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    west double precision not null,
    south double precision not null,
    east double precision not null,
    north double precision not null,
    areas jsonb not null,
    loaded_at timestamptz not null,
    loaded_by uuid not null,
    unique (agency_id, name)
);
call wf_isolate('district');

-- A sound that was told (`alert`), or gunfire that was not (`miss`). `source`: `own`, or which vendor told it, who calls it `source_ref`. One of our
-- own alerts has that alert's id. `at`: when the first round was fired; `told_at`: when it was told first. What is kept of its place is rounded to
-- a thousandth of a degree: enough to find the calls about it. The three times (null: not known) are those of the version that was told first,
-- from its last round: until its last pulse arrived at a microphone, until that was here, until it was told. `verdict`, `reason` and `decided_at`
-- are the reviewer's, as by now.
create table sound_record (
    id uuid primary key,
    agency_id uuid not null references agency,
    what text not null check (what in ('alert', 'miss')),
    source text not null,
    source_ref text,
    at timestamptz not null,
    told_at timestamptz,
    district text,
    lat double precision,
    lon double precision,
    travel_ms integer,
    network_ms integer,
    machine_ms integer,
    verdict text check (verdict in ('confirmed', 'dismissed')),
    reason text,
    decided_at timestamptz,
    how text,
    note text,
    recorded_by uuid,
    unique (id, agency_id),
    unique (agency_id, source, source_ref),
    check ((lat is null) = (lon is null)),
    check ((verdict is null) = (decided_at is null)),
    check ((what = 'miss') = (how is not null)),
    check (what = 'alert' or (recorded_by is not null and told_at is null and source = 'own'))
);
create index on sound_record (agency_id, at);
call wf_isolate('sound_record');

insert into sound_record (id, agency_id, what, source, at, told_at, lat, lon, verdict, reason, decided_at)
select id, agency_id, 'alert', 'own', at, raised_at, round(lat::numeric, 3), round(lon::numeric, 3),
    case when decided_at is not null then state end, case when decided_at is not null then reason end, decided_at
from alert where kind = 'impulse' and state <> 'kept_back';

-- What came of a sound, as somebody said it; what was said before stays, `replaced`. One that `waits` needs a second person before it stands.
-- The distances (of the place that is told last, and of the one that was told first) and whether the ellipses hold it are from where it truly
-- was, if that became known.
create table sound_outcome (
    id uuid primary key,
    agency_id uuid not null references agency,
    sound_id uuid not null,
    state text not null check (state in ('stands', 'waits', 'replaced', 'refused')),
    said text not null check (said in ('evidence_found', 'victim', 'nothing_found', 'confirmed_false', 'undetermined')),
    evidence text[] not null,
    victims integer not null check (victims >= 0),
    cause text,
    note text,
    why text,
    error_m real,
    first_error_m real,
    in_half boolean,
    in_most boolean,
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    second_by uuid,
    second_at timestamptz,
    second_why text,
    unique (id, agency_id),
    foreign key (sound_id, agency_id) references sound_record (id, agency_id),
    check ((second_by is null) = (second_at is null)),
    check (second_by is distinct from recorded_by),
    check (state <> 'refused' or second_why is not null),
    check ((said = 'victim') = (victims > 0)),
    check ((said = 'confirmed_false') = (cause is not null))
);
create unique index sound_outcome_one_stands on sound_outcome (sound_id) where state = 'stands';
create unique index sound_outcome_one_waits on sound_outcome (sound_id) where state = 'waits';
create index on sound_outcome (sound_id);
call wf_isolate('sound_outcome');

-- Where it truly was, exactly: kept as long as the alert is, no longer.
create table sound_truth (
    outcome_id uuid primary key,
    agency_id uuid not null,
    alert_id uuid not null,
    lat double precision not null,
    lon double precision not null,
    foreign key (outcome_id, agency_id) references sound_outcome (id, agency_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade
);
create index on sound_truth (alert_id);
call wf_isolate('sound_truth');

-- In how many minutes of a day (of the agency's time zone) a microphone was there: one that hears nothing says so each minute, and what it was
-- silent for, up to five minutes, counts as heard.
create table microphone_day (
    microphone_id uuid not null,
    agency_id uuid not null,
    day date not null,
    minutes integer not null check (minutes between 0 and 1505),
    primary key (microphone_id, day),
    foreign key (microphone_id, agency_id) references microphone (id, agency_id)
);
call wf_isolate('microphone_day');
