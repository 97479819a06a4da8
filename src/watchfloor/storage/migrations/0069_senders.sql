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
            if target = 'plate_picture' then -- reads have one: what is held is looked for by its reader
                execute format('create index on %I (device_id, at)', child);
            end if;
            execute format('alter table %I set (autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0)', child);
        end if;
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child,
                       day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
end $$;

-- Moves what is held of the agency's reads and pictures of minutes, of these devices (of all where null) between these times, and says
-- which reads came again that had been moved: they are kept as they were. Whoever holds, keeps and forgets calls it, with the caller's
-- rights; they take turns, and nobody waits where nothing is held. Each looks from the holds on, so that it costs what is held and
-- not what is kept.
create function wf_keep_held(at_now timestamptz, of_devices uuid[], first_at timestamptz, last_at timestamptz)
    returns table (device_id uuid, source_key text, at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
    target text;
    one record;
    twin smallint;
    days date[];
    next_day date;
    held constant text := ' p.rule = $1 and h.data_class = $2 and h.ended_at is null and ($3::uuid[] is null or h.about_id = any ($3))'
        ' and p.device_id = h.about_id and p.at >= greatest(h.from_at, $4) and p.at <= least(h.to_at, $5)';
begin
    foreach target in array array['plate_picture', 'plate_read'] loop
        continue when not exists (select from hold h where h.data_class = target and h.ended_at is null
            and (of_devices is null or h.about_id = any (of_devices)) and h.from_at <= last_at and h.to_at >= first_at);
        for one in select r.rule, r.keep_for from retention_rule r where r.keep_for < interval '1 day' and not r.held order by r.rule loop
            execute format('select array_agg(distinct (p.at at time zone ''UTC'')::date) from hold h, %I p where', target) || held
                into days using one.rule, target, of_devices, first_at, last_at;
            continue when days is null;
            perform pg_advisory_xact_lock(hashtextextended('wf_hold ' || wf_agency()::text, 0));
            insert into retention_rule (agency_id, keep_for, created_at, held)
                values (wf_agency(), one.keep_for, at_now, true) on conflict do nothing;
            select r.rule into strict twin from retention_rule r where r.keep_for = one.keep_for and r.held;
            foreach next_day in array days loop
                call wf_partition_create(target, twin, next_day);
            end loop;
            -- One that came again after it had been moved is there already.
            if target = 'plate_read' then
                return query execute 'delete from plate_read p using hold h where' || held || ' and exists (select from plate_read o'
                    ' where o.rule = $6 and o.device_id = p.device_id and o.source_key = p.source_key and o.at = p.at)'
                    ' returning p.device_id, p.source_key, p.at' using one.rule, target, of_devices, first_at, last_at, twin;
            else
                execute 'delete from plate_picture p using hold h where' || held || ' and exists (select from plate_picture o'
                    ' where o.rule = $6 and o.sha256 = p.sha256 and o.at = p.at)'
                    using one.rule, target, of_devices, first_at, last_at, twin;
            end if;
            execute format('update %I p set rule = $6 from hold h where', target) || held
                using one.rule, target, of_devices, first_at, last_at, twin;
        end loop;
    end loop;
end $$;
revoke execute on function wf_keep_held(timestamptz, uuid[], timestamptz, timestamptz) from public;
grant execute on function wf_keep_held(timestamptz, uuid[], timestamptz, timestamptz) to wf_app, wf_sweep;
