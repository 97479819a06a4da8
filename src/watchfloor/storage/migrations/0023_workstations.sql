-- Workstations: browsers of the room that an administrator registered. While the screen of one is locked, the live pictures of
-- open incidents that were on it stay; `looks_until` says until when.

create table workstation (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    token_hash bytea not null unique,
    registered_by uuid not null references person,
    registered_at timestamptz not null,
    removed_at timestamptz
);
create unique index on workstation (agency_id, name) where removed_at is null;
call wf_isolate('workstation');

alter table sign_in add column workstation_id uuid references workstation;
alter table sign_in add column looks_until timestamptz;
create index on sign_in (workstation_id) where looks_until is not null;

create function wf_agency_of_workstation(given bytea) returns uuid language sql stable security definer set search_path = public
    return (select agency_id from workstation where token_hash = given);
revoke execute on function wf_agency_of_workstation(bytea) from public;
grant execute on function wf_agency_of_workstation(bytea) to wf_app;
