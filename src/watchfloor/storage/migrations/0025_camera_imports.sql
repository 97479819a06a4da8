-- Lists of cameras brought in from files: looked at first, then confirmed, then applied row by row.

create table camera_import (
    id uuid primary key,
    agency_id uuid not null references agency,
    file_name text not null,
    sha256 text not null,
    columns jsonb not null,
    state text not null check (state in ('previewed', 'waiting', 'applied')),
    new integer not null,
    changed integer not null,
    unchanged integer not null,
    refused integer not null,
    warned integer not null,
    -- Of the rows that are new or change something: how many were tried, and how many of them could not be kept.
    done integer not null,
    failed integer not null,
    made_by uuid not null,
    made_at timestamptz not null,
    confirmed_by uuid,
    confirmed_at timestamptz,
    ended_at timestamptz,
    expires_at timestamptz not null,
    unique (id, agency_id)
);
call wf_isolate('camera_import');

create table camera_import_row (
    import_id uuid not null,
    agency_id uuid not null references agency,
    line integer not null,
    verdict text not null check (verdict in ('new', 'changed', 'unchanged', 'refused')),
    name text not null,
    says jsonb not null,
    camera_id uuid,
    version bigint,
    moved boolean not null,
    -- What will be kept of the camera; gone once it is.
    fields jsonb,
    -- Null until tried; empty when it was kept, else why not.
    outcome text,
    primary key (import_id, line),
    foreign key (import_id, agency_id) references camera_import (id, agency_id) on delete cascade
);
call wf_isolate('camera_import_row');
