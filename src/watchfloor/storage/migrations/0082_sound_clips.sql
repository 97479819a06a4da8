-- A pull of sound: who asked which microphone for which seconds of a located source, under which authorisation and entry of the log, and what came
-- of it. `samples` are 16 bits of one channel; the microphone's no stands in `reason`. It is kept as long as the authorisation says of sound.
create table sound_clip (
    id uuid primary key,
    agency_id uuid not null references agency,
    alert_id uuid not null,
    source_id uuid not null,
    microphone_id uuid not null,
    authorisation_id uuid not null,
    entry_id uuid not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    begins timestamptz not null,
    ends timestamptz not null,
    state text not null check (state in ('asked', 'clip', 'refused', 'silent')),
    answered_at timestamptz,
    reason text,
    detail text,
    clip_begins timestamptz,
    rate int,
    sha256 text,
    samples bytea,
    erase_after timestamptz not null,
    unique (id, agency_id),
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade,
    check (ends > begins and ends <= begins + interval '4 seconds'),
    check ((state = 'asked') = (answered_at is null)),
    check ((state = 'clip') = (num_nulls(clip_begins, rate, sha256, samples) = 0)),
    check ((state = 'refused') = (num_nulls(reason, detail) = 0))
);
create index on sound_clip (alert_id, asked_at);
create index on sound_clip (erase_after);
call wf_isolate('sound_clip');
