"""What the log and the rows have of a camera that a partner lends to us, and what nobody may write of one that we lend: steps of
`test_sites.py`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.cameras.partners.test_partner_words import CAM
from tests.fixtures.center import A_CAMERA, CenterWeb, as_owner, new_id
from tests.fixtures.engines import Dsns
from watchfloor.cameras.carried_store import there_now
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.partners.borrowed_store import Recorded
from watchfloor.cameras.partners.model import Lent
from watchfloor.cameras.state import CameraStatus
from watchfloor.governance import lending_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.grant import Grant
from watchfloor.governance.lending import Lending
from watchfloor.governance.lending_store import Given
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Refused
from watchfloor.governance.moving import There
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.recordings.borrowing import keep_states
from watchfloor.recordings.leave import Leave

COUNTY: dict[str, Any] = {
    "name": "County", "kind": "watchfloor", "place": "Clayton", "address": "https://127.0.0.1:9", "user": "city", "password": "a-secret",
}  # fmt: skip
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
_BORROWED = (
    "update camera set site_id = %(site)s, channel = %(channel)s, address = 'https://127.0.0.1:9/api/v1/live/' || %(channel)s,"
    " sub_address = null, replay_address = null, footage_kept = 'here', enabled = true, transport = t.transport,"
    " certificate = t.certificate from camera_site t where t.id = %(site)s and camera.id = %(id)s"
)


class Borrowing:
    """A camera that is a partner's, as a recorder has it."""

    def __init__(self, web: CenterWeb, dsns: Dsns, camera: str, site: str) -> None:
        self.web, self.dsns, self.camera, self.site = web, dsns, camera, site
        self.path, self.id = f"/api/v1/cameras/{camera}", inside("camera", camera)

    async def sql(self, text: str, **more: object) -> list[dict[str, Any]]:
        async with await psycopg.AsyncConnection.connect(self.dsns.owner, row_factory=dict_row) as owner:
            done = await owner.execute(text.encode(), more)
            return await done.fetchall() if done.description else []

    async def is_ours_to_record(self) -> None:
        await self.sql(_BORROWED, site=inside("site", self.site), channel=CAM, id=self.id)

    async def records(self, lending: str, *, address: str = "https://127.0.0.1:9") -> None:
        """A recorder says so."""
        ask = Ask(process_actor(self.web.parts.agency, "record"), Need.CAMERA_STATE)
        async with self.web.parts.door.open(ask) as tx:
            lent = Lent(lending, tx.now + timedelta(days=30))
            since = tx.now - timedelta(minutes=1)
            await borrowed_store.records(tx, [Recorded(self.id, f"{address}/api/v1/live/{CAM}", lent, since)])

    def post(self, leave: Leave, lending: str | None, over: CameraStatus = CameraStatus.NOT_LENT) -> Any:
        """The camera at its recorder: live under a lending, or not recorded any more."""
        status = CameraStatus.LIVE if lending else over
        state = dict.fromkeys(("last_frame_at", "skew_ms", "width", "height", "mime"))
        said = {
            "camera": self.id, "status": status.value, "reason": "so", "since": UNTIL, "recording": True, "repaired": 0, **state,
        }  # fmt: skip
        camera = SimpleNamespace(id=self.id, address=f"https://127.0.0.1:9/api/v1/live/{CAM}")
        if lending:
            leave.stretch.heard(Lent(lending, UNTIL), self.web.parts.clock.now() - timedelta(minutes=10))
        else:
            leave.over()
        return SimpleNamespace(
            camera=camera,
            borrows=True,
            status=status,
            reason="so",
            leave=leave,
            state=lambda: said,
        )

    async def stretches(self) -> list[tuple[str, bool]]:
        rows = await self.sql(
            "select lending, ended_at is null as open from borrowed_camera order by since, id"
        )
        return [(row["lending"], row["open"]) for row in rows]

    async def log(self) -> list[str]:
        rows = await self.sql(
            "select reason from audit_entry where starts_with(reason, 'borrowed_camera.') order by at, id"
        )
        return [str(row["reason"]).partition(".")[2] for row in rows]

    async def patched(self, **body: object) -> None:
        technician = await self.web.person("technician")
        answer = await technician.patch(self.path, json=body)
        assert answer.status_code == 200, answer.text


