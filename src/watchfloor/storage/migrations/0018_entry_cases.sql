-- A manual hot-list entry keeps the case that it was approved for: it alerts no more once that case is over. `ended_at` says
-- that this is in the log. Entries from files, and those approved for a call, an incident or an alert, rest on no case.

alter table hot_list_entry add column case_id uuid;
alter table hot_list_entry add column ended_at timestamptz;
create index on hot_list_entry (case_id) where case_id is not null and ended_at is null;
