-- A verdict is on an alert, or on a possible hit that alerted nobody; `judged_by` is who typed what its picture says, of those alone.
alter table plate_verdict drop constraint plate_verdict_pkey;
alter table plate_verdict alter column alert_id drop not null;
alter table plate_verdict add unique (alert_id);
alter table plate_verdict add column id uuid not null default gen_random_uuid();
alter table plate_verdict alter column id drop default;
alter table plate_verdict add primary key (id);
alter table plate_verdict add column hit_id uuid unique;
alter table plate_verdict add column judged_by uuid;
-- Who typed a word and then saw the entry: none of them is blind to it again.
alter table plate_verdict add column seen_by uuid[] not null default '{}';
-- Of one passing one verdict counts, whatever it answered to and however often it was read.
alter table plate_verdict add column counts boolean not null default true;
-- Null: it says nothing of how often a plate, or a state, is read wrongly.
alter table plate_verdict alter column expected_misread drop not null;
alter table plate_verdict alter column expected_wrong_state drop not null;
create index on plate_verdict (device_id, at);
alter table plate_verdict add check ((alert_id is null) <> (hit_id is null));
alter table plate_verdict drop constraint plate_verdict_verdict_check;
alter table plate_verdict add check (verdict in ('right', 'misread', 'wrong_state', 'stale_entry', 'another_car', 'undecided'));

-- Possible hits are looked at newest first, of all lists.
create index on plate_hit (at desc, id desc) where grade = 'possible' and watch_id is null;

-- A message that only a person handed in is taken anew from the list's own machine.
alter table cap_message add column by_hand boolean not null default false;
