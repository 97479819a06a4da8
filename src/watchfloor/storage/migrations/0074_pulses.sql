-- Pulses: what microphones heard, when; and how each microphone does.

-- One short loud sound at one microphone. `at` is when it arrived by the microphone's clock, which was right to `clock_bound_ms`. Where the
-- microphone says that it is, is compared with the registry and not kept; where it is registered is what `microphone_version` of it says.
-- Levels are whole decibels, the bound has two digits, `features` are at most 24 numbers of 8 bits, none of them a sample of the sound.
-- `late`: it came too long after the sound for anybody to be told in time. `clock_suspect`: its clock jumped shortly before.
create table pulse (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    microphone_id uuid not null,
    microphone_version bigint not null,
    key text not null collate "C" check (length(key) <= 16),
    received_at timestamptz not null,
    clock_bound_ms real not null,
    snr_db smallint not null,
    peak_db smallint not null,
    features smallint[] not null check (cardinality(features) <= 24 and -128 <= all (features) and 127 >= all (features)),
    late boolean not null,
    clock_suspect boolean not null,
    authorisation_id uuid not null,
    primary key (microphone_id, key, at, rule)
) partition by list (rule);
create index on pulse (microphone_id, at);
create index on pulse (agency_id, at);
call wf_isolate('pulse');

-- How a microphone does. `off_ms`: its clock less ours at its last message, which includes the way; `best_off_ms`: the greatest of the messages
-- that were believed in the five minutes since `best_since`, which had the shortest way, and `best_before_ms` of the five before. `clock_off_ms`
-- and `apart_m`: what was refused last for that. `described`: so many pulses came with features in the minute `described_in`. `clutter_per_s`: how many pulses a second it reports anyway, learnt over `clutter_minutes`; `minute` and
-- `minute_pulses`: what is being counted.
create table microphone_state (
    microphone_id uuid primary key references microphone,
    agency_id uuid not null references agency,
    heard_at timestamptz not null,
    last_pulse_at timestamptz,
    kept bigint not null,
    doubled bigint not null,
    late bigint not null,
    refused bigint not null,
    off_ms real not null,
    best_since timestamptz,
    best_off_ms real,
    best_before_ms real,
    clock_off_at timestamptz,
    clock_off_ms real,
    jumped_at timestamptz,
    elsewhere_at timestamptz,
    apart_m real,
    flooded_at timestamptz,
    reused_at timestamptz,
    late_at timestamptz,
    described_in timestamptz,
    described int not null,
    clutter_per_s real not null,
    clutter_minutes int not null,
    minute timestamptz not null,
    minute_pulses int not null
);
call wf_isolate('microphone_state');