async def is_in_stretches(web: CenterWeb, dsns: Dsns, camera: str) -> None:
    """Each stretch is a row with its own two entries: of another lending, after an end, and whatever the registry says meanwhile."""
    technician = await web.person("technician")
    made = await technician.post("/api/v1/sites", json=COUNTY)
    assert made.status_code == 201, made.text
    it = Borrowing(web, dsns, camera, made.json()["id"])
    await it.is_ours_to_record()
    for lending in ("lnd_1", "lnd_1", "lnd_2"):
        await it.records(lending)
    assert await it.stretches() == [("lnd_1", False), ("lnd_2", True)]
    assert await it.log() == ["begun", "ended", "begun"]
    await it.patched(name="Another name")
    assert await it.stretches() == [("lnd_1", False), ("lnd_2", True)], "it is that camera still"
    # The same leave again after an end is another stretch, which the log has.
    await it.patched(enabled=False)
    assert await it.stretches() == [("lnd_1", False), ("lnd_2", False)]
    await it.records("lnd_2")
    assert len(await it.stretches()) == 2, "its recorder has yet to hear that it is off"
    await it.patched(enabled=True)
    await it.records("lnd_2", address="https://127.0.0.1:8")
    assert len(await it.stretches()) == 2, "it was opened where the registry has it no more"
    await it.records("lnd_2")
    await it.sql("update borrowed_camera set last_at = '2026-01-01' where ended_at is null")
    for lending in ("lnd_9", "lnd_2"):
        await it.records(lending, address="https://127.0.0.1:8")
    assert (await it.stretches())[2:] == [("lnd_2", True)], "another partner's word ends nothing of this one"
    (row,) = await it.sql("select last_at < '2026-01-02' as old from borrowed_camera where ended_at is null")
    assert row["old"], "nor is it of this one"
    assert await it.log() == ["begun", "ended", "begun", "ended", "begun"]
    await _is_kept_as_it_changes(it)
    await _is_over_with_its_site(it)


async def _is_kept_as_it_changes(it: Borrowing) -> None:
    """A recorder says its states every few seconds: what it records under is written when that changes, and once a minute."""
    leave, old = Leave(), "update borrowed_camera set last_at = '2026-01-01' where ended_at is null"
    fresh = "select last_at > '2026-01-02' as fresh, lending from borrowed_camera where ended_at is null"

    async def kept(
        lending: str | None, *, later: timedelta = timedelta(), over: CameraStatus = CameraStatus.NOT_LENT
    ) -> list[tuple[bool, str]]:
        await it.sql(old)
        ask = Ask(process_actor(it.web.parts.agency, "record"), Need.CAMERA_STATE)
        async with it.web.parts.door.open(ask) as tx:
            tx.now += later
            await keep_states(tx, [it.post(leave, lending, over)])
        return [(row["fresh"], row["lending"]) for row in await it.sql(fresh)]

    assert await kept("lnd_2") == [(True, "lnd_2")], "the first time"
    assert await kept("lnd_2") == [(False, "lnd_2")], "nothing of it is new"
    assert await kept("lnd_2", later=timedelta(minutes=1)) == [(True, "lnd_2")]
    assert await kept(None) == [] and await kept(None) == []
    assert await kept("lnd_2") == [(True, "lnd_2")], "it is lent again"
    begun = (
        "select since < last_at - interval '9 minutes' as before from borrowed_camera where ended_at is null"
    )
    assert await kept("lnd_2", later=timedelta(minutes=2)) and (await it.sql(begun)) == [{"before": True}], (
        "what was recorded before it could be written is of it"
    )
    assert await kept(None, over=CameraStatus.OUTSIDE_AREA) == [], "our own door lets nobody record it there"
    assert await kept("lnd_2") == [(True, "lnd_2")]
    assert await it.log() == ["begun", "ended"] * 4 + ["begun"]


async def _is_over_with_its_site(it: Borrowing) -> None:
    """No camera of that partner any more, at another address, or under another of its cameras' names."""
    technician = await it.web.person("technician")
    moved = await technician.patch(
        f"/api/v1/sites/{it.site}",
        json={"address": "https://127.0.0.1:1", "user": "city", "password": "a-secret"},
    )
    assert moved.status_code == 200, moved.text
    assert not any(is_open for _, is_open in await it.stretches())
    other = await technician.patch(it.path, json={"channel": f"{CAM[:-1]}2"})
    assert (other.status_code, other.json()["reason"]) == (422, "footage_kept"), "another camera is asked for"
    await it.is_ours_to_record()
    await it.records("lnd_3")
    await it.patched(site=None, channel=None, url="rtsp://10.0.4.20/1")
    assert (await it.stretches())[-1] == ("lnd_3", False)
    assert (await it.log()).count("begun") == (await it.log()).count("ended") == 6
    (why,) = await it.sql("select ended_why from borrowed_camera where lending = 'lnd_3'")
    assert why["ended_why"] == borrowed_store.NOT_HERE


