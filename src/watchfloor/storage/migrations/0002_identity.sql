-- Identity: people, their roles and credentials, sessions, invitations, device tokens. Tokens are kept as hashes only.

create table person (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null collate "C" unique,
    display_name text not null,
    badge text,
    created_at timestamptz not null,
    suspended_at timestamptz,
    version bigint not null
);
call wf_isolate('person');

create table person_role (
    person_id uuid not null references person,
    agency_id uuid not null references agency,
    role text not null,
    given_by uuid not null,
    given_at timestamptz not null,
    primary key (person_id, role)
);
call wf_isolate('person_role');

create table credential (
    person_id uuid primary key references person,
    agency_id uuid not null references agency,
    password_hash text not null,
    password_at timestamptz not null,
    totp_secret bytea,
    totp_last_step bigint,
    locked_at timestamptz
);
call wf_isolate('credential');

create table sign_in (
    id uuid primary key,
    agency_id uuid not null references agency,
    person_id uuid not null references person,
    token_hash bytea not null unique,
    second_factor boolean not null,
    at timestamptz not null,
    seen_at timestamptz not null,
    until timestamptz not null,
    ended_at timestamptz,
    end_reason text
);
create index on sign_in (person_id) where ended_at is null;
call wf_isolate('sign_in');

create table sign_in_failure (
    id uuid primary key,
    agency_id uuid not null references agency,
    person_id uuid not null references person,
    source text not null,
    at timestamptz not null
);
create index on sign_in_failure (person_id, at);
call wf_isolate('sign_in_failure');

create table invitation (
    token_hash bytea primary key,
    agency_id uuid not null references agency,
    person_id uuid not null references person,
    created_at timestamptz not null,
    until timestamptz not null,
    used_at timestamptz
);
call wf_isolate('invitation');

create table device_token (
    token_hash bytea primary key,
    agency_id uuid not null references agency,
    device_id uuid not null,
    device_kind text not null,
    issued_by uuid not null,
    issued_at timestamptz not null,
    revoked_at timestamptz
);
create index on device_token (device_id) where revoked_at is null;
call wf_isolate('device_token');

-- Before anybody is known, the agency is found from a name or the hash of a secret; nothing else is told.
create function wf_agency_of_name(given text) returns uuid language sql stable security definer set search_path = public
    return (select agency_id from person where name = given);
create function wf_agency_of_sign_in(given bytea) returns uuid language sql stable security definer set search_path = public
    return (select agency_id from sign_in where token_hash = given);
create function wf_agency_of_invitation(given bytea) returns uuid language sql stable security definer set search_path = public
    return (select agency_id from invitation where token_hash = given);
create function wf_agency_of_device(given bytea) returns uuid language sql stable security definer set search_path = public
    return (select agency_id from device_token where token_hash = given);
revoke execute on function wf_agency_of_name(text), wf_agency_of_sign_in(bytea), wf_agency_of_invitation(bytea),
    wf_agency_of_device(bytea) from public;
grant execute on function wf_agency_of_name(text), wf_agency_of_sign_in(bytea), wf_agency_of_invitation(bytea),
    wf_agency_of_device(bytea) to wf_app;
