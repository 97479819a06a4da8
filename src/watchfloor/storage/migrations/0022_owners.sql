-- Private owners of cameras. Who they are stands apart from everything else: these tables alone, a data class of its own.

create table owner (
    id uuid primary key,
    agency_id uuid not null references agency,
    kind text not null check (kind in ('person', 'business')),
    name text not null,
    email text not null,
    phone text not null,
    address text not null,
    lat double precision,
    lon double precision,
    make text not null,
    cameras int not null check (cameras between 1 and 500),
    shares text not null check (shares in ('stream', 'ask_me')),
    note text not null,
    terms text not null,
    terms_at timestamptz not null,
    state text not null check (state in ('unverified', 'waiting', 'asked', 'accepted', 'refused', 'ended')),
    said text not null,
    person_id uuid references person,
    created_at timestamptz not null,
    verified_at timestamptz,
    decided_at timestamptz,
    decided_by uuid,
    -- Nobody who did not prove their address, was refused or went away stays longer than this.
    erase_after timestamptz,
    version bigint not null,
    unique (id, agency_id),
    check ((lat is null) = (lon is null))
);
create unique index on owner (agency_id, email) where state not in ('refused', 'ended');
create index on owner (person_id) where person_id is not null;
call wf_isolate('owner');

-- One-time links to owners, by their hash alone.
create table owner_link (
    token_hash bytea primary key,
    agency_id uuid not null references agency,
    owner_id uuid not null,
    use text not null check (use in ('verify', 'enter')),
    created_at timestamptz not null,
    until timestamptz not null,
    used_at timestamptz,
    foreign key (owner_id, agency_id) references owner (id, agency_id) on delete cascade
);
create index on owner_link (owner_id);
call wf_isolate('owner_link');

-- Mail that waits for the mail server, or was taken by it. What it says is sealed, for there are links in it, and goes once it is sent.
create table mail (
    id uuid primary key,
    agency_id uuid not null references agency,
    owner_id uuid not null,
    kind text not null,
    sealed bytea,
    created_at timestamptz not null,
    attempts int not null,
    next_at timestamptz not null,
    sent_at timestamptz,
    error text,
    foreign key (owner_id, agency_id) references owner (id, agency_id) on delete cascade
);
create index on mail (next_at) where sent_at is null and sealed is not null;
create index on mail (owner_id, created_at);
call wf_isolate('mail');
