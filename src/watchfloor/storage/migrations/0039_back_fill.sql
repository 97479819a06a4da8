-- What a camera may have kept of a gap: how often it was asked, when next, what came of it in words, and when that was settled.
alter table footage_gap add column fill_tries smallint not null default 0;
alter table footage_gap add column fill_at timestamptz;
alter table footage_gap add column fill_said text;
alter table footage_gap add column filled_at timestamptz;

-- Where a camera without ONVIF replays what it kept: an address with {begin} and {end} in it.
alter table camera add column replay_address text;
