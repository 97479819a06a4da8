-- The drawn map under everything: one a center. Its tiles are a file of the object store.

create table basemap (
    id uuid primary key,
    agency_id uuid not null unique references agency,
    sha256 text not null,
    size bigint not null,
    attribution text not null,
    min_zoom smallint not null,
    max_zoom smallint not null,
    west double precision not null,
    south double precision not null,
    east double precision not null,
    north double precision not null,
    imported_by uuid not null,
    imported_at timestamptz not null
);
call wf_isolate('basemap');
