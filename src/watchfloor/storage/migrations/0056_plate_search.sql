-- Findings: reads that a search found and a person put into a case or an incident. A finding names its read and holds nothing of
-- it: the read goes with its retention, and the finding then says that it is gone.

create table finding (
    id uuid primary key,
    agency_id uuid not null references agency,
    case_kind text not null check (case_kind in ('case', 'incident')),
    case_id uuid not null,
    -- The search's entry of the log; of two scenes where `scenes`.
    search_id uuid not null,
    scenes boolean not null,
    read_at timestamptz not null,
    read_number bigint not null,
    note text not null check (char_length(note) <= 500),
    made_by uuid not null,
    made_at timestamptz not null,
    unique (agency_id, case_kind, case_id, read_at, read_number)
);
create index on finding (agency_id, case_id, made_at desc);
call wf_isolate('finding');

-- The plate backwards, put right: in PostgreSQL `<<` and `|` bind alike and from the left, so that what 0052 wrote without
-- parentheses came to the plate's beginning alone, and a search by an ending found nothing. The column is made anew.

alter table plate_read drop column backwards_key;
create or replace function wf_backwards(key bigint, characters integer) returns bigint language sql immutable parallel safe as $$
    select (((key & 31) << 55) | (((key >> 5) & 31) << 50) | (((key >> 10) & 31) << 45) | (((key >> 15) & 31) << 40)
        | (((key >> 20) & 31) << 35) | (((key >> 25) & 31) << 30) | (((key >> 30) & 31) << 25) | (((key >> 35) & 31) << 20)
        | (((key >> 40) & 31) << 15) | (((key >> 45) & 31) << 10) | (((key >> 50) & 31) << 5) | ((key >> 55) & 31))
        << (5 * (12 - characters))
$$;
alter table plate_read add column backwards_key bigint generated always as (wf_backwards(folded_key, length(plate))) stored;
create index on plate_read (backwards_key, at);
