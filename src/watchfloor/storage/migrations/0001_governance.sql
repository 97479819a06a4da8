-- Governance: agencies, technologies, authorisations, two-person proposals, cases, grants, leases, and the log.
-- Roles wf_owner, wf_app, wf_ledger and wf_sweep exist before; wf_owner runs this.

create function wf_agency() returns uuid language sql stable
    return nullif(current_setting('wf.agency', true), '')::uuid;

-- Forced row security: a row is seen and written only inside a transaction of its agency. The owner's own functions
-- (security definer) see all rows; wf_app can neither become the owner nor turn row security off.
create procedure wf_isolate(target regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy of_agency on %s using (agency_id = wf_agency()) with check (agency_id = wf_agency())', target);
    execute format('create policy of_owner on %s to wf_owner using (true) with check (true)', target);
    execute format('grant select, insert, update, delete on %s to wf_app', target);
    execute format('grant select, insert, update, delete on %s to wf_sweep', target);
end $$;
revoke execute on procedure wf_isolate(regclass) from public;

-- Append-only tables: nobody but the owner changes or deletes a row.
create procedure wf_append_only(target regclass) language plpgsql as $$
begin
    execute format('revoke update, delete, truncate on %s from wf_app, wf_sweep, wf_ledger', target);
end $$;
revoke execute on procedure wf_append_only(regclass) from public;

create table agency (
    id uuid primary key,
    name text not null unique,
    time_zone text not null,
    created_at timestamptz not null
);
grant select on agency to wf_app, wf_sweep, wf_ledger;
-- An agency names itself, and no other. Not forced: the owner makes it, before anybody is of it.
grant update (name, time_zone) on agency to wf_app;
alter table agency enable row level security;
create policy seen on agency for select using (true);
create policy of_itself on agency for update using (id = wf_agency()) with check (id = wf_agency());

create table technology (
    id uuid primary key,
    agency_id uuid not null references agency,
    kind text not null,
    title text not null,
    description text not null,
    created_at timestamptz not null,
    unique (agency_id, kind)
);
call wf_isolate('technology');

create table approving_body (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    required boolean not null,
    created_at timestamptz not null,
    unique (agency_id, name)
);
call wf_isolate('approving_body');

create table retention_rule (
    rule smallint generated always as identity primary key,
    agency_id uuid not null references agency,
    keep_for interval not null check (keep_for > interval '0'),
    created_at timestamptz not null,
    unique (agency_id, keep_for)
);
call wf_isolate('retention_rule');

create table authorisation (
    id uuid primary key,
    agency_id uuid not null references agency,
    technology text not null,
    title text not null,
    effective_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > effective_at),
    purposes text[] not null,
    roles text[] not null,
    area jsonb not null,
    rule smallint not null references retention_rule,
    sharing text not null,
    audio boolean not null,
    proposed_by uuid not null,
    approved_at timestamptz,
    approved_by uuid,
    suspended_at timestamptz,
    suspended_by uuid,
    suspended_why text,
    note text not null,
    created_at timestamptz not null,
    version bigint not null,
    check (approved_by is null or approved_by <> proposed_by)
);
create index on authorisation (agency_id, technology, expires_at);
call wf_isolate('authorisation');

-- How long each class of data taken under an authorisation is kept, as it was approved. Without a rule it is never stored;
-- a class that has no row here lives by the authorisation's own rule.
create table authorisation_keeping (
    authorisation_id uuid not null references authorisation,
    agency_id uuid not null references agency,
    data_class text not null,
    rule smallint references retention_rule,
    primary key (authorisation_id, data_class)
);
call wf_isolate('authorisation_keeping');

-- What each body decided about an authorisation, by which instrument, after which hearing and comment. A body counts as
-- required for authorisations made since it was recorded: bodies come and go, approvals of before stand.
create table authorisation_approval (
    id uuid primary key,
    agency_id uuid not null references agency,
    authorisation_id uuid not null references authorisation,
    body_id uuid not null references approving_body,
    instrument text not null,
    decided_at timestamptz,
    hearing_at timestamptz,
    comment_until timestamptz,
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    unique (authorisation_id, body_id)
);
call wf_isolate('authorisation_approval');

