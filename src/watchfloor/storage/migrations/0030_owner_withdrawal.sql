-- Whoever offered a camera takes the offer back by a link of its own; a letter that a mail server refuses for good is given up.

alter table owner_link drop constraint owner_link_use_check;
alter table owner_link add check (use in ('verify', 'enter', 'withdraw'));
alter table mail add column given_up_at timestamptz;
