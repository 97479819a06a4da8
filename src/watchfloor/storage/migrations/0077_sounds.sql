-- What was looked at of pulses, alerts of located sounds, and their sources with every version.

-- A slot of two seconds in which pulses arrived: with how many of them it was looked at, and whether that hinted at anything. Another number of
-- pulses than this is another look. It says nothing of where.
create table pulse_look (
    agency_id uuid not null references agency,
    slot timestamptz not null,
    pulses int not null check (pulses >= 0),
    hinted boolean not null,
    looked_at timestamptz not null,
    primary key (agency_id, slot)
);
call wf_isolate('pulse_look');

-- An alert is of hits of plates, or of a sound that microphones located: then it has no entry and no plate, and `basis` is what is located.
alter table alert drop constraint alert_kind_check;
alter table alert add check (kind in ('plate_hit', 'impulse'));
alter table alert alter column entry_id drop not null;
alter table alert alter column entry_version drop not null;
alter table alert alter column read_plate drop not null;
alter table alert alter column read_state drop not null;
alter table alert alter column vehicle_key drop not null;
alter table alert add check (kind <> 'plate_hit' or num_nulls(entry_id, entry_version, read_plate, read_state, vehicle_key) = 0);
alter table alert add check (kind <> 'impulse' or num_nonnulls(entry_id, entry_version, read_plate, read_state, vehicle_key) = 0);

-- A place from which a sound came, as it is told now: `said` is the newest of its versions. `at`: when its first round was fired; lat and lon are
-- the middle of what is told, which where there is a region is nothing to rely on. One that has fallen is told to have, and not deleted.
create table sound_source (
    id uuid primary key,
    agency_id uuid not null references agency,
    alert_id uuid not null,
    at timestamptz not null,
    lat double precision not null,
    lon double precision not null,
    fallen boolean not null,
    said jsonb not null,
    version int not null,
    unique (id, agency_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade
);
create index on sound_source (agency_id, at);
create index on sound_source (alert_id);
call wf_isolate('sound_source');

create table sound_source_version (
    source_id uuid not null,
    agency_id uuid not null,
    version int not null,
    kept_at timestamptz not null,
    fallen boolean not null,
    said jsonb not null,
    primary key (source_id, version),
    foreign key (source_id, agency_id) references sound_source (id, agency_id) on delete cascade
);
call wf_isolate('sound_source_version');

-- A review of a sound has no picture to type from: what it rests on is `grounds`, and `kind_told` is what it was told to be when the verdict came,
-- `kind_taken` what the person takes it for.
alter table review add column grounds text;
alter table review add column kind_told text;
alter table review add column kind_taken text;
alter table review drop constraint review_check1;
alter table review add check (verdict is distinct from 'confirmed' or (grounds is not null and kind_told is not null and kind_taken is not null)
    or (typed_at is not null and typed_plate is not null and agreement = 'match' and record_reply = 'active' and vehicle_agrees));
