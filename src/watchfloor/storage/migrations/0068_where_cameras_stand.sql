-- Which cameras are for a place is asked at each alert and incident: those of its latitudes are found, and the few that see farther.
create index camera_lat on camera (lat) where removed_at is null;
create index camera_range on camera (range_m) where removed_at is null;
