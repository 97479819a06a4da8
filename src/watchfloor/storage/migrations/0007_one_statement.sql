-- What every request asks and writes before it opens anything, as one statement each (decision 14). A function sets its
-- agency for its own statement alone and runs with the rights of whoever calls it: row security holds inside as outside.

create function wf_sign_in(of_agency uuid, with_hash bytea, at_time timestamptz)
returns table (id uuid, agency_id uuid, person_id uuid, second_factor boolean, at timestamptz, seen_at timestamptz,
               until timestamptz, name text, display_name text, agency_name text, time_zone text, has_totp boolean, roles text[])
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('wf.agency', of_agency::text, true);
    return query
        select s.id, s.agency_id, s.person_id, s.second_factor, s.at, s.seen_at, s.until, p.name::text, p.display_name, g.name,
               g.time_zone, c.totp_secret is not null, array(select role from person_role r where r.person_id = p.id)
        from sign_in s join person p on p.id = s.person_id join agency g on g.id = s.agency_id
        join credential c on c.person_id = p.id
        where s.token_hash = with_hash and s.ended_at is null and s.until > at_time and p.suspended_at is null;
end $$;
revoke execute on function wf_sign_in(uuid, bytea, timestamptz) from public;
grant execute on function wf_sign_in(uuid, bytea, timestamptz) to wf_app;

create function wf_device(of_agency uuid, with_hash bytea) returns table (device_id uuid, device_kind text)
language plpgsql as $$
#variable_conflict use_column
begin
    perform set_config('wf.agency', of_agency::text, true);
    return query select d.device_id, d.device_kind from device_token d where d.token_hash = with_hash and d.revoked_at is null;
end $$;
revoke execute on function wf_device(uuid, bytea) from public;
grant execute on function wf_device(uuid, bytea) to wf_app;

-- A yes that rests on the asker's role alone: kept only while the session it was given to holds; whether it was kept.
create function wf_log_while_signed_in(
    of_agency uuid, session uuid, entry uuid, at_time timestamptz, of_kind text, by_actor uuid, of_need text, with_result text,
    with_reason text, of_about_kind text, of_about uuid, with_leaf bytea, with_salt bytea, with_payload jsonb, erase timestamptz)
returns boolean language plpgsql as $$
begin
    perform set_config('wf.agency', of_agency::text, true);
    if session is not null and not exists (
        select from sign_in s join person p on p.id = s.person_id
        where s.id = session and s.ended_at is null and s.until > at_time and p.suspended_at is null)
    then
        return false;
    end if;
    insert into audit_entry (id, agency_id, at, kind, actor_id, need, result, reason, about_kind, about_id, leaf)
    values (entry, of_agency, at_time, of_kind, by_actor, of_need, with_result, with_reason, of_about_kind, of_about, with_leaf);
    if with_salt is not null then
        insert into audit_payload (entry_id, agency_id, salt, payload, erase_after)
        values (entry, of_agency, with_salt, with_payload, erase);
    end if;
    return true;
end $$;
revoke execute on function wf_log_while_signed_in(uuid, uuid, uuid, timestamptz, text, uuid, text, text, text, text, uuid, bytea,
    bytea, jsonb, timestamptz) from public;
grant execute on function wf_log_while_signed_in(uuid, uuid, uuid, timestamptz, text, uuid, text, text, text, text, uuid, bytea,
    bytea, jsonb, timestamptz) to wf_app;

-- NOTIFY holds one lock of the whole server from its commit to the end of its flush: entries were committed one by one.
drop trigger wake_ledger on audit_entry;
drop function wf_wake_ledger();
