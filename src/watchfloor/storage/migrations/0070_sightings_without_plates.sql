-- A sighting's message in the words of whoever sees the incident and is no crew that was sent after the vehicle: without its plate.
-- Of what does not read as it should nothing is known of where its plate ends: then without its words.
alter table incident_message add column without_plate text;
create function wf_without_plate(said text) returns text language sql immutable as $$
    select case when said ~ plated then regexp_replace(said, plated, 'Sighting, unconfirmed: ') else 'Sighting, unconfirmed.' end
    from (values ('^Sighting, unconfirmed: [^ ,]+( \([^)]*\)|, state unread), ')) as p (plated)
$$;
update incident_message set without_plate = wf_without_plate(text) where text like 'Sighting, unconfirmed: %' and side = 'room';

-- What stays with the incident, and is seen by everybody who sees it, never had to say which plate.
update incident_entry set text = wf_without_plate(text) where kind = 'sighting';
update incident_entry set text = regexp_replace(text, '^Following [^ :]+: ', 'Following a vehicle: ') where kind = 'follow';
drop function wf_without_plate(text);
