-- Machinery: workers and their leases, the one queue and timer, idempotency keys, quarantine. No personal data but in
-- idempotency answers and quarantined messages, which live 24 hours and as long as their class.

create table worker (
    id uuid primary key,
    kind text not null,
    host text not null,
    url text,
    epoch bigint generated always as identity unique,
    started_at timestamptz not null,
    until timestamptz not null,
    stopped_at timestamptz
);
create index on worker (kind, until);
grant select, insert, update, delete on worker to wf_app, wf_sweep;

create table job (
    id uuid primary key,
    kind text not null,
    agency_id uuid references agency,
    payload jsonb not null,
    run_at timestamptz not null,
    lease_until timestamptz,
    attempts integer not null,
    progress real not null,
    error text,
    done_at timestamptz,
    unique_key text unique
);
create index on job (run_at) where done_at is null;
grant select, insert, update, delete on job to wf_app, wf_sweep;

create table idempotency (
    agency_id uuid not null references agency,
    actor_id uuid not null,
    key text not null,
    route text not null,
    request_sha256 bytea not null,
    -- Which of several requests with this key may do it, and whether one has: set in the transaction that does it.
    held_by uuid not null,
    done boolean not null,
    status integer,
    body bytea,
    at timestamptz not null,
    primary key (agency_id, actor_id, key)
);
call wf_isolate('idempotency');

create table quarantine (
    id uuid primary key,
    agency_id uuid not null references agency,
    subject text not null,
    message bytea not null,
    error text not null,
    attempts integer not null,
    at timestamptz not null,
    erase_after timestamptz not null
);
call wf_isolate('quarantine');