-- One row an agency; every change of policy raises it, so caches and grants know within two seconds.
create table policy_version (
    agency_id uuid primary key references agency,
    version bigint not null,
    changed_at timestamptz not null
);
call wf_isolate('policy_version');

-- A two-person act that waits for its second person.
create table proposal (
    id uuid primary key,
    agency_id uuid not null references agency,
    kind text not null,
    subject_id uuid,
    title text not null,
    sentence text not null,
    payload jsonb not null,
    proposed_by uuid not null,
    proposed_at timestamptz not null,
    expires_at timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    verdict text check (verdict in ('approved', 'refused')),
    note text,
    check (decided_by is null or decided_by <> proposed_by)
);
create index on proposal (agency_id, kind) where decided_at is null;
call wf_isolate('proposal');

create table case_file (
    id uuid primary key,
    agency_id uuid not null references agency,
    number text not null,
    title text not null,
    purpose text not null,
    provisional_until timestamptz,
    opened_by uuid not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    unique (agency_id, number)
);
call wf_isolate('case_file');

create table access_grant (
    id uuid primary key,
    agency_id uuid not null references agency,
    entry_id uuid not null,
    actor_id uuid not null,
    need text not null,
    about_kind text,
    about_id uuid,
    technology text,
    opened_at timestamptz not null,
    until timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    counts jsonb
);
create index on access_grant (agency_id, until) where ended_at is null;
call wf_isolate('access_grant');

-- The last answer each machine got about each thing; only a change of it is logged.
create table machine_lease (
    agency_id uuid not null references agency,
    need text not null,
    about_kind text not null,
    about_id uuid not null,
    allowed boolean not null,
    reason text not null,
    authorisation_id uuid,
    since timestamptz not null,
    until timestamptz not null,
    renewals bigint not null,
    primary key (agency_id, need, about_kind, about_id)
);
call wf_isolate('machine_lease');

create table hold (
    id uuid primary key,
    agency_id uuid not null references agency,
    case_id uuid not null references case_file,
    data_class text not null,
    about_kind text not null,
    about_id uuid not null,
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at > from_at),
    reason text not null,
    placed_by uuid not null,
    placed_at timestamptz not null,
    confirmed_by uuid,
    ends_at timestamptz not null,
    ended_at timestamptz,
    check (confirmed_by is null or confirmed_by <> placed_by)
);
call wf_isolate('hold');

create table deletion_receipt (
    id uuid primary key,
    agency_id uuid not null references agency,
    data_class text not null,
    rule smallint not null,
    day date not null,
    objects bigint not null,
    bytes bigint not null,
    digest text not null,
    keys_destroyed bigint not null,
    kept_by_hold bigint not null,
    due_at timestamptz not null,
    done_at timestamptz not null
);
call wf_isolate('deletion_receipt');
call wf_append_only('deletion_receipt');

-- The log. `leaf` is the canonical JSON that the Merkle tree holds; the ledger alone sets leaf_index, once.
create table audit_entry (
    id uuid primary key,
    agency_id uuid not null references agency,
    at timestamptz not null,
    kind text not null,
    actor_id uuid not null,
    need text,
    result text not null,
    reason text not null,
    about_kind text,
    about_id uuid,
    case_id uuid,
    authorisation_id uuid,
    cause_id uuid,
    -- An entry bundle of the published log holds at most 65,535 bytes of each leaf (C2SP tlog-tiles).
    leaf bytea not null check (octet_length(leaf) <= 65535),
    leaf_index bigint unique
);
create index on audit_entry (id) where leaf_index is null;
create index on audit_entry (id) where kind = 'restore';
create index on audit_entry (agency_id, at);
create index on audit_entry (agency_id, about_id, at) where about_id is not null;
create index on audit_entry (agency_id, actor_id, at);
create index on audit_entry (agency_id, authorisation_id, at) where authorisation_id is not null;
call wf_isolate('audit_entry');
call wf_append_only('audit_entry');
-- Only whoever restores owns up to it: an entry of a restore explains away what is lost.
create policy of_restore on audit_entry as restrictive for insert to wf_app, wf_sweep with check (kind <> 'restore');
create policy of_ledger on audit_entry to wf_ledger using (true) with check (true);
grant select, update (leaf_index) on audit_entry to wf_ledger;

