-- Where a site speaks ONVIF, on the host of its address: there it says what it recorded (Profile G). Null: nobody said.
alter table camera_site add column device text check (device !~ '@');

-- What is held and kept at a site is fetched from there: how often it was tried, when next, what came of it in words, and when it was over.
create table footage_pull (
    hold_id uuid primary key references hold on delete cascade,
    agency_id uuid not null references agency,
    tries integer not null default 0,
    said text,
    again_at timestamptz,
    done_at timestamptz
);
call wf_isolate('footage_pull');
