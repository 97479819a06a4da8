-- How wide and how far a camera sees, as people say it: what the map draws as its view.
alter table camera
    add column field_deg real check (field_deg > 0 and field_deg <= 360),
    add column range_m real check (range_m > 0 and range_m <= 2000);
