"""Co-travellers are looked for where the center allows it, under a court's order, for a case, by two persons; and never counted bare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.plates.conftest import AREA, Town, a_town
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.plates import co_travel
from watchfloor.plates.co_travel import Allowed
from watchfloor.storage.nats import Bus
from watchfloor.sweep.expire_store import delete_expired
from watchfloor.sweep.run import do_due

PATH = "/api/v1/co-travel-searches"
ALLOWED = Allowed(True, timedelta(days=30))
ORDER = "Warrant 26-114, 12 Nov 2026"


@dataclass
class Ordered:
    """A town in which one vehicle drives behind another on six days, and a case."""

    town: Town
    case: str

    @property
    def why(self) -> dict[str, str]:
        return {"Wf-Purpose": "court_order", "Wf-Case": self.case}

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "plate": "AB0123", "from": self.town.ago(days=14), "to": rfc3339(self.town.now()), "purpose": "court_order",
            "case": self.case, "order": ORDER, "reason": "seen at both burglaries",
        } | changes  # fmt: skip

    async def asks(self, who: str = "detective", **changes: Any) -> httpx.Response:
        return await (await self.town.web.person(who)).post(PATH, json=self.body(**changes))

    async def works(self, allowed: Allowed = ALLOWED) -> int:
        parts = self.town.web.parts
        return await do_due(parts.door, parts.agency, co_travel.works(parts.door, allowed))

    async def approves(self, asked: dict[str, Any], who: str = "supervisor") -> httpx.Response:
        path = f"/api/v1/proposals/{asked['search']['proposal']}/approve"
        return await (await self.town.web.person(who)).post(path, json={"note": ""})

    async def seen(self, asked: dict[str, Any], who: str = "detective", **why: str) -> httpx.Response:
        person = await self.town.web.person(who)
        return await person.get(f"{PATH}/{asked['search']['id']}", headers=self.why | why)


@pytest_asyncio.fixture
async def ordered(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Ordered]:
    async with a_town(
        center, bus, dsns, tmp_path, co_travel=ALLOWED, acts=[co_travel.ACT], area=AREA
    ) as town:
        yield await _driven(town)


async def _driven(town: Town) -> Ordered:
    readers = [await town.reader(name) for name in ("North", "South")]
    async with town.matching():
        count = 0
        for n, reader in enumerate(readers):
            reads = [
                {"id": f"{plate}{day}", "plate": plate, "at": town.ago(days=day, minutes=37 * day - 2 * n, seconds=-late)}
                for day in range(1, 13, 2)
                for plate, late in (("AB0123", 0), ("QZ04417", 20))
            ]  # fmt: skip
            reads += [
                {"id": f"s{k}", "plate": f"XY{k:05}", "at": town.ago(days=1 + k % 12, hours=k % 7)}
                for k in range(40)
            ]
            count += len(reads)
            await reader.sends(*reads)
        await town.stored(count)
    return Ordered(town, await town.web.case())


async def test_two_persons_find_who_travelled_and_what_chance_would_have_brought(ordered: Ordered) -> None:
    asked = (await ordered.asks()).json()
    assert (asked["search"]["state"], asked["vehicle"]["plate"], asked["result"]) == ("asked", "AB0123", None)
    assert (await ordered.approves(asked, "detective")).json()["reason"] == "same_person"
    assert await ordered.works() == 0
    assert (await ordered.approves(asked)).status_code == 200
    assert await ordered.works() == 1
    seen = (await ordered.seen(asked)).json()
    assert (seen["search"]["state"], seen["search"]["found"], seen["search"]["decided_by"]["name"]) == (
        "ready", 1, "Supervisor",
    ), seen  # fmt: skip
    (found,) = seen["result"]["companions"]
    assert (found["plates"], found["near"], found["drives"], len(found["meetings"])) == (
        ["QZ04417"],
        12,
        6,
        12,
    )
    assert found["expected"] < 6.5 and found["p"] <= found["corrected"] <= seen["result"]["threshold"] == 0.01
    assert seen["result"]["tries"] >= 1 and "no proof" in seen["says"]
    assert {one["name"] for one in found["meetings"]} == {"North", "South"}
    await _oversight_sees_no_plate(ordered)
    await _it_is_published(ordered)
    await _ends_by_itself(ordered, asked)


async def _it_is_published(ordered: Ordered) -> None:
    """How many were asked, approved and made, and how many vehicles were told: to everybody who works here, from the log."""
    officer = await ordered.town.web.person("officer")
    figures = (await officer.get("/api/v1/look-up-figures")).json()
    assert figures["co_travels"] == {
        "asked": 1, "refused": 0, "approved": 1, "made": 1, "companions": 1, "not_made": 0,
    }  # fmt: skip
    before = {"from": ordered.town.ago(days=9), "to": ordered.town.ago(days=8)}
    past = (await officer.get("/api/v1/look-up-figures", params=before)).json()
    assert set(past["co_travels"].values()) | set(past["watches"].values()) == {0}


async def _oversight_sees_no_plate(ordered: Ordered) -> None:
    """Who asked, by which order, and how many were found; what is proposed names no plate either, and no leaf of the log does."""
    for who in ("auditor", "clerk"):
        answer = await (await ordered.town.web.person(who)).get(PATH)
        (row,) = answer.json()["items"]
        assert (answer.json()["enabled"], answer.json()["keep_days"], row["tries"] >= 1) == (True, 30, True)
        assert (row["order"], row["found"], row["asked_by"]["name"], row["state"]) == (
            ORDER,
            1,
            "Detective",
            "ready",
        )
        assert "AB0123" not in answer.text and "QZ04417" not in answer.text
    (kept,) = await ordered.town.rows(
        "select title || sentence || payload::text as text from proposal where kind = 'co_travel'"
    )
    assert "AB0123" not in kept["text"]
    leaves = await ordered.town.rows(
        "select leaf from audit_entry where convert_from(leaf, 'UTF8') like %s", "%co_travel%"
    )
    assert leaves and not any(b"AB0123" in row["leaf"] or b"QZ04417" in row["leaf"] for row in leaves)


async def _ends_by_itself(ordered: Ordered, asked: dict[str, Any]) -> None:
    """Past its time the vehicle and what was found are not shown, though the sweep be late, and then not there; who asked is."""
    wanted = inside("co_travel", asked["search"]["id"])
    past = "expires_at = now() - interval '1 hour' where id = %s returning id"
    await ordered.town.rows(f"update co_travel set {past}", wanted)
    erase = "update co_travel_vehicle set erase_after = now() - interval '1 hour' where search_id = %s returning plate"
    await ordered.town.rows(erase, wanted)
    late = (await ordered.seen(asked)).json()
    assert (late["search"]["state"], late["vehicle"], late["result"]) == ("forgotten", None, None)
    parts = ordered.town.web.parts
    async with parts.door.open(Ask(process_actor(parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        assert await delete_expired(tx, "co_travel_vehicle") == 1
        assert await delete_expired(tx, "co_travel") == 0
    assert (await ordered.seen(asked)).json()["search"]["found"] == 1


async def test_nobody_else_and_nothing_less_than_a_court_s_order_finds_out(ordered: Ordered) -> None:
    """Each refusal says why, and is in the log."""
    web, asked = ordered.town.web, (await ordered.asks()).json()
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"purpose": "violent_crime"}, 403, "order_missing"),
        ({"purpose": "personal_interest"}, 403, "purpose_prohibited"),
        ({"case": await web.lapsed_case()}, 403, "case_lapsed"),
        ({"order": " "}, 422, "order"),
        ({"reason": "x"}, 422, "invalid"),
        ({"plate": "♦"}, 422, "bad_plate"),
        ({"from": ordered.town.ago(days=1)}, 422, "to"),
        ({"from": ordered.town.ago(days=40)}, 422, "to"),
    )
    for changes, status, reason in wrong:
        answer = await ordered.asks(**changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes
    for who in ("analyst", "officer", "auditor", "administrator"):
        assert (await ordered.asks(who)).json()["reason"] == "role", who
        assert (await ordered.seen(asked, who)).json()["reason"] == "role", who
    auditor, other_case = await web.person("auditor"), await web.case()
    listed = [
        (await auditor.get(PATH, params={"case": of})).json()["items"] for of in (other_case, ordered.case)
    ]
    assert [len(items) for items in listed] == [0, 1]
    for one in (asked["search"]["id"], outside("co_travel", uuid7(ordered.town.now()))):
        alone = (await auditor.get(PATH, params={"search": one})).json()["items"]
        assert [item["id"] for item in alone] == [one] * (one == asked["search"]["id"])
    assert (await auditor.get(PATH, params={"search": "cot_x"})).json()["reason"] == "id"
    wrong_kind = await auditor.get(PATH, params={"case": ordered.case.replace("case:case_", "incident:inc_")})
    assert (wrong_kind.status_code, wrong_kind.json()["reason"]) == (422, "case")
    other = {"Wf-Case": other_case}
    assert (await web.kept_refusal(await ordered.seen(asked, **other)))["reason"] == "other_case"
    another = await ordered.seen(asked, **{"Wf-Purpose": "violent_crime"})
    assert another.json()["reason"] == "other_case"
    assert (await ordered.seen(asked, **{"Wf-Purpose": ""})).json()["reason"] == "purpose_missing"
    # Approved while it was allowed, and switched off before it was made.
    assert (await ordered.approves(asked)).status_code == 200
    await ordered.works(Allowed(False, timedelta(days=30)))
    stopped = (await ordered.seen(asked)).json()
    assert (stopped["search"]["state"], stopped["result"]) == ("stopped", None), stopped


async def test_it_is_off_unless_the_center_says_otherwise(town: Town) -> None:
    ordered = Ordered(town, await town.web.case())
    refused = await ordered.asks()
    kept = await town.web.kept_refusal(refused)
    assert (kept["reason"], refused.json()["next_step"]) == (
        "co_travel_off", "It is off until the setting co_travel.searches says by_order.",
    )  # fmt: skip
    listed = (await (await town.web.person("auditor")).get(PATH)).json()
    assert (listed["items"], listed["enabled"]) == ([], False)
