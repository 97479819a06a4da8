-- The address of a camera's smaller stream, where it has one; on the host of its address, because the login is that of both.
alter table camera add column sub_address text;
