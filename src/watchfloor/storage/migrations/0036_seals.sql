-- A use of an owner's camera, sealed for a case by two persons: until its end the owner is not told of it. The end stands in the row from the
-- first and nothing moves it out; a use is sealed once. The owner is an id and no reference, as in an agreement.

create table use_seal (
    id uuid primary key,
    agency_id uuid not null references agency,
    entry_id uuid not null,
    camera_id uuid not null references camera,
    owner_id uuid not null,
    case_id uuid not null references case_file,
    reason text not null,
    asked_by uuid not null,
    sealed_by uuid not null,
    sealed_at timestamptz not null,
    until timestamptz not null,
    -- When the owner was written; from then on it is told, whatever a clock says.
    opened_at timestamptz,
    unique (entry_id),
    check (asked_by <> sealed_by),
    check (until > sealed_at and until <= sealed_at + interval '30 days')
);
create index on use_seal (agency_id, until);
create index on use_seal (owner_id) where opened_at is null;
call wf_isolate('use_seal');

create function wf_seal_is_not_prolonged() returns trigger language plpgsql as $$
begin
    if new.until > old.until or new.sealed_at <> old.sealed_at or (old.opened_at is not null and new.opened_at is null) then
        raise exception 'a seal is never prolonged, and never closed again';
    end if;
    return new;
end $$;
create trigger seal_is_not_prolonged before update on use_seal for each row execute function wf_seal_is_not_prolonged();

-- What was proposed and is no longer wanted is over, by whoever may end it; nobody decided it.
alter table proposal drop constraint proposal_verdict_check;
alter table proposal add constraint proposal_verdict_check check (verdict in ('approved', 'refused', 'withdrawn'));
