-- The sweep finds the entries that have expired without reading the millions that have not.
create index on hot_list_entry (expires_at);
