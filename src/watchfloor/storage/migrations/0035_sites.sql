-- Federated sites: a recorder or a video management system with cameras under it, reached by one login.

create table camera_site (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    kind text not null check (kind in ('nvr', 'vms')),
    place text not null,
    -- Where it is on the map; null: nobody said.
    lat double precision,
    lon double precision,
    -- rtsp:// or rtsps:// with host and port, no path, no login: that is in camera_site_secret.
    address text not null check (address !~ '@'),
    -- Paths with {channel}, and of what it recorded with {from} and {to} or without.
    stream text not null,
    sub_stream text,
    replay text,
    created_at timestamptz not null,
    created_by uuid not null,
    removed_at timestamptz,
    version bigint not null,
    unique (id, agency_id),
    check ((lat is null) = (lon is null))
);
create unique index on camera_site (agency_id, name) where removed_at is null;
call wf_isolate('camera_site');

-- Name and password of a site, sealed by a key outside the database: once, for all its cameras that have none of their own.
create table camera_site_secret (
    site_id uuid primary key,
    agency_id uuid not null references agency,
    sealed bytea not null,
    changed_at timestamptz not null,
    changed_by uuid not null,
    foreign key (site_id, agency_id) references camera_site (id, agency_id)
);
call wf_isolate('camera_site_secret');

alter table camera
    add column site_id uuid,
    -- Which of the site's cameras it is, as the site counts them.
    add column channel text,
    add foreign key (site_id, agency_id) references camera_site (id, agency_id),
    add check ((site_id is null) = (channel is null));
create unique index on camera (site_id, channel) where removed_at is null;
