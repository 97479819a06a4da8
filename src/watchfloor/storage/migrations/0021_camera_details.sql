-- What people say of a camera beside its place and view. Null: nobody said.
alter table camera
    add column kind text check (kind in ('municipal', 'business', 'residential', 'trailer', 'body')),
    add column mount text,
    add column height_m real check (height_m > 0 and height_m <= 300),
    add column night text not null default 'unknown' check (night in ('infrared', 'low_light', 'none', 'unknown')),
    -- Who owns it, in the agency's own words; a private owner's identity is not here.
    add column owner_text text not null default '',
    -- What it hangs on: where one of them fails, its cameras fail together.
    add column network_switch text,
    add column power_feed text,
    add column footage_kept text not null default 'here' check (footage_kept in ('here', 'at_site', 'both')),
    -- Its number in another system's list, by which an import finds it again.
    add column external_id text;
update camera set kind = 'municipal' where technology = 'fixed_camera';
update camera set kind = 'trailer' where technology = 'mobile_trailer';
create unique index on camera (agency_id, external_id) where removed_at is null;