async def is_lent_as_it_was_given(web: CenterWeb, dsns: Dsns, camera: str) -> None:
    """What two persons gave changes in nothing but that it ends, whoever writes; and a decision reads of one camera alone."""
    lent, other, agency = inside("camera", camera), new_id(), web.parts.agency
    async with as_owner(dsns, web.parts.clock.now(), agency) as tx:
        until, partner = tx.now + timedelta(days=1), new_id()
        await tx.execute(A_CAMERA, id=other, agency=agency, name="Other", now=tx.now)
        gates = Lending(new_id(), partner, "Gates", frozenset({lent, other}), tx.now, until)
        quay = Lending(new_id(), partner, "Quay", frozenset({other}), tx.now, until)
        for one in (gates, quay):
            await lending_store.insert(tx, Given(one, "why", new_id(), new_id()))
        found = await lending_store.of_partners(tx, [partner], [lent])
        assert [one.id for one in found.about(partner, lent)] == [gates.id] and not found.about(
            partner, other
        )
        assert {one.id for one in await lending_store.of_camera(tx, other)} == {gates.id, quay.id}
    await _is_decided_by_what_is_so_now(web, dsns, lent, partner)
    for statement in (
        "update lending set until = until + interval '1 day'",
        "update lending set given_by = gen_random_uuid()",
        "delete from lending",
        "update lending_camera set camera_id = camera_id",
        "delete from lending_camera",
    ):
        assert await _is_stopped(dsns.app, agency, statement) == "insufficient_privilege", statement
    more = f"insert into lending_camera select '{quay.id}', wf_agency(), '{lent}'"
    assert "no camera is added" in await _is_stopped(dsns.app, agency, more)
    for change in ("asked_by = gen_random_uuid()", "until = until - interval '1 hour'"):
        assert "never changed" in await _is_stopped(dsns.owner, agency, f"update lending set {change}")
    async with await psycopg.AsyncConnection.connect(dsns.app) as app:
        await app.execute("select set_config('wf.agency', %s, false)", [str(agency)])
        await app.execute(
            "update lending set ended_at = now(), ended_by = gen_random_uuid(), ended_why = 'over'"
        )
    again = "update lending set ended_at = null, ended_by = null, ended_why = null"
    assert "never begun again" in await _is_stopped(dsns.app, agency, again)


async def _is_decided_by_what_is_so_now(web: CenterWeb, dsns: Dsns, camera: UUID, partner: UUID) -> None:
    """What is open is asked again by the lending that follows, and of the camera as it is by now, wherever that was moved."""
    parts, place = web.parts, Point(38.6, -90.2)
    await web.authorise("fixed_camera", area=[[38.5, -90.3], [38.5, -90.1], [38.7, -90.1], [38.7, -90.3]])
    actor = Actor(partner, ActorKind.PERSON, AgencyId(parts.agency), frozenset({Role.PARTNER}))
    ask = Ask(actor, Need.CAMERA_LENT, None, About("camera", camera), TechnologyKind.FIXED_CAMERA, place)

    async def asked_again(grant: Grant) -> Grant:
        grant.version = -1  # as after each change of policy
        await parts.door.look_now(parts.agency)
        return grant

    grant = await parts.door.grant(ask)
    first = grant.decision.until
    async with as_owner(dsns, parts.clock.now(), parts.agency) as tx:
        assert first is not None and await there_now(tx, [camera]) == {
            camera: There(place, TechnologyKind.FIXED_CAMERA)
        }
        following = Lending(
            new_id(), partner, "Gates II", frozenset({camera}), tx.now, first + timedelta(days=1)
        )
        await lending_store.insert(tx, Given(following, "why", new_id(), new_id()))
    assert (await asked_again(grant)).decision.until == following.until and not grant.ended.is_set()
    for otherwise, back, reason in (
        ("technology = 'private_camera_link'", "technology = 'fixed_camera'", "no_authorisation"),
        ("lat = 38.9", "lat = 38.6", "place"),
    ):
        async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
            await owner.execute(f"update camera set {otherwise} where id = %s".encode(), [camera])
        assert (await asked_again(grant)).end_cause == reason and grant.ended.is_set()
        with pytest.raises(Refused):
            await parts.door.grant(ask)
        async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
            await owner.execute(f"update camera set {back} where id = %s".encode(), [camera])
        grant = await parts.door.grant(ask)
    await grant.close({})


async def _is_stopped(dsn: str, agency: UUID, statement: str) -> str:
    """What the database says of it."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute("select set_config('wf.agency', %s, false)", [str(agency)])
        with pytest.raises(psycopg.Error) as caught:
            await connection.execute(statement.encode())
        if isinstance(caught.value, psycopg.errors.InsufficientPrivilege):
            return "insufficient_privilege"
        return str(caught.value)
