-- Bookmarks: moments of recorded video that a person marked for a case or an incident. They hold no picture and preserve none.

create table bookmark (
    id uuid primary key,
    agency_id uuid not null references agency,
    case_kind text not null check (case_kind in ('case', 'incident')),
    case_id uuid not null,
    cameras uuid[] not null check (cardinality(cameras) between 1 and 9),
    from_at timestamptz not null,
    -- Null for a moment.
    to_at timestamptz check (to_at > from_at),
    note text not null check (char_length(note) between 1 and 500),
    made_by uuid not null,
    made_at timestamptz not null,
    changed_at timestamptz not null,
    version bigint not null
);
create index on bookmark (agency_id, case_id);
create index on bookmark using gin (cameras);
call wf_isolate('bookmark');
