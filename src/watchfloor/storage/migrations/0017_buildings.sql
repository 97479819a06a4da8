-- The footprints of a city's buildings: what hides a place from a camera. Their shapes are a file of the object store.

create table building_map (
    id uuid primary key,
    agency_id uuid not null unique references agency,
    name text not null,
    attribution text not null,
    sha256 text not null,
    buildings integer not null,
    rows integer not null,
    skipped jsonb not null,
    imported_by uuid not null,
    imported_at timestamptz not null
);
call wf_isolate('building_map');
