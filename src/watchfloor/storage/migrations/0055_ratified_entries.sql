-- An entry that one person put in force within an open incident: by when a second ratifies it, or it has died.

alter table hot_list_entry add column ratify_by timestamptz;
create index on hot_list_entry (ratify_by) where ratify_by is not null and ended_at is null;
