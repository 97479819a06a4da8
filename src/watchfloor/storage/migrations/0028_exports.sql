-- Exports: who asked for which video of which cameras, for what, and what came of it. Whether it may be is the proposal's to
-- say; `state` is what became of it after the yes. The technology and the place of each camera are kept as they were asked
-- about: a camera may leave the registry, and its footage stays under the authorisation that it was taken under.

create table export (
    id uuid primary key,
    agency_id uuid not null references agency,
    proposal_id uuid not null,
    purpose text not null,
    case_kind text not null,
    case_id uuid not null,
    reason text not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    asked_until timestamptz not null,
    state text not null check (state in
        ('asked', 'waiting', 'cutting', 'ready', 'stopped', 'failed', 'cancelled', 'forgotten')),
    said text not null,
    approval_entry uuid,
    began_at timestamptz,
    said_at timestamptz,
    done_ms bigint not null,
    total_ms bigint not null,
    doing uuid,
    ended_at timestamptz,
    expires_at timestamptz,
    size bigint,
    clips integer,
    manifest_sha256 text,
    made_entry uuid,
    missing jsonb not null,
    fetched integer not null,
    unique (id, agency_id)
);
create index on export (agency_id, asked_at desc, id);
create index on export (proposal_id);
call wf_isolate('export');

create table export_span (
    export_id uuid not null,
    agency_id uuid not null references agency,
    number smallint not null,
    camera_id uuid not null,
    camera_name text not null,
    technology text not null,
    lat double precision not null,
    lon double precision not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    recorded_ms bigint not null,
    gaps jsonb not null,
    primary key (export_id, number),
    foreign key (export_id, agency_id) references export (id, agency_id) on delete cascade,
    check (to_at > from_at)
);
call wf_isolate('export_span');
