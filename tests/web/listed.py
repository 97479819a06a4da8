"""Every list of the API that goes on page by page, with many rows of it in bulk, and its order in SQL of the test's own.

Rows of one list share their times by sevens, so that the order needs more than the time. Nothing they refer to is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from tests.incidents.made import ANALYST, NOW
from watchfloor.kit.clock import SystemClock, rfc3339

_BASIS: Final = json.dumps({
    "plate": "QZ04417", "state": "RC", "vehicle": None, "confidence": 0.9, "picture": None, "wanted_plate": "QZ04417",
    "wanted_state": "RC", "wanted_reason": "stolen vehicle", "wanted_vehicle": None, "wanted_expires_at": rfc3339(NOW),
})  # fmt: skip
# What every insert may use: an id of the row and its time, of the past and of the time to come.
_ROWS: Final = (
    " from (select n, md5(%(name)s::text || %(agency)s::text || n::text)::uuid as id,"
    " %(now)s::timestamptz - n % 7 * interval '1 minute' as at,"
    " %(now)s::timestamptz + n % 7 * interval '1 day' + interval '1 day' as ends from generate_series(%(first)s::int, %(last)s) n) r"
)


@dataclass(frozen=True)
class Listed:
    """A list: where it is asked for, how a row of it is made, and its rows in their order."""

    path: str
    insert: str
    ordered: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path + "".join(f"?{name}={value}" for name, value in self.query.items())


def _alert(state: str) -> str:
    decided = "null, null" if state == "waiting" else "%(by)s::uuid, r.at"
    return (
        "insert into alert (id, agency_id, kind, state, level, title, place, at, raised_at, why, sure_word, unknown, purpose,"
        " technology, basis, entry_id, entry_version, read_plate, read_state, vehicle_key, seen, last_seen_at, decided_by,"
        f" decided_at, reason, erase_after, version) select r.id, %(agency)s, 'plate_hit', '{state}',"
        " (array['normal', 'critical', 'caution', 'serious'])[r.n % 4 + 1], 'A hit', 'Mill St', r.at, r.at, 'why', 'likely',"
        " '{}', 'stolen_vehicle', 'plate_reader', %(basis)s::jsonb, r.id, 1, 'QZ04417', 'RC', '', 1, r.at,"
        f" {decided}, null, r.ends, 1"
    )


def _incident(year: int) -> str:
    return (
        "insert into incident (id, agency_id, number, year, serial, origin, call_id, kind, level, title, place, at, opened_by,"
        " opened_at, state, closed_at, closed_by, erase_after, why, sure_word, unknown, says, purpose, version)"
        f" select r.id, %(agency)s, '{year}-' || r.n, {year}, r.n, 'call', r.id, 'call',"
        " (array['normal', 'critical', 'caution', 'serious'])[r.n % 4 + 1], 'A call', 'Mill St', r.at, %(by)s::uuid, r.at,"
        " case when r.n % 3 = 0 then 'closed' else 'open' end, case when r.n % 3 = 0 then r.at end,"
        " case when r.n % 3 = 0 then %(by)s::uuid end, case when r.n % 3 = 0 then r.ends end,"
        " 'why', 'sure', '{}', '', 'violent_crime', 1"
    )


def _there(insert: str) -> str:
    """The same rows, at a place of the map."""
    return insert.replace("place, at,", "place, lat, lon, at,").replace(
        "'Mill St', r.at,", "'Mill St', 38.6, -90.2, r.at,"
    )


def _around() -> Mapping[str, str]:
    now = SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    span = {"from": rfc3339(now - timedelta(days=3)), "to": rfc3339(now + timedelta(days=3))}
    return {"lat": "38.6", "lon": "-90.2", **span}


_AROUND: Final = _around()
_URGENCY: Final = "case level when 'critical' then 1 when 'serious' then 2 when 'caution' then 3 else 4 end"

LISTS: Final = (
    Listed("/alerts", _alert("waiting"),
           f"alert where agency_id = %(agency)s and decided_at is null order by {_URGENCY}, raised_at, id"),
    Listed("/alerts", _alert("dismissed"),
           "alert where agency_id = %(agency)s and decided_at is not null order by decided_at desc, id desc", {"state": "closed"}),
    Listed("/incidents", _incident(2026), f"incident where agency_id = %(agency)s order by {_URGENCY}, opened_at desc, id desc"),
    Listed("/incidents", _incident(2027),
           f"incident where agency_id = %(agency)s and closed_at is null order by {_URGENCY}, opened_at desc, id desc",
           {"state": "open"}),
    Listed("/incidents", _incident(2029),
           "incident where agency_id = %(agency)s and closed_at is not null order by closed_at desc, id desc", {"state": "closed"}),
    Listed("/alerts/around", _there(_alert("waiting")),
           "alert where agency_id = %(agency)s and lat is not null order by at, id", _AROUND),
    Listed("/incidents/around", _there(_incident(2028)),
           "incident where agency_id = %(agency)s and lat is not null order by at, id", _AROUND),
    Listed("/owners",
           "insert into owner (id, agency_id, kind, name, email, phone, address, make, cameras, shares, note, terms, terms_at, state,"
           " said, created_at, version) select r.id, %(agency)s, 'business', 'A shop', r.id || '@example.org', '', 'Mill St', '', 1,"
           " 'stream', '', 'v1', r.at, 'waiting', '', r.at, 1",
           "owner where agency_id = %(agency)s order by created_at, id"),
    Listed("/outcomes",
           "insert into outcome (id, agency_id, incident_id, results, arrests, charges, recorded_by, recorded_at)"
           " select r.id, %(agency)s, r.id, '{nothing_found}', 0, '{}', %(by)s::uuid, r.at",
           "outcome where agency_id = %(agency)s order by recorded_at desc, id desc"),
    Listed("/calls",
           "insert into call (id, agency_id, number, type, priority, purpose, place, text, taken_by, taken_at, version)"
           " select r.id, %(agency)s, 'C' || r.n, 'fight', 2, 'violent_crime', 'Mill St', '', %(by)s::uuid, r.at, 1",
           "call where agency_id = %(agency)s order by taken_at desc, id desc"),
    Listed("/unanswered-calls",
           "insert into call (id, agency_id, number, type, priority, purpose, place, text, taken_by, taken_at, version)"
           " select r.id, %(agency)s, 'D' || r.n, 'fight', 2, 'violent_crime', 'Mill St', '', %(by)s::uuid, r.at, 1",
           "call where agency_id = %(agency)s and not exists (select from incident where call_id = call.id)"
           " order by taken_at desc, id desc"),
    Listed("/cases",
           "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
           " select r.id, %(agency)s, 'K' || r.n, 'A case', 'violent_crime', %(by)s::uuid, r.at",
           "case_file where agency_id = %(agency)s order by opened_at desc, id desc"),
    Listed("/cases/provisional",
           "insert into case_file (id, agency_id, number, title, purpose, provisional_until, opened_by, opened_at)"
           " select r.id, %(agency)s, 'Q' || r.n, 'A case', 'violent_crime', r.ends, %(by)s::uuid, r.at",
           "case_file where agency_id = %(agency)s and provisional_until is not null order by provisional_until, id"),
    Listed("/holds",
           "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by,"
           " placed_at, ends_at, ended_at) select r.id, %(agency)s, r.id, 'footage', 'camera', r.id, r.at, r.ends, 'why',"
           " %(by)s::uuid, r.at, r.ends, case when r.n % 2 = 0 then r.at end",
           "hold where agency_id = %(agency)s order by (ended_at is not null)::int, ends_at, id"),
    Listed("/proposals",
           "insert into proposal (id, agency_id, kind, title, sentence, payload, proposed_by, proposed_at, expires_at)"
           " select r.id, %(agency)s, 'authorisation', 'A title', 'A sentence.', '{}', %(by)s::uuid, r.at, r.ends",
           "proposal where agency_id = %(agency)s order by proposed_at desc, id desc"),
    Listed("/authorisations",
           "insert into authorisation (id, agency_id, technology, title, effective_at, expires_at, purposes, roles, area, rule,"
           " sharing, audio, proposed_by, proposed_at, approved_at, approved_by, note, created_at, version)"
           " select r.id, %(agency)s, 'audio', 'A title', r.at, r.ends,"
           " '{violent_crime}', '{analyst}', '[]', (select min(rule) from retention_rule k where k.agency_id = %(agency)s), '',"
           " false, %(by)s::uuid, r.at, r.at, r.id, '', r.at, 1",
           "authorisation where agency_id = %(agency)s order by created_at desc, id desc"),
    Listed("/people",
           "insert into person (id, agency_id, name, display_name, created_at, version)"
           " select r.id, %(agency)s, 'p' || r.id, 'Somebody', r.at, 1",
           "person where agency_id = %(agency)s order by name, id"),
    Listed("/walls",
           "insert into wall (id, agency_id, name, owner_id, tiles, first_of, changed_at, version)"
           " select r.id, %(agency)s, 'Wall ' || r.id, %(by)s::uuid, array[null::uuid], '{analyst}', r.at, 1",
           "wall where agency_id = %(agency)s and first_of <> '{}' order by name, id"),
    Listed("/bookmarks",
           "insert into bookmark (id, agency_id, case_kind, case_id, cameras, from_at, note, made_by, made_at, changed_at, version)"
           " select r.id, %(agency)s, 'case', r.id, array[r.id], r.at, 'a van', %(by)s::uuid, r.at, r.at, 1",
           "bookmark where agency_id = %(agency)s order by made_at desc, id desc"),
    Listed("/maintenance-windows",
           "insert into maintenance_window (id, agency_id, label, cameras, from_at, to_at, reason, planned_by, planner, planned_at)"
           " select r.id, %(agency)s, 'Switch ' || r.n, array[r.id], r.at, r.at + interval '1 hour', 'why', %(by)s::uuid, 'X', r.at",
           "maintenance_window where agency_id = %(agency)s order by from_at desc, id desc"),
    Listed("/edge-boxes",
           "insert into edge_box (id, agency_id, name, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Box ' || r.id, r.at, %(by)s::uuid, 1",
           "edge_box where agency_id = %(agency)s order by name, id"),
    Listed("/sites",
           "insert into camera_site (id, agency_id, name, kind, place, address, stream, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Site ' || r.n, 'nvr', '', 'rtsp://h', '/{channel}', r.at, %(by)s::uuid, 1",
           "camera_site where agency_id = %(agency)s order by name, id"),
    Listed("/body-cameras",
           "insert into camera (id, agency_id, name, technology, address, place, lat, lon, enabled, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Body ' || r.n, 'body_camera', 'rtsp://h', '', 38.6, -90.2, true, r.at, %(by)s::uuid, 1",
           "camera where agency_id = %(agency)s and technology = 'body_camera' and removed_at is null order by name, id"),
    Listed("/body-cameras/{camera_id}/issues",
           "insert into body_issue (id, camera_id, agency_id, unit_id, issued_at, issued_by, returned_at, returned_by)"
           " select r.id, %(list)s::uuid, %(agency)s, md5('/units' || %(agency)s::text || r.n)::uuid, r.at, %(by)s::uuid, r.ends,"
           " %(by)s::uuid",
           "body_issue where agency_id = %(agency)s order by issued_at desc, id desc"),
    Listed("/trailers",
           "insert into trailer (id, agency_id, name, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Trailer ' || r.n, r.at, %(by)s::uuid, 1",
           "trailer where agency_id = %(agency)s and retired_at is null order by name, id"),
    Listed("/trailers/{trailer_id}/placements",
           "insert into trailer_placement (id, agency_id, trailer_id, place, lat, lon, heading_deg, reason, placed_at, placed_by,"
           " ended_at, ended_how) select r.id, %(agency)s, %(list)s::uuid, 'Mill St', 38.6, -90.2, 0, 'why', r.at, %(by)s::uuid,"
           " r.ends, 'placed'",
           "trailer_placement where agency_id = %(agency)s order by placed_at desc, id desc"),
    Listed("/exports",
           "insert into export (id, agency_id, proposal_id, purpose, case_kind, case_id, reason, asked_by, asked_at, asked_until,"
           " state, said, done_ms, total_ms, missing, fetched) select r.id, %(agency)s, r.id, 'rescue', 'case', r.id, 'why',"
           " %(by)s::uuid, r.at, r.at, 'asked', '', 0, 1, '[]', 0",
           "export where agency_id = %(agency)s order by asked_at desc, id desc"),
    Listed("/workstations",
           "insert into workstation (id, agency_id, name, token_hash, registered_by, registered_at)"
           " select r.id, %(agency)s, 'desk ' || r.id, uuid_send(r.id),"
           " (select id from person where agency_id = %(agency)s order by id limit 1), r.at",
           "workstation where agency_id = %(agency)s and removed_at is null order by name, id"),
    Listed("/camera-imports",
           "insert into camera_import (id, agency_id, file_name, sha256, columns, state, new, changed, unchanged, refused, warned,"
           " done, failed, made_by, made_at, expires_at) select r.id, %(agency)s, 'city.csv', '', '{}', 'previewed', 1, 0, 0, 0, 0,"
           " 0, 0, %(by)s::uuid, r.at, r.ends",
           "camera_import where agency_id = %(agency)s order by made_at desc, id desc"),
    Listed("/cameras",
           "insert into camera (id, agency_id, name, technology, address, place, lat, lon, enabled, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Camera ' || r.n, 'fixed_camera', '', '', 38.6, -90.2, true, r.at, %(by)s::uuid, 1",
           "camera where agency_id = %(agency)s order by name, id"),
    Listed("/evidence-requests",
           "insert into evidence_request (id, agency_id, case_id, purpose, place, from_at, to_at, words, token_hash, asked_by, asked_at,"
           " expires_at) select r.id, %(agency)s, (select id from case_file where agency_id = %(agency)s limit 1), 'violent_crime',"
           " 'Mill St', r.at, r.ends, 'words', decode(replace(r.id::text, '-', ''), 'hex'), %(by)s::uuid, r.at, r.ends",
           "evidence_request where agency_id = %(agency)s order by asked_at desc, id desc"),
    Listed("/use-seals",
           "insert into use_seal (id, agency_id, entry_id, camera_id, owner_id, case_id, reason, asked_by, sealed_by, sealed_at, until)"
           " select r.id, %(agency)s, r.id, (select id from camera where agency_id = %(agency)s limit 1), r.id,"
           " (select id from case_file where agency_id = %(agency)s limit 1), 'why', %(by)s::uuid, r.id, r.at, r.at + interval '30 days'",
           "use_seal where agency_id = %(agency)s order by sealed_at desc, id desc"),
    Listed("/lendings",
           "insert into lending (id, agency_id, partner_id, title, reason, asked_by, given_by, given_at, until) select r.id, %(agency)s,"
           " r.id, 'A lending', 'why', %(by)s::uuid, r.id, r.at, r.at + interval '30 days'",
           "lending where agency_id = %(agency)s order by given_at desc, id desc"),
    Listed("/borrowed-cameras",
           "insert into borrowed_camera (id, camera_id, agency_id, center, address, lending, until, since, last_at, ended_at, ended_why)"
           " select r.id, (select id from camera where agency_id = %(agency)s limit 1), %(agency)s, 'County', 'https://county', r.id::text,"
           " r.ends, r.at, r.at, r.ends, 'over'",
           "borrowed_camera where agency_id = %(agency)s order by since desc, id desc"),
    Listed("/readers",
           "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Reader ' || r.n, 'plate_reader', '', 38.6, -90.2, r.at, %(by)s::uuid, 1",
           "reader where agency_id = %(agency)s order by name, id"),
    Listed("/microphones",
           "insert into microphone (id, agency_id, name, lat, lon, error_m, clock_bound_ms, mount, created_at, created_by, version)"
           " select r.id, %(agency)s, 'Microphone ' || r.n, 38.6, -90.2, 3, 1, '', r.at, %(by)s::uuid, 1",
           "microphone where agency_id = %(agency)s order by name, id"),
    Listed("/sounds",
           "insert into sound_record (id, agency_id, what, source, at, told_at) select r.id, %(agency)s, 'alert', 'own', r.at, r.at",
           "sound_record where agency_id = %(agency)s order by at desc, id desc"),
    Listed("/units",
           "insert into unit (id, agency_id, call_sign, rule, created_by, created_at, version) select r.id, %(agency)s,"
           " 'U' || r.n, (select min(rule) from retention_rule k where k.agency_id = %(agency)s), %(by)s::uuid, r.at, 1",
           "unit where agency_id = %(agency)s order by call_sign, id"),
    # Of the units and an incident above, which it shows.
    Listed("/assignments",
           "insert into assignment (id, agency_id, incident_id, unit_id, state, how, sent_by, sent_at, version) select r.id, %(agency)s,"
           " (select id from incident where agency_id = %(agency)s order by id limit 1),"
           " md5('/units' || %(agency)s::text || r.n)::uuid, 'sent', 'unknown', %(by)s::uuid, r.at, 1",
           "assignment where agency_id = %(agency)s and cleared_at is null order by sent_at desc, id desc"),
    Listed("/street-maps",
           "insert into street_map (id, agency_id, name, attribution, sha256, nodes, streets, south, west, north, east, rows,"
           " skipped, remarks, imported_by, imported_at, in_use) select r.id, %(agency)s, 'A map', '', '', 1, 1, 38, -91, 39, -90,"
           """ 1, '{"reasons": []}', '{}', %(by)s::uuid, r.at, false""",
           "street_map where agency_id = %(agency)s order by imported_at desc, id desc"),
    Listed("/hot-lists",
           "insert into hot_list (id, agency_id, name, source, purpose, default_days, most_days, edition, created_at, created_by,"
           " version) select r.id, %(agency)s, 'List ' || r.n, 'manual', 'stolen_vehicle', 1, 30, r.id, r.at, %(by)s::uuid, 1",
           "hot_list where agency_id = %(agency)s order by name, id"),
    Listed("/hot-lists/{list_id}/entries",
           "insert into hot_list_entry (edition, id, agency_id, hot_list_id, plate, folded_key, state, reason, entered_at, expires_at,"
           " version) select %(list)s::uuid, r.id, %(agency)s, %(list)s::uuid, 'QZ0' || r.n, r.n, 'RC', 'stolen vehicle', r.at, r.ends, 1",
           "hot_list_entry where agency_id = %(agency)s order by id"),
    Listed("/hot-lists/{list_id}/imports",
           "insert into hot_list_import (id, agency_id, hot_list_id, state, sha256, encoding, rows, good, bad, new, changed, gone,"
           " bad_rows, imported_by, imported_at, expires_at) select r.id, %(agency)s, %(list)s::uuid, 'applied', '', 'utf-8', 1, 1, 0,"
           """ 1, 0, 0, '{"rows": []}', %(by)s::uuid, r.at, r.ends""",
           "hot_list_import where agency_id = %(agency)s order by imported_at desc, id desc"),
    Listed("/look-up-reviews",
           "insert into look_up_review (id, agency_id, entry_id, person_id, looked_at, causes, opened_at, due_at, erase_after)"
           " select r.id, %(agency)s, r.id, %(by)s::uuid, r.at, '{sample}', r.at, r.ends, r.ends + interval '5 years'",
           "look_up_review where agency_id = %(agency)s order by id desc"),
    Listed("/hot-list-file-kinds",
           "insert into hot_list_file_kind (id, agency_id, kind, body, instrument, effective_at, expires_at, proposal_id, approved_by,"
           " approved_at) select r.id, %(agency)s, 'stolen_plate', 'A council', 'Resolution 9', r.at, r.ends, r.id, %(by)s::uuid, r.at",
           "hot_list_file_kind where agency_id = %(agency)s order by approved_at desc, id desc"),
    Listed("/co-travel-searches",
           "insert into co_travel (id, agency_id, proposal_id, case_id, court_order, reason, asked_by, asked_at, asked_until, state, said,"
           " progress) select r.id, %(agency)s, r.id, r.id, 'Warrant 1', 'seen', %(by)s::uuid, r.at, r.ends, 'asked', '', 0",
           "co_travel where agency_id = %(agency)s order by asked_at desc, id desc"),
    Listed("/plate-watches",
           "insert into plate_watch (id, agency_id, case_id, purpose, reason, pattern, expected, most_per_shift, proposal_id, proposed_by,"
           " approved_by, started_at, expires_at, counted_from, version) select r.id, %(agency)s, r.id, 'stolen_vehicle', 'seen', 'QZ0*',"
           """ '{"reads": 1, "hours": 168}', 25, r.id, %(by)s::uuid, %(by)s::uuid, r.at, r.ends, r.at, 1""",
           "plate_watch where agency_id = %(agency)s order by started_at desc, id desc"),
    Listed("/audit/entries",
           "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf)"
           " select r.id, %(agency)s, r.at, 'summary', %(by)s::uuid, 'allowed', 'ok', convert_to('{}', 'UTF8')",
           "audit_entry where agency_id = %(agency)s and kind = 'summary' order by id desc", {"kind": "summary"}),
)  # fmt: skip


def list_of(agency: UUID) -> UUID:
    """The id of the agency's hot list that has the entries, of its trailer that has the placements, and of its camera that was issued."""
    return UUID(int=agency.int ^ 1)


