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

create table lending_camera (
    lending_id uuid not null references lending,
    agency_id uuid not null references agency,
    camera_id uuid not null references camera,
    primary key (lending_id, camera_id)
);
create index on lending_camera (camera_id);
call wf_isolate('lending_camera');

create function wf_lending_is_not_prolonged() returns trigger language plpgsql as $$
begin
    if new.until > old.until or new.partner_id <> old.partner_id or (old.ended_at is not null and new.ended_at is distinct from old.ended_at) then
        raise exception 'a lending is never prolonged, and one that ended never begun again';
    end if;
    return new;
end $$;
create trigger lending_is_not_prolonged before update on lending for each row execute function wf_lending_is_not_prolonged();

create table borrowed_camera (
    id uuid primary key,
    camera_id uuid not null references camera,
    agency_id uuid not null references agency,
    -- Whose it is, and the id that its leave has over there.
    center text not null,
    lending text not null,
    until timestamptz not null,
    since timestamptz not null,
    last_at timestamptz not null,
    ended_at timestamptz,
    ended_why text,
    unique (camera_id, lending)
);
create index on borrowed_camera (agency_id, since, id);
call wf_isolate('borrowed_camera');
