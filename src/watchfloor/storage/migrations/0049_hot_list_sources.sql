-- Whose a hot list is, how urgent, how often it is renewed; files of NCIC's kinds, each under an authorisation of its own;
-- how an entry is to be handled; entries withdrawn here, whatever the next file says.

alter table hot_list add column owner text not null default '';
alter table hot_list add column priority text not null default 'usual' check (priority in ('urgent', 'usual', 'low'));
-- Null: it is renewed by nobody's schedule, as a list that is kept by hand.
alter table hot_list add column refresh_hours integer check (refresh_hours between 1 and 8784);
alter table hot_list add column file_kind text;
-- Since when it is known and told that the list is stale; null while it is not.
alter table hot_list add column stale_since timestamptz;
alter table hot_list drop constraint hot_list_source_check;
alter table hot_list add check (source in ('imported', 'manual', 'api'));
-- An error of the last file that was not taken, and when; gone with the next that is.
alter table hot_list add column failed_at timestamptz;
alter table hot_list add column failure text;

-- So many entries are gone that a person has to say that this is meant.
alter table hot_list_import add column shrunk boolean not null default false;
-- Rows whose entry stays withdrawn though the file brings it again.
alter table hot_list_import add column withdrawn integer not null default 0;
alter table hot_list_import add column file_kind text;

alter table hot_list_entry add column handling text[] not null default '{}';
alter table hot_list_entry add column agency text;

-- An entry that answers no more. It outlives the edition: the same entry in the next file stays withdrawn.
create table hot_list_withdrawal (
    entry_id uuid primary key,
    agency_id uuid not null references agency,
    hot_list_id uuid not null,
    withdrawn_at timestamptz not null,
    withdrawn_by uuid not null,
    why text not null,
    expires_at timestamptz not null,
    foreign key (hot_list_id, agency_id) references hot_list (id, agency_id)
);
create index on hot_list_withdrawal (hot_list_id, withdrawn_at);
call wf_isolate('hot_list_withdrawal');

-- What allows files of one kind to be taken and matched: by which body and instrument, from when to when, by which proposal.
create table hot_list_file_kind (
    id uuid primary key,
    agency_id uuid not null references agency,
    kind text not null,
    body text not null,
    instrument text not null,
    effective_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > effective_at),
    proposal_id uuid not null,
    approved_by uuid not null,
    approved_at timestamptz not null
);
create index on hot_list_file_kind (agency_id, kind, expires_at);
call wf_isolate('hot_list_file_kind');

-- Why the entry behind an open alert answers no more, as the alert says it.
alter table alert add column entry_gone text;
