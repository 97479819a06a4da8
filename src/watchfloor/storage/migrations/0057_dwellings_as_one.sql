-- What is looked at of a dwelling is one sum: live, played, saved and exported, by anybody of the agency, through any camera.
alter table dwelling_play add column way text not null default 'play' check (way in ('live', 'play', 'snapshot'));

-- A camera that is turned by hand is aimed at each of its dwellings that may be in its picture: by where it says that it stands, or,
-- as long as it has not said so, at all of them.
alter table camera_aim add column known text not null default 'preset' check (known in ('preset', 'stands', 'assumed'));
drop index camera_aim_camera_id_idx;
create unique index on camera_aim (camera_id, dwelling) where until_at is null;

-- A dwelling that this mask covers entirely, as whoever set it says: a camera whose picture has it is not aimed at that dwelling.
alter table camera_mask add column dwelling text not null default '';
