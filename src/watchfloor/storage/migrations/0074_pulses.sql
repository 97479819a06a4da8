-- Pulses: what microphones heard, when; and how each microphone does.

-- One short loud sound at one microphone. `at` is when it arrived by the microphone's clock, which was right to `clock_bound_ms`. Where the
-- microphone says that it is, is compared with the registry and not kept. `features`: at most 24 numbers of a sound, none of them a sample of it.
-- `late`: it came too long after the sound for anybody to be told in time. `clock_suspect`: its clock jumped shortly before.
create table pulse (
    agency_id uuid not null,
    rule smallint not null,
    at timestamptz not null,
    microphone_id uuid not null,
    key text not null collate "C",
    received_at timestamptz not null,
    clock_bound_ms real not null,
    snr_db real not null,
    peak_db real not null,
    features real[] not null check (cardinality(features) <= 24),
    late boolean not null,
    clock_suspect boolean not null,
    authorisation_id uuid not null,
    primary key (microphone_id, key, at, rule)
) partition by list (rule);
create index on pulse (microphone_id, at);
create index on pulse (agency_id, at);
call wf_isolate('pulse');

-- How a microphone does. `off_ms`: its clock less ours at its last message, which includes the way; `best_off_ms`: the greatest of a while,
-- which had the shortest way. `clutter_per_s`: how many pulses a second it reports anyway, learnt over `clutter_minutes`; `minute` and
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
    best_off_ms real not null,
    best_off_at timestamptz not null,
    clock_off_at timestamptz,
    jumped_at timestamptz,
    elsewhere_at timestamptz,
    apart_m real,
    flooded_at timestamptz,
    late_at timestamptz,
    clutter_per_s real not null,
    clutter_minutes int not null,
    minute timestamptz not null,
    minute_pulses int not null
);
call wf_isolate('microphone_state');
