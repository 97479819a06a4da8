-- What may be added to the log, by whoever has taken over a role that adds to it: an entry without a place, whose row says
-- what its leaf says. A place given at the insert, a leaf that is no JSON or a year that no program reads would stop the
-- ledger or the explorer for good; a leaf of another's id, or one that plays a restore, would make an honest log look tampered.

create function wf_says_its_leaf(entry audit_entry) returns boolean language sql stable as $$
    select row(said ->> 'id', said ->> 'agency', (said ->> 'at')::timestamptz, said ->> 'kind', said ->> 'actor', said ->> 'need',
               said ->> 'result', said ->> 'reason', said -> 'about' ->> 'kind', said -> 'about' ->> 'id', said ->> 'cause',
               said ->> 'authorisation', substring(said ->> 'case' from '^(?:case|call|incident|alert):(.*)$'))
        is not distinct from
           row(entry.id::text, entry.agency_id::text, entry.at, entry.kind, entry.actor_id::text, entry.need,
               entry.result, entry.reason, entry.about_kind, entry.about_id::text, entry.cause_id::text,
               entry.authorisation_id::text, entry.case_id::text)
        and (said ->> 'case' is null) = (entry.case_id is null)
    from (select convert_from(entry.leaf, 'UTF8')::jsonb as said) as leaf
$$;
revoke execute on function wf_says_its_leaf(audit_entry) from public;
grant execute on function wf_says_its_leaf(audit_entry) to wf_app, wf_sweep;

create policy of_leaf on audit_entry as restrictive for insert to wf_app, wf_sweep
    with check (leaf_index is null and at >= '2000-01-01Z' and at < '2200-01-01Z' and wf_says_its_leaf(audit_entry));
create policy of_payload on audit_payload as restrictive for insert to wf_app, wf_sweep
    with check (erased_at is null and jsonb_typeof(payload) = 'object' and isfinite(erase_after));
