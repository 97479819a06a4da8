-- Which cameras are for a place is asked at each alert and incident: those of its box are found, and the few that see farther.
create index camera_stands on camera (lat, lon) where removed_at is null;
create index camera_range on camera (range_m) where removed_at is null;
