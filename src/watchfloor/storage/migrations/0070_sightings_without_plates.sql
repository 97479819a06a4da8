-- A sighting's message in the words of whoever sees the incident and is no crew that was sent after the vehicle: without its plate.
alter table incident_message add column without_plate text;
update incident_message
    set without_plate = regexp_replace(text, '^Sighting, unconfirmed: [^ ,]+( \([^)]*\)|, state unread), ', 'Sighting, unconfirmed: ')
    where text like 'Sighting, unconfirmed: %' and side = 'room';

-- What stays with the incident, and is seen by everybody who sees it, never had to say which plate.
update incident_entry
    set text = regexp_replace(text, '^Sighting, unconfirmed: [^ ,]+( \([^)]*\)|, state unread), ', 'Sighting, unconfirmed: ')
    where kind = 'sighting';
update incident_entry set text = regexp_replace(text, '^Following [^ :]+: ', 'Following a vehicle: ') where kind = 'follow';
