-- How likely a hit is right, and what else it may be; of what was kept before nobody reckoned it.
alter table plate_hit add column probability real check (probability between 0 and 1);
alter table plate_hit add column odds jsonb;
alter table plate_hit add column priority text not null default 'usual' check (priority in ('urgent', 'usual', 'low'));

-- What a person found an alert of a reader to be. No plate: of a misread each pair of characters, the true one first.
create table plate_verdict (
    alert_id uuid primary key,
    agency_id uuid not null references agency,
    device_id uuid not null,
    at timestamptz not null,
    judged_at timestamptz not null,
    hour smallint not null check (hour between 0 and 23),
    night boolean not null,
    state text collate "C",
    verdict text not null check (verdict in ('right', 'misread', 'wrong_state', 'stale_entry')),
    pairs text[] not null,
    probability real,
    expected_misread real not null,
    expected_wrong_state real not null,
    erase_after timestamptz not null
);
create index on plate_verdict (judged_at);
call wf_isolate('plate_verdict');

-- How many false alerts a shift may bring, decided by two persons for each priority of lists.
create table alert_budget (
    agency_id uuid not null references agency,
    priority text not null check (priority in ('urgent', 'usual', 'low')),
    per_shift real not null check (per_shift >= 0 and per_shift <= 100),
    decided_at timestamptz not null,
    primary key (agency_id, priority)
);
call wf_isolate('alert_budget');
