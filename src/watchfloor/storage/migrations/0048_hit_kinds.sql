-- How the text of a hit answers to its entry, and whether it may alert. What was kept before alerted, and differed in looks alone.
alter table plate_hit add column kind text not null default 'exact'
    check (kind in ('exact', 'confusable', 'substitution', 'missing', 'extra'));
alter table plate_hit add column grade text not null default 'alarm' check (grade in ('alarm', 'possible'));
-- What its reader said of each character: confidence, and what else may stand there.
alter table plate_hit add column characters jsonb;
update plate_hit set kind = 'confusable' where not strict;
