-- Where a recorder shows a camera that is at another port than most of its others; null: at the address of the site.
alter table camera_site_channel add column address text check (address ~ '^rtsps?://[^/@]+$');

-- A camera of a recorder has a device before that was ever asked: it says at first why it was not.
alter table camera_device alter column answered_at drop not null;
-- What a recorder calls the camera in its events: its source and the configurations of that. Empty: all that the device says is of it.
alter table camera_device add column named text[] not null default '{}';