class Table:
    """The rows of both agencies, past row security and past foreign keys."""

    def __init__(self, dsn: str, now: Any) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute("set session_replication_role = replica")
        self._now = now

    def close(self) -> None:
        self._connection.close()

    def furnish(self, agency: UUID) -> None:
        """What some rows must have: a retention rule, and what the rows of some lists are of (`list_of`)."""
        self._connection.execute(
            "insert into retention_rule (agency_id, keep_for, created_at) values (%s, interval '99 days', %s) on conflict do nothing",
            (agency, self._now),
        )
        self._connection.execute(
            "insert into hot_list (id, agency_id, name, source, purpose, default_days, most_days, edition, created_at, created_by,"
            " version) values (%(list)s, %(agency)s, 'Of the entries', 'manual', 'stolen_vehicle', 1, 30, %(list)s, %(now)s, %(by)s, 1)",
            {"list": list_of(agency), "agency": agency, "now": self._now, "by": ANALYST},
        )
        self._connection.execute(
            "insert into trailer (id, agency_id, name, created_at, created_by, version)"
            " values (%(id)s, %(agency)s, 'Of the placements', %(now)s, %(by)s, 1)",
            {"id": list_of(agency), "agency": agency, "now": self._now, "by": ANALYST},
        )
        self._connection.execute(
            "insert into camera (id, agency_id, name, technology, address, place, lat, lon, enabled, created_at, created_by, version)"
            " values (%(id)s, %(agency)s, 'Of the issues', 'fixed_camera', '', '', 0, 0, true, %(now)s, %(by)s, 1)",
            {"id": list_of(agency), "agency": agency, "now": self._now, "by": ANALYST},
        )

    def add(self, listed: Listed, agency: UUID, first: int, last: int) -> None:
        """Add the rows numbered so."""
        values = {"name": listed.name, "agency": agency, "now": self._now, "first": first, "last": last}
        values |= {"by": ANALYST, "basis": _BASIS, "list": list_of(agency)}
        statement = (listed.insert + _ROWS).replace(" % ", " %% ")
        self._connection.execute(statement.encode(), values)

    def ids(self, listed: Listed, agency: UUID) -> list[UUID]:
        """The rows of the list, in its order."""
        statement = f"select id from {listed.ordered}".encode()
        return [row[0] for row in self._connection.execute(statement, {"agency": agency}).fetchall()]
