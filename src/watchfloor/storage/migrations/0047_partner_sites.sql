-- Another watchfloor as a site: its address is https://, and its paths are those of our own API.

alter table camera_site drop constraint camera_site_kind_check;
alter table camera_site add check (kind in ('nvr', 'vms', 'watchfloor'));
