-- Microphones: what hears short loud sounds and says when, and where each hangs.

-- `lat`, `lon`, `height_m` (above the ground) and `mount` (how it is reached, in words) are told to few: whoever knows where a microphone hangs
-- can silence it, or leave its reach. `error_m`: how far it may be from there. `clock_bound_ms`: how far its clock may be off. `noise_db`: how
-- loud it is there at night, dB SPL; null where nobody measured.
create table microphone (
    id uuid primary key,
    agency_id uuid not null references agency,
    name text not null,
    lat double precision not null check (lat between -90 and 90),
    lon double precision not null check (lon between -180 and 180),
    height_m double precision check (height_m between -100 and 1000),
    error_m double precision not null check (error_m > 0 and error_m <= 100),
    clock_bound_ms double precision not null check (clock_bound_ms > 0 and clock_bound_ms <= 1000),
    noise_db double precision check (noise_db between 0 and 150),
    mount text not null,
    created_at timestamptz not null,
    created_by uuid not null,
    retired_at timestamptz,
    version bigint not null,
    unique (agency_id, name),
    unique (id, agency_id)
);
call wf_isolate('microphone');
