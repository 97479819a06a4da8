-- What a sound is taken for, what a room lets be raised of it, and the weather that it is located with.

-- An alert that is less likely gunfire than the room's allowed false alerts let be raised: kept, counted and shown where it is looked for,
-- decided by nobody. It waits for a person as soon as it is likelier, or one asks for it.
alter table alert drop constraint alert_state_check;
alter table alert add check (state in ('waiting', 'acknowledged', 'in_review', 'escalated', 'confirmed', 'dismissed', 'kept_back'));
alter table alert drop constraint alert_check;
alter table alert add constraint alert_decided check ((state in ('confirmed', 'dismissed', 'kept_back')) = (decided_at is not null));
alter table alert add constraint alert_kept_back check (state <> 'kept_back' or (kind = 'impulse' and decided_by is null));
create index alert_of_sounds on alert (agency_id, at) where kind = 'impulse';

-- What each version of a source was taken for when it was told.
alter table sound_source_version add column kind_told text;
alter table sound_source_version add column percent_told smallint check (percent_told between 0 and 100);

-- What was read of the weather where microphones are, by a person or a station: `station` is what that is called.
create table weather_reading (
    agency_id uuid not null references agency,
    station text not null,
    at timestamptz not null,
    temperature_c double precision not null check (temperature_c between -45 and 55),
    humidity double precision check (humidity between 0 and 1),
    wind_mps double precision not null check (wind_mps between 0 and 45),
    wind_from_deg double precision not null check (wind_from_deg between 0 and 360),
    entered_by uuid not null,
    entered_at timestamptz not null,
    primary key (agency_id, station, at)
);
call wf_isolate('weather_reading');
create index on weather_reading (agency_id, at);

-- Where the sound of an incident came from, as it is located now: what its map, and its crew's, draw.
alter table incident add column sound jsonb;
