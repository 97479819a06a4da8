-- What was asked outside about a hit: the live record, each time; the agency that entered it, before an arrest or a tow.

create table live_query (
    id uuid primary key,
    agency_id uuid not null references agency,
    alert_id uuid not null,
    review_id uuid not null,
    plate text not null collate "C",
    state text collate "C",
    asked_by uuid not null,
    -- The name of the configured record system, null where a person asked on a terminal.
    adapter text,
    asked_at timestamptz not null,
    answered_at timestamptz not null check (answered_at >= asked_at),
    reply text not null check (reply in ('active', 'cancelled', 'no_record', 'unreachable')),
    reference text,
    said text,
    foreign key (alert_id, agency_id) references alert (id, agency_id) on delete cascade
);
create index on live_query (alert_id);
call wf_isolate('live_query');

create table hit_confirmation (
    id uuid primary key,
    agency_id uuid not null references agency,
    incident_id uuid not null,
    entering_agency text not null,
    urgency text not null check (urgency in ('urgent', 'routine')),
    asked_by uuid not null,
    asked_at timestamptz not null,
    due_at timestamptz not null,
    late_told_at timestamptz,
    answer text check (answer in ('confirmed', 'not_confirmed')),
    answered_at timestamptz,
    answered_by uuid,
    spoke_with text,
    reference text,
    foreign key (incident_id, agency_id) references incident (id, agency_id) on delete cascade,
    check ((answer is null) = (answered_at is null))
);
create index on hit_confirmation (incident_id);
create index on hit_confirmation (due_at) where answer is null and late_told_at is null;
call wf_isolate('hit_confirmation');

-- Who entered what an incident rests on, as the entry said it.
alter table incident add column entered_by text;
