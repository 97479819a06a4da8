-- Somebody is asked for what their own camera has of a place and time, for a case: an owner, who is an id and no reference here, or a witness whose
-- address stands apart, with those of owners. What comes lies sealed among the exports, under a key of its own.

create table evidence_request (
    id uuid primary key,
    agency_id uuid not null references agency,
    case_id uuid not null references case_file,
    purpose text not null,
    owner_id uuid,
    camera_id uuid references camera,
    place text not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    words text not null,
    token_hash bytea not null unique,
    asked_by uuid not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    reminded_at timestamptz,
    seen_at timestamptz,
    declined_at timestamptz,
    received_at timestamptz,
    ended_at timestamptz,
    withdrawn_at timestamptz,
    unique (id, agency_id),
    check (to_at > from_at),
    check (expires_at > asked_at)
);
create index on evidence_request (agency_id, asked_at desc, id);
create index on evidence_request (case_id);
create index on evidence_request (owner_id, asked_at) where owner_id is not null;
call wf_isolate('evidence_request');

-- Where a witness who is no owner is written.
create table evidence_contact (
    request_id uuid primary key,
    agency_id uuid not null references agency,
    email text not null,
    foreign key (request_id, agency_id) references evidence_request (id, agency_id) on delete cascade
);
call wf_isolate('evidence_contact');

-- A file that was sent. `taken` is how much of it has come; `sha256` is there once all of it has.
create table received_file (
    id uuid primary key,
    agency_id uuid not null references agency,
    request_id uuid not null,
    name text not null,
    kind text not null,
    size bigint not null check (size > 0),
    taken bigint not null check (taken between 0 and size),
    began_at timestamptz not null,
    sha256 text,
    kept_at timestamptz,
    entry_id uuid,
    foreign key (request_id, agency_id) references evidence_request (id, agency_id) on delete cascade
);
create index on received_file (request_id);
call wf_isolate('received_file');

-- A letter to a witness has no owner: where it goes is sealed with it.
alter table mail alter column owner_id drop not null;
