-- What owners agree about their cameras. An agreement holds from the owner's own yes (`agreed_at`); the newest one about a camera is the
-- one in force. The owner is an id and no reference: who it was is forgotten, what was agreed stays.

create table agreement (
    id uuid primary key,
    agency_id uuid not null references agency,
    camera_id uuid not null references camera,
    owner_id uuid not null,
    mode text not null check (mode in ('always', 'incident', 'asked')),
    radius_m int not null check (radius_m between 50 and 5000),
    -- [[weekday, begin, end], …] in minutes of the owner's day; empty for all hours.
    hours jsonb not null,
    time_zone text not null,
    lat double precision not null,
    lon double precision not null,
    begins_at timestamptz not null,
    ends_at timestamptz,
    offered_at timestamptz not null,
    offered_by uuid not null,
    agreed_at timestamptz,
    suspended_at timestamptz,
    revoked_at timestamptz,
    -- What revocation deleted and what it left, once that is done.
    deleted jsonb,
    version bigint not null,
    unique (id, agency_id),
    check (ends_at > begins_at)
);
create index on agreement (camera_id, agreed_at);
create index on agreement (owner_id);
call wf_isolate('agreement');

-- Somebody at work asks for a camera that is shared only after a yes.
create table agreement_request (
    id uuid primary key,
    agency_id uuid not null references agency,
    agreement_id uuid not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    purpose text not null,
    minutes int not null check (minutes between 5 and 1440),
    expires_at timestamptz not null,
    answered_at timestamptz,
    yes boolean,
    until timestamptz,
    foreign key (agreement_id, agency_id) references agreement (id, agency_id) on delete cascade
);
create index on agreement_request (agreement_id, asked_at);
call wf_isolate('agreement_request');

-- An incident that opens or closes is a change of policy where an owner shares a camera only meanwhile: who records and watches asks anew.
create function wf_incident_changes_agreements() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' or old.closed_at is distinct from new.closed_at then
        update policy_version set version = version + 1 where agency_id = new.agency_id and exists
            (select from agreement a where a.agency_id = new.agency_id and a.mode = 'incident' and a.agreed_at is not null
             and a.revoked_at is null);
    end if;
    return new;
end $$;
create trigger incident_changes_agreements after insert or update on incident
    for each row execute function wf_incident_changes_agreements();

-- An owner signs in by a link and has no password: a session needs no credential beside it.
create or replace function wf_sign_in(of_agency uuid, with_hash bytea, at_time timestamptz)
returns table (id uuid, agency_id uuid, person_id uuid, second_factor boolean, at timestamptz, seen_at timestamptz,
               until timestamptz, name text, display_name text, agency_name text, time_zone text, has_totp boolean, roles text[])
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('wf.agency', of_agency::text, true);
    return query
        select s.id, s.agency_id, s.person_id, s.second_factor, s.at, s.seen_at, s.until, p.name::text, p.display_name, g.name,
               g.time_zone, coalesce(c.totp_secret is not null, false), array(select role from person_role r where r.person_id = p.id)
        from sign_in s join person p on p.id = s.person_id join agency g on g.id = s.agency_id
        left join credential c on c.person_id = p.id
        where s.token_hash = with_hash and s.ended_at is null and s.until > at_time and p.suspended_at is null;
end $$;
