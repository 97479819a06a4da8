-- Watches and searches for co-travellers are counted in the log, of a year.

create index audit_entry_plate_looks on audit_entry (agency_id, at) where reason in ('plate_watch.proposed', 'plate_watch.refused',
    'plate_watch.in_force', 'plate_watch.withdrawn', 'plate_watch.ended', 'plate_watch.paused', 'plate_watch.hit', 'co_travel.proposed',
    'co_travel.refused', 'co_travel.in_work', 'co_travel.found', 'co_travel.stopped', 'co_travel.failed');
