"""All SQL of what carries its own end: rows deleted after it, payloads of the log that are due to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, LiteralString

from watchfloor.governance.model import EntryId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_ALL: Final = tuple(DataClass)

# Table -> the condition under which a row is past its end; `%(now)s` is the sweep's time. In this order: an alert that an
# incident rests on goes after the incident. What goes with a parent is deleted by its foreign key.
EXPIRED: Final[Mapping[LiteralString, LiteralString]] = {
    "sign_in": "coalesce(ended_at, until) < %(now)s - interval '90 days'",
    "sign_in_failure": "at < %(now)s - interval '1 day'",
    "invitation": "until < %(now)s - interval '30 days'",
    "idempotency": "at < %(now)s - interval '24 hours'",
    "quarantine": "erase_after < %(now)s",
    "plate_look_up": "erase_after < %(now)s",
    # What nobody reviewed is never forgotten for being late.
    "look_up_review": "erase_after < %(now)s and verdict is not null",
    "plate_verdict": "erase_after < %(now)s",
    "sound_clip": "erase_after < %(now)s",
    # Later than any pulse is looked at for.
    "pulse_look": "slot < %(now)s - interval '1 day'",
    "machine_lease": "until < %(now)s - interval '7 days'",
    "access_grant": "coalesce(ended_at, until) < %(now)s - interval '400 days'",
    "proposal": "expires_at < %(now)s - interval '400 days'",
    "export": "asked_at < %(now)s - interval '400 days' and state not in ('waiting', 'cutting', 'ready')",
    "hold": "ended_at < %(now)s - interval '400 days'",
    # Longer than footage is kept: until then it is the cause of a gap.
    "maintenance_window": "to_at < %(now)s - interval '400 days'",
    # What was recorded past the limit of a dwelling is covered by the aims of that time and of the day before: they stay as long
    # as any such footage. A camera gives what it kept of a gap later than that; a site keeps what it likes, for ten years at most.
    "camera_aim": "id = any(array(select a.id from camera_aim a join (select c.id, (select min(s.at) from segment s"
    " where s.camera_id = c.id) as since, case c.footage_kept when 'here' then interval '400 days' else interval '3651 days' end as whole"
    " from camera c where c.id in (select camera_id from camera_aim)) f on f.id = a.camera_id"
    " where a.until_at < least(f.since - interval '1 day', %(now)s - f.whole)))",
    "dwelling_play": "played_at < %(now)s - interval '30 days'",
    # Where an officer was stays known of footage that is held, and who wore the camera.
    "camera_stood": "erase_after < %(now)s and not exists (select from hold h where h.about_id = camera_stood.camera_id"
    " and h.data_class = 'footage' and h.ended_at is null and h.from_at < camera_stood.until and h.to_at > camera_stood.since)",
    "body_issue": "coalesce(returned_at, (select c.removed_at from camera c where c.id = body_issue.camera_id))"
    " < %(now)s - interval '400 days' and not exists (select from hold h where h.about_id = body_issue.camera_id"
    " and h.data_class = 'footage' and h.ended_at is null and h.to_at > body_issue.issued_at"
    " and (h.from_at < body_issue.returned_at or body_issue.returned_at is null))",
    "job": "done_at < %(now)s - interval '7 days'",
    "worker": "until < %(now)s - interval '7 days'",
    # What expired, and whole editions that another file replaced or that nobody applied, a part at a time; by their place,
    # since one condition or the other would read every entry there is.
    "hot_list_entry": "ctid = any(array((select ctid from hot_list_entry where expires_at < %(now)s - interval '30 days'"
    " limit 200000) union all (select e.ctid from hot_list_import i join hot_list_entry e on e.edition = i.id where not exists"
    " (select from hot_list l where l.edition = i.id) and (i.state = 'applied' or i.expires_at <= %(now)s) limit 200000)))",
    "hot_list_import": "expires_at < %(now)s - interval '30 days'",
    # Its entry goes then too, and the next file may bring it anew only with another end.
    "hot_list_withdrawal": "expires_at < %(now)s - interval '30 days' and not exists (select from hot_list_entry e"
    " where e.id = entry_id and e.expires_at > %(now)s)",
    "cap_message": "expires_at < %(now)s - interval '30 days'",
    # As long as anything is kept that answered to it.
    "plate_watch": "expires_at < %(now)s - interval '30 days'"
    " and not exists (select from plate_hit h where h.entry_id = plate_watch.id)",
    "camera_import": "expires_at < %(now)s",
    "false_binding": "until < %(now)s",
    "incident": "erase_after < %(now)s and state = 'closed'",
    # Of a case it stays as long as the case does.
    "bookmark": "case_kind = 'incident' and not exists (select from incident i where i.id = bookmark.case_id)",
    # Who asked stays for oversight, without the vehicle; that and what was found end by themselves.
    "co_travel_vehicle": "erase_after < %(now)s",
    "co_travel": "asked_at < %(now)s - interval '400 days'",
    "finding": "case_kind = 'incident' and not exists (select from incident i where i.id = finding.case_id)",
    # Evidence of a case stays a year longer than the case; a request that brought nothing as long as an export's.
    "evidence_request": "exists (select from case_file f where f.id = case_id and f.closed_at < %(now)s - interval '365 days')"
    " or (received_at is null and expires_at < %(now)s - interval '400 days')",
    "mail": "sent_at < %(now)s - interval '30 days'",
    # Who is still to be told of a use that is sealed stays until they are.
    "owner": "erase_after < %(now)s and not exists (select from use_seal s where s.owner_id = owner.id and s.opened_at is null)",
    "use_seal": "until < %(now)s - interval '400 days' and opened_at is not null",
    "alert": "erase_after < %(now)s and not exists (select from incident i where i.alert_id = alert.id)",
}


@touches(*_ALL, WRITE)
async def delete_expired(tx: Tx, table: LiteralString) -> int:
    """Delete the rows of a table that are past their own end; how many."""
    gone = await tx.execute("delete from " + table + " where " + EXPIRED[table], now=tx.now)  # noqa: S608  # both are ours
    if table == "incident" and gone:
        # Outcomes are counted for ever; the words beside them go with their incident.
        await tx.execute(
            "update outcome set note = null where note is not null and not exists (select from incident i where i.id = incident_id)"
        )
    return gone


@touches(DataClass.AUDIT_PAYLOAD, READ)
async def payloads_due(tx: Tx, most: int) -> list[EntryId]:
    """Log entries whose payload is past its end, those longest past first."""
    rows = await tx.fetch(
        "select entry_id from audit_payload where erase_after < %(now)s and erased_at is null order by erase_after limit %(most)s",
        now=tx.now,
        most=most,
    )
    return [EntryId(row["entry_id"]) for row in rows]
