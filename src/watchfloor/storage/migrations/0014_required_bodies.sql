-- Which bodies a technology needs the yes of is decided by two persons, technology by technology; to be named by an
-- authorisation once makes a body required for nothing else. What was authorised before a body was required stands; a body that
-- is no longer required is waited for no more.

create table required_body (
    id uuid primary key,
    agency_id uuid not null references agency,
    technology text not null,
    body_id uuid not null references approving_body,
    since timestamptz not null,
    since_by uuid not null,
    until timestamptz,
    until_by uuid,
    check ((until is null) = (until_by is null))
);
create unique index on required_body (agency_id, technology, body_id) where until is null;
call wf_isolate('required_body');

-- One person records a body's yes, another confirms it. What is there was written down by the two of its authorisation.
alter table authorisation_approval add column confirmed_by uuid;
update authorisation_approval p set recorded_by = a.proposed_by, confirmed_by = a.approved_by
    from authorisation a where a.id = p.authorisation_id;

-- An upgrade puts nothing into force: what waited for a body that some earlier authorisation had named still waits for it, as
-- if it had named it itself.
insert into authorisation_approval
    (id, agency_id, authorisation_id, body_id, instrument, recorded_by, confirmed_by, recorded_at)
select gen_random_uuid(), a.agency_id, a.id, b.id, '', a.proposed_by, a.approved_by, a.created_at
from authorisation a join approving_body b on b.agency_id = a.agency_id and b.required and b.created_at <= a.created_at
where not exists (select from authorisation_approval p where p.authorisation_id = a.id and p.body_id = b.id);

alter table authorisation_approval alter confirmed_by set not null, add check (confirmed_by <> recorded_by);
alter table approving_body drop column required;

-- Who proposed it when; an authorisation of ours was always approved by a second person.
alter table authorisation add column proposed_at timestamptz;
update authorisation a set proposed_at = coalesce(
    (select min(p.proposed_at) from proposal p where p.kind = 'authorisation' and p.subject_id = a.id), a.created_at);
alter table authorisation alter proposed_at set not null, alter approved_at set not null, alter approved_by set not null;
