-- Exports of plate reads: which reads, and what each was when it was asked for, by the hash of its row and of its picture. It holds
-- nothing of a read itself: what is packed is read again, and must be the same.

alter table export add column search_id uuid;

create table export_read (
    export_id uuid not null,
    agency_id uuid not null references agency,
    number smallint not null,
    read_at timestamptz not null,
    read_number bigint not null,
    read_id text not null,
    row_sha256 text not null,
    picture_sha256 text,
    primary key (export_id, number),
    foreign key (export_id, agency_id) references export (id, agency_id) on delete cascade
);
call wf_isolate('export_read');
