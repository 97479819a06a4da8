-- Edge boxes: by which certificate each is known, the one-time code that gives it one, its cameras, and what it last said.
create table edge_box (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    created_at timestamptz not null,
    created_by uuid not null,
    code_hash bytea,
    code_until timestamptz,
    enrolled_at timestamptz,
    -- The certificate it has and, while it takes up the next one, that too: their SHA-256.
    certificates bytea[] not null default '{}',
    certificate_until timestamptz,
    revoked_at timestamptz,
    revoked_by uuid,
    version integer not null,
    unique (id, agency_id)
);
create unique index on edge_box (agency_id, name) where revoked_at is null;
call wf_isolate('edge_box');

create table edge_camera (
    camera_id uuid primary key,
    agency_id uuid not null references agency,
    box_id uuid not null,
    foreign key (camera_id, agency_id) references camera (id, agency_id),
    foreign key (box_id, agency_id) references edge_box (id, agency_id)
);
create index on edge_camera (box_id);
call wf_isolate('edge_camera');

create table edge_state (
    box_id uuid primary key,
    agency_id uuid not null references agency,
    linked_at timestamptz,
    seen_at timestamptz not null,
    software text not null,
    clock_off_ms integer not null,
    kept_bytes bigint not null,
    most_bytes bigint not null,
    oldest_at timestamptz,
    missing text[] not null,
    foreign key (box_id, agency_id) references edge_box (id, agency_id)
);
call wf_isolate('edge_state');
