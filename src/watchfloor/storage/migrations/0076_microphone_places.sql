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

-- Where one was before it was moved nobody kept, but the log has when that was: it hangs there since then, as the version that this made of
-- it; its older pulses are of no place. One that was never moved hangs there since it was registered. How exactly that is known, as by now.
insert into microphone_place (microphone_id, agency_id, version, lat, lon, height_m, error_m, since)
with changed as (
    select agency_id, about_id, at, convert_from(leaf, 'UTF8')::jsonb -> 'moved' = 'true' as moved,
        1 + row_number() over (partition by agency_id, about_id order by at, id) as version
    from audit_entry where about_kind = 'microphone' and reason = 'microphone.changed'
), moved as (
    select distinct on (agency_id, about_id) * from changed where moved order by agency_id, about_id, version desc
)
select m.id, m.agency_id, coalesce(moved.version, 1), m.lat, m.lon, m.height_m, m.error_m, coalesce(moved.at, m.created_at)
from microphone m left join moved on moved.agency_id = m.agency_id and moved.about_id = m.id;
