-- Over what a stream comes, and what the certificate of its other end is known by: a SHA-256 fingerprint, or the PEM of its authorities;
-- null: the authorities that this machine trusts.
alter table camera
    add column transport text not null default 'tcp' check (transport in ('tcp', 'udp', 'auto')),
    add column certificate text;
alter table camera_site
    add column transport text not null default 'tcp' check (transport in ('tcp', 'udp', 'auto')),
    add column certificate text;
