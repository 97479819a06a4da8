-- What a site's recorder tells by ONVIF of each of its cameras: where that one's streams are, whatever the paths of the site say.
create table camera_site_channel (
    site_id uuid not null,
    agency_id uuid not null references agency,
    channel text not null,
    -- What the recorder calls the camera: by that it is known again when the channels are read anew.
    source text not null,
    -- Paths as the recorder told them, without marks.
    stream text not null check (starts_with(stream, '/')),
    sub_stream text check (starts_with(sub_stream, '/')),
    read_at timestamptz not null,
    -- Since when the recorder tells of it no more; a camera that is at it stays where it was.
    gone_at timestamptz,
    primary key (site_id, channel),
    foreign key (site_id, agency_id) references camera_site (id, agency_id)
);
call wf_isolate('camera_site_channel');
