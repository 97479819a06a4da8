-- Alerts (CAP 1.2) that were taken onto a list, and those that were ended, whichever came first; `kind` is null of one that only
-- another message has named. What each brought are entries with its reference, and proposals that wait for a person.
create table cap_message (
    agency_id uuid not null references agency,
    hot_list_id uuid not null,
    sender text not null,
    identifier text not null,
    sent timestamptz not null,
    reference text not null,
    kind text check (kind in ('amber', 'silver')),
    taken_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_why text,
    proposals uuid[] not null default '{}',
    primary key (hot_list_id, sender, identifier, sent),
    foreign key (hot_list_id, agency_id) references hot_list (id, agency_id)
);
create index on cap_message (expires_at);
call wf_isolate('cap_message');
