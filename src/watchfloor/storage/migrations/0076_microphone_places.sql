-- Where a microphone was registered from a version of it on, until the next: what was heard is of the place that it had then. A row for each
-- version that changed the place or its error; `since`: when it came to hang there, whatever became known of that since. Of a pulse it is the
-- last row of its microphone that is of no later version than its `microphone_version`.
create table microphone_place (
    microphone_id uuid not null,
    agency_id uuid not null,
    version bigint not null,
    lat double precision not null,
    lon double precision not null,
    height_m double precision,
    error_m double precision not null,
    since timestamptz not null,
    primary key (microphone_id, version),
    foreign key (microphone_id, agency_id) references microphone (id, agency_id)
);
call wf_isolate('microphone_place');

-- One that was never changed has hung there since it was registered. Of any other nobody kept where it was before, nor whether it was moved: that
-- it hangs where it is registered is known from now on, and its older pulses are of no place.
insert into microphone_place (microphone_id, agency_id, version, lat, lon, height_m, error_m, since)
select id, agency_id, version, lat, lon, height_m, error_m, case when version = 1 then created_at else now() end
from microphone;
