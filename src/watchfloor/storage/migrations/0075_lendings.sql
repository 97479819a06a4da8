-- Cameras of ours that a partner center may record: given by two persons, with an end that nothing moves out, and ended at once. And what
-- partners lend to us, as they say it.

create table lending (
    id uuid primary key,
    agency_id uuid not null references agency,
    partner_id uuid not null,
    title text not null,
    reason text not null,
    asked_by uuid not null,
    given_by uuid not null,
    given_at timestamptz not null,
    until timestamptz not null,
    ended_at timestamptz,
    ended_by uuid,
    ended_why text,
    check (asked_by <> given_by),
    check (until > given_at and until <= given_at + interval '366 days'),
    check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_why is null))
);
create index on lending (agency_id, given_at, id);
call wf_isolate('lending');
-- Nothing of it changes but that it ends, once; and none is ever deleted.
revoke update, delete on lending from wf_app, wf_sweep;
grant update (ended_at, ended_by, ended_why) on lending to wf_app;

create table lending_camera (
    lending_id uuid not null references lending,
    agency_id uuid not null references agency,
    camera_id uuid not null references camera,
    primary key (lending_id, camera_id)
);
create index on lending_camera (camera_id);
call wf_isolate('lending_camera');
call wf_append_only('lending_camera');

create function wf_lending_only_ends() returns trigger language plpgsql as $$
begin
    if old.ended_at is not null
        or to_jsonb(new) - '{ended_at,ended_by,ended_why}'::text[] <> to_jsonb(old) - '{ended_at,ended_by,ended_why}'::text[]
    then
        raise exception 'a lending is never changed or prolonged, and one that ended never begun again';
    end if;
    return new;
end $$;
create trigger lending_only_ends before update on lending for each row execute function wf_lending_only_ends();

-- What two persons gave is what was proposed: its cameras come with it, in one transaction, and none is added to it later.
create function wf_lent_with_its_lending() returns trigger language plpgsql as $$
begin
    if not exists (select from lending l where l.id = new.lending_id and l.xmin = pg_current_xact_id()::xid) then
        raise exception 'no camera is added to a lending that was given';
    end if;
    return new;
end $$;
create trigger lent_with_its_lending before insert on lending_camera for each row execute function wf_lent_with_its_lending();

create table borrowed_camera (
    id uuid primary key,
    camera_id uuid not null references camera,
    agency_id uuid not null references agency,
    -- Whose it is, where it was opened, and the id that its leave has over there.
    center text not null,
    address text not null,
    lending text not null,
    until timestamptz not null,
    since timestamptz not null,
    last_at timestamptz not null,
    ended_at timestamptz,
    ended_why text
);
create index on borrowed_camera (agency_id, since, id);
-- A row is a stretch of time: what ended and began again is another. One is open at a time.
create unique index on borrowed_camera (camera_id) where ended_at is null;
create index on borrowed_camera (camera_id, since);
call wf_isolate('borrowed_camera');
