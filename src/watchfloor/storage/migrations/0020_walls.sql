-- Walls: cameras that a person put side by side, under a name. A null in `tiles` is a tile that shows nothing.

create table wall (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null check (char_length(name) between 1 and 80),
    owner_id uuid not null,
    tiles uuid[] not null check (cardinality(tiles) in (1, 4, 9, 16)),
    -- The roles that begin with it; no role with two.
    first_of text[] not null default '{}',
    changed_at timestamptz not null,
    version bigint not null
);
create unique index on wall (agency_id, owner_id, name);
call wf_isolate('wall');