create function wf_leaf_index_once() returns trigger language plpgsql as $$
begin
    if old.leaf_index is not null or new.leaf_index is null or row(new.id, new.leaf) is distinct from row(old.id, old.leaf) then
        raise exception 'a log entry is sequenced once and never changed';
    end if;
    return new;
end $$;
create trigger leaf_index_once before update on audit_entry for each row execute function wf_leaf_index_once();

create function wf_wake_ledger() returns trigger language plpgsql as $$
begin
    notify wf_audit;
    return null;
end $$;
create trigger wake_ledger after insert on audit_entry for each statement execute function wf_wake_ledger();

-- Personal payload beside the leaf, under a salted commitment; erasing it leaves the tree whole.
create table audit_payload (
    entry_id uuid primary key references audit_entry,
    agency_id uuid not null references agency,
    salt bytea,
    payload jsonb,
    erase_after timestamptz,
    erased_at timestamptz,
    erased_under text,
    check ((erased_at is null) = (salt is not null))
);
call wf_isolate('audit_payload');
revoke update, delete on audit_payload from wf_app;

create table audit_checkpoint (
    size bigint primary key,
    root bytea not null,
    note text not null,
    at timestamptz not null
);
grant select, insert on audit_checkpoint to wf_ledger;
grant select on audit_checkpoint to wf_app, wf_sweep;

-- Partitions of (retention rule, day). The callers may create and drop them; they own nothing.
create function wf_partition_name(target text, rule smallint, day date) returns text language sql immutable
    return format('%s_r%s_%s', target, rule, to_char(day, 'YYYYMMDD'));

-- A partition is made whole and then attached: readers and writers of the table go on meanwhile. Makers take turns, so that
-- two at once do not fail; nobody waits long behind a lock that a long search holds: the caller tries again.
create procedure wf_partition_create(target text, rule smallint, day date)
language plpgsql security definer set search_path = public set lock_timeout = '5s' as $$
declare
    parent text := format('%s_r%s', target, rule);
    child text := wf_partition_name(target, rule, day);
begin
    if to_regclass(child) is not null then
        return;
    end if;
    if not exists (select from pg_partitioned_table p join pg_class c on c.oid = p.partrelid where c.relname = target) then
        raise exception '% is not kept by rule', target;
    end if;
    perform pg_advisory_xact_lock(hashtext('wf_partition ' || target));
    -- Asked of the catalogue itself: to_regclass may still answer as before the wait.
    if not exists (select from pg_class where relname = parent and relnamespace = 'public'::regnamespace) then
        execute format('create table %I (like %I including all) partition by range (at)', parent, target);
        execute format('alter table %I attach partition %I for values in (%s)', target, parent, rule);
    end if;
    if not exists (select from pg_class where relname = child and relnamespace = 'public'::regnamespace) then
        execute format('create table %I (like %I including all)', child, parent);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child,
                       day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
end $$;
revoke execute on procedure wf_partition_create(text, smallint, date) from public;
grant execute on procedure wf_partition_create(text, smallint, date) to wf_sweep, wf_app;

-- Dropping needs the table for itself for a moment; it gives up soon rather than make every reader wait behind it.
create procedure wf_partition_drop(target text, rule smallint, day date)
language plpgsql security definer set search_path = public set lock_timeout = '2s' as $$
begin
    -- Only a partition of a partition of a table that is kept by rule: no name that merely looks like one.
    if exists (select from pg_inherits leaf join pg_class c on c.oid = leaf.inhrelid join pg_inherits root on root.inhrelid = leaf.inhparent
               join pg_class r on r.oid = root.inhparent
               where c.relname = wf_partition_name(target, rule, day) and r.relname = target and r.relkind = 'p') then
        execute format('drop table %I', wf_partition_name(target, rule, day));
    end if;
end $$;
revoke execute on procedure wf_partition_drop(text, smallint, date) from public;
grant execute on procedure wf_partition_drop(text, smallint, date) to wf_sweep;
