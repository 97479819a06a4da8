-- Which devices many tokens belong to, asked together: a state's readers that send read by read ask hundreds of times a second
-- (as wf_device, decision 14). The agency is set before the rows are looked for, for this statement alone.
create function wf_devices(of_agency uuid, with_hashes bytea[]) returns table (token_hash bytea, device_id uuid, device_kind text)
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('wf.agency', of_agency::text, true);
    return query select d.token_hash, d.device_id, d.device_kind from device_token d
        where d.token_hash = any(with_hashes) and d.revoked_at is null;
end $$;
revoke execute on function wf_devices(uuid, bytea[]) from public;
grant execute on function wf_devices(uuid, bytea[]) to wf_app;
drop function wf_device(uuid, bytea);

-- What is held of reads that are kept for minutes lies where reads of days lie, in the write-ahead log and in backups: under a rule of
-- the same length that is for such rows alone. It is forgotten as its minutes are over and nobody holds it any more.
alter table retention_rule
    add column held boolean not null default false,
    drop constraint retention_rule_agency_id_keep_for_key,
    add unique (agency_id, keep_for, held);

create or replace procedure wf_partition_create(target text, rule smallint, day date)
language plpgsql security definer set search_path = public set lock_timeout = '5s' as $$
declare
    parent text := format('%s_r%s', target, rule);
    child text := wf_partition_name(target, rule, day);
    is_brief boolean;
    is_held boolean;
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
        is_held := exists (select from retention_rule r where r.rule = wf_partition_create.rule and r.held);
        -- Whoever makes room for all agencies sees no rule of any: the days that are there tell.
        is_brief := not is_held and (
            exists (select from retention_rule r where r.rule = wf_partition_create.rule and r.keep_for < interval '1 day')
            or exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
                       where p.relname = parent and p.relnamespace = 'public'::regnamespace and c.relpersistence = 'u'));
        execute format('create %s table %I (like %I including all)', case when is_brief then 'unlogged' else '' end, child, parent);
        if is_brief or is_held then
            execute format('create index on %I (at)', child);
            execute format('alter table %I set (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0)', child);
        end if;
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child,
                       day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
end $$;

-- Moves what is held of the agency's reads and pictures of minutes; how many rows. Whoever holds, keeps and forgets calls it, with the
-- caller's rights; they take turns, and nobody waits where nothing is held.
create function wf_keep_held() returns bigint
language plpgsql as $$
declare
    target text;
    one record;
    moved bigint;
    in_all bigint := 0;
    twin smallint;
    held constant text := ' p.rule = $1 and exists (select from hold h where h.data_class = $2 and h.ended_at is null'
        ' and h.about_id = p.device_id and h.from_at <= p.at and h.to_at >= p.at)';
begin
    foreach target in array array['plate_picture', 'plate_read'] loop
        continue when not exists (select from hold h where h.data_class = target and h.ended_at is null);
        for one in select r.rule, r.keep_for from retention_rule r where r.keep_for < interval '1 day' and not r.held order by r.rule loop
            declare
                days date[];
                next_day date;
            begin
                execute format('select array_agg(distinct (p.at at time zone ''UTC'')::date) from %I p where', target) || held
                    into days using one.rule, target;
                continue when days is null;
                perform pg_advisory_xact_lock(hashtextextended('wf_hold ' || wf_agency()::text, 0));
                insert into retention_rule (agency_id, keep_for, created_at, held)
                    values (wf_agency(), one.keep_for, clock_timestamp(), true) on conflict do nothing;
                select r.rule into strict twin from retention_rule r where r.keep_for = one.keep_for and r.held;
                foreach next_day in array days loop
                    call wf_partition_create(target, twin, next_day);
                end loop;
                -- One that came again after it had been moved is there already.
                execute format('delete from %I p where', target) || held || case target
                    when 'plate_read' then ' and exists (select from plate_read o where o.rule = $3 and o.device_id = p.device_id'
                        ' and o.source_key = p.source_key and o.at = p.at)'
                    else ' and exists (select from plate_picture o where o.rule = $3 and o.sha256 = p.sha256 and o.at = p.at)' end
                    using one.rule, target, twin;
                execute format('update %I p set rule = $3 where', target) || held using one.rule, target, twin;
                get diagnostics moved = row_count;
                in_all := in_all + moved;
            end;
        end loop;
    end loop;
    return in_all;
end $$;
revoke execute on function wf_keep_held() from public;
grant execute on function wf_keep_held() to wf_app, wf_sweep;
