-- What is wrong with the disk on which an edge box keeps pictures while the center is away; null: nothing. `lost`: pictures that it could not
-- keep since it was started.
alter table edge_state
    add column disk text check (disk in ('full', 'failing', 'slow')),
    add column lost bigint not null default 0 check (lost >= 0);
