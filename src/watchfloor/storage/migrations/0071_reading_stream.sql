-- Which stream of a camera its plates are read on: the main one, or its sub stream, which is cheaper and shows fewer of them.

alter table reader add column stream text not null default 'main' check (stream in ('main', 'sub'));
