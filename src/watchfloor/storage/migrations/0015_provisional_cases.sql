-- A provisional case is confirmed by another person than who opened it. A number is used by one open case at a time: that of
-- a case which has ended may be opened anew, as a case of its own.

alter table case_file add column confirmed_by uuid check (confirmed_by <> opened_by);
alter table case_file add column confirmed_at timestamptz;
alter table case_file drop constraint case_file_agency_id_number_key;
create unique index on case_file (agency_id, number) where closed_at is null;
create index on case_file (agency_id, provisional_until) where closed_at is null;
