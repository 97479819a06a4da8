-- Whether whoever asked for it may see beneath masks, as the door said then: by a court's order, in a role with that right.
alter table export_span add column unmasked boolean not null default false;

-- When the device was last seen to round this mask so far that it leaves a part open: it is not set there again at each look.
alter table camera_mask add column unfit_at timestamptz;
