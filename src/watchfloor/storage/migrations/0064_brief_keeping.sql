-- What is kept for less than a day is forgotten row by row. Its rows are in no write-ahead log, so in no archive of it, no replica and
-- no backup; a database that crashes begins without them, which loses what would be gone within minutes. Hits are kept apart.
create or replace procedure wf_partition_create(target text, rule smallint, day date)
language plpgsql security definer set search_path = public set lock_timeout = '5s' as $$
declare
    parent text := format('%s_r%s', target, rule);
    child text := wf_partition_name(target, rule, day);
    is_brief boolean;
begin
    if to_regclass(child) is not null then
        return;
    end if;
    if not exists (select from pg_partitioned_table p join pg_class c on c.oid = p.partrelid where c.relname = target) then
        raise exception '% is not kept by rule', target;
    end if;
    perform pg_advisory_xact_lock(hashtext('wf_partition ' || target));
    -- Asked of the catalogue itself: to_regclass may still answer as before the wait.
    if not exists (select from pg_class where relname = parent and relnamespace = 'public'::regnamespace) then
        execute format('create table %I (like %I including all) partition by range (at)', parent, target);
        execute format('alter table %I attach partition %I for values in (%s)', target, parent, rule);
    end if;
    if not exists (select from pg_class where relname = child and relnamespace = 'public'::regnamespace) then
        -- Whoever makes room for all agencies sees no rule of any: the days that are there tell.
        is_brief := exists (select from retention_rule r where r.rule = wf_partition_create.rule and r.keep_for < interval '1 day')
            or exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
                       where p.relname = parent and p.relnamespace = 'public'::regnamespace and c.relpersistence = 'u');
        execute format('create %s table %I (like %I including all)', case when is_brief then 'unlogged' else '' end, child, parent);
        if is_brief then
            execute format('create index on %I (at)', child);
            execute format('alter table %I set (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0)', child);
        end if;
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child,
                       day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
end $$;

-- A reader of ours, of reads that are invented and planted to see them go.
alter table reader add column canary boolean not null default false;
