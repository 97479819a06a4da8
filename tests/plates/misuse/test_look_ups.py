"""An insider looks up a neighbour: flagged by what is kept of it, seen by somebody outside the room, judged, and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.center import PASSWORD, CenterMaker
from tests.fixtures.engines import Dsns
from tests.ledger.conftest import settle
from tests.plates.conftest import Town, a_town
from tests.plates.test_hot_lists import made, proposed
from tests.plates.test_search import WHY, looked
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import encode, uuid7
from watchfloor.ledger.files import LogFiles
from watchfloor.ledger.key import signer_of
from watchfloor.ledger.report import Verdict
from watchfloor.ledger.sequence import Sequencer
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify
from watchfloor.plate_settings import LookUpSettings
from watchfloor.plates.misuse.parts import look_ups_of, reviewing_of, tell_of
from watchfloor.plates.misuse.rules import Limits
from watchfloor.plates.misuse.watch import Reviewing, close_due, draw_due, judge
from watchfloor.storage.nats import Bus
from watchfloor.storage.session import Session
from watchfloor.wiring.check import look_ups_unreviewed

ALL = 1_000_000
MINE, NEIGHBOUR = "QZ0120", "QZ0777"
REASON = "No case of this number names the car; the analyst lives next door."


def rules(share_ppm: int = 0, *, within: timedelta = timedelta(days=14)) -> Reviewing:
    """As settings have them, but that each look-up is a sitting of its own: a test has no month."""
    limits = Limits(3, timedelta(days=30), timedelta(0))
    return Reviewing(limits, share_ppm, timedelta(0), within)


async def judged(town: Town, **changed: Any) -> int:
    return await judge(town.web.parts.door, town.web.parts.agency, rules(**changed))


async def listed(town: Town, **asked: str) -> list[dict[str, Any]]:
    answer = await (await town.web.person("auditor")).get("/api/v1/look-up-reviews", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def says(town: Town, who: str, *plates: str, relation: str = "own") -> httpx.Response:
    body = {"plates": [{"plate": plate, "relation": relation} for plate in plates]}
    return await (await town.web.person(who)).post("/api/v1/staff-plates/own", json=body)


async def verdict(town: Town, review: str, word: str = "improper", **more: Any) -> httpx.Response:
    who = await town.web.person(more.pop("who", "auditor"))
    return await who.post(
        f"/api/v1/look-up-reviews/{review}/verdict", json={"verdict": word, "reason": REASON} | more
    )


async def entered_alone(town: Town, plate: str) -> None:
    """Put in force within an open incident, by the analyst's word alone."""
    incident = "incident:" + encode("inc", uuid7(town.now()))
    town.open_incidents.add(inside("incident", incident[9:]))
    answer = await proposed(town, await made(town, "manual"), incident, plate=plate, at_once=True)
    assert answer.status_code == 201, answer.text


async def test_an_insider_who_looks_up_a_neighbour_is_flagged_reviewed_and_counted(town: Town) -> None:
    """With the number of a case that has nothing to do with it, three times; that they entered the car by themselves is no result."""
    borrowed = await town.web.case()
    await entered_alone(town, NEIGHBOUR)
    for plate in ("QZ-0777", "qz 0777"):
        assert (await looked(town, borrowed, plate=plate)).status_code == 200
    assert (await judged(town), await judged(town)) == (3, 0)
    [review] = await listed(town, state="open")
    assert (review["causes"], review["verdict"], review["overdue"]) == (["repeated"], None, False)
    # Nobody is told before it is judged: neither in an answer nor in their own log.
    analyst = await town.web.person("analyst")
    assert (await analyst.get("/api/v1/look-up-reviews/own")).json()["items"] == []
    own = (await analyst.get("/api/v1/audit/entries")).json()["items"]
    assert not {"look_up.flagged", "look_up.reviewed"} & {entry["reason"] for entry in own}

    auditor = await town.web.person("auditor")
    seen = (await auditor.get(f"/api/v1/look-up-reviews/{review['id']}")).json()
    assert (seen["sought"]["plate"], seen["purpose"], seen["case"]) == ("qz 0777", "stolen_vehicle", borrowed)
    assert (seen["found"], seen["entered"], seen["times"], seen["case_name"] is not None) == (
        0,
        False,
        3,
        True,
    )
    short = await verdict(town, review["id"], reason="No.")
    assert (short.status_code, short.json()["reason"]) == (422, "reason")
    given = await verdict(town, review["id"])
    assert (given.status_code, given.json()["verdict"]) == (200, "improper")
    again = await verdict(town, review["id"], "proper")
    assert (again.status_code, again.json()["reason"]) == (409, "reviewed")

    figures = (await analyst.get("/api/v1/look-up-figures")).json()
    assert (figures["improper"], figures["waiting"], figures["overdue"]) == (1, 0, 0)
    assert figures["by_cause"] == [
        {"cause": "repeated", "opened": 1, "proper": 0, "improper": 1, "cannot_tell": 0, "waiting": 0}
    ]
    [told] = (await analyst.get("/api/v1/look-up-reviews/own")).json()["items"]
    assert (told["verdict"], told["reason"], "reviewed_by" in told) == ("improper", REASON, False)
    assert (await listed(town, state="reviewed"))[0]["reviewed_by"]["name"] == "Auditor"


async def test_a_plate_somebody_wanted_or_sought_in_one_sitting_is_looked_up_in_peace(town: Town) -> None:
    await town.a_list(NEIGHBOUR)
    case = await town.web.case()
    for _ in range(4):
        await looked(town, case, plate=NEIGHBOUR)
        await looked(town, case, plate="QZ0778")
    usual = Reviewing(
        Limits(3, timedelta(days=30), timedelta(hours=1)), 0, timedelta(days=1), timedelta(days=14)
    )
    assert await judge(town.web.parts.door, town.web.parts.agency, usual) == 8
    assert await listed(town) == []


async def test_own_household_and_colleagues_plates_are_flagged_and_nobody_reads_them(town: Town) -> None:
    assert (await says(town, "analyst", MINE)).json()["plates"] == 1
    assert (await says(town, "analyst", "QZO-121", relation="household")).json()["plates"] == 2
    assert (await says(town, "detective", "QZ0300", "QZ0301")).status_code == 201
    case = await town.web.case()
    for plate in ("QZ0I20", "QZ0121", "QZ0300", "QZ03*", "QZ0999"):
        assert (await looked(town, case, plate=plate)).status_code == 200
    put = await proposed(town, await made(town, "manual"), case, plate="QZ0301")
    assert put.status_code == 201, put.text
    await judged(town)
    reviews = await listed(town)
    entered = (
        await (await town.web.person("auditor")).get(f"/api/v1/look-up-reviews/{reviews[0]['id']}")
    ).json()
    assert (entered["way"], entered["sought"]["plate"], entered["entered"]) == ("entry", "QZ0301", False)
    assert [review["causes"] for review in reviews] == [
        ["colleague_plate"],
        ["colleague_plate"],
        ["household_plate"],
        ["own_plate"],
    ]
    # No table has a plate of it, nor has the log; what was sought stands beside the log's leaf alone.
    rows = [
        str(row) for table in ("staff_plate", "staff_plate_said", "plate_look_up", "look_up_review")
        for row in await town.rows(f"select * from {table}")
    ]  # fmt: skip
    assert rows and not any(plate in row for row in rows for plate in ("QZ0", "QZO"))
    said = await town.rows(
        "select p.payload from audit_entry e join audit_payload p on p.entry_id = e.id where e.reason like 'staff_plates%%'"
    )
    assert not any("QZ" in str(row) for row in said)


async def test_a_made_up_page_and_the_count_of_a_watch_are_looks_all_the_same(town: Town) -> None:
    reader, case = await town.reader(), await town.web.case()
    async with town.matching():
        seen = [{"id": f"p{n}", "plate": "QZ0500", "state": "MO", "at": town.ago(seconds=n)} for n in (1, 2)]
        await reader.sends(*seen)
        await town.stored(2)
    page = (await looked(town, case, plate="QZ0500", limit=1)).json()
    await says(town, "analyst", MINE)
    assert (await looked(town, case, plate=MINE, after=page["next"])).status_code == 200
    # How many reads a watch would have brought says as much of one car as a search for it.
    counted = {"pattern": f"{MINE}*", "purpose": "stolen_vehicle", "case": case}
    analyst = await town.web.person("analyst")
    answer = await analyst.post("/api/v1/plate-watches/estimate", json=counted)
    assert answer.status_code == 200, answer.text
    await judged(town)
    assert [review["causes"] for review in await listed(town)] == [["own_plate"]] * 2


async def test_a_clerk_brings_plates_in_and_nobody_clears_their_own(town: Town) -> None:
    clerk, supervisor = await town.web.person("clerk"), await town.web.person("supervisor")
    await town.web.person("analyst")
    file = "Person,Plate,Relation\nanalyst,QZ0120,own\nanalyst,QZ0121,household\nnobody,QZ0122,own\nanalyst,?,own\nanalyst,QZ1,lent\n"
    brought = await clerk.post("/api/v1/staff-plates/imports", content=file.encode())
    assert brought.status_code == 201, brought.text
    assert (brought.json()["people"], brought.json()["taken"]) == (1, 2)
    assert [(bad["row"], bad["why"]) for bad in brought.json()["bad"]] == [
        (4, "There is nobody with this sign-in name."), (5, "This is no plate."), (6, "The relation is own or household."),
    ]  # fmt: skip
    large = await clerk.post("/api/v1/staff-plates/imports", content=b"x" * (3 * 1024 * 1024))
    assert large.status_code == 413, large.text
    for nothing in (b"a,b\n1,2\n", b"\xff\xfe", b""):
        answer = await clerk.post("/api/v1/staff-plates/imports", content=nothing)
        assert answer.status_code == 422, answer.text
    everybody: dict[str, Any] = {}
    after: dict[str, str] = {}
    while True:  # page by page
        part = (await supervisor.get("/api/v1/staff-plates", params={"limit": "1"} | after)).json()
        everybody |= {one["name"]: one for one in part["items"]}
        if part["next"] is None:
            break
        after = {"after": part["next"]}
    assert list(everybody) == ["Analyst", "Supervisor"]
    assert (everybody["Analyst"]["plates"], everybody["Supervisor"]["said_at"]) == (2, None)
    person = everybody["Analyst"]["id"]
    cleared = await supervisor.post(
        f"/api/v1/staff-plates/people/{person}/clear", json={"why": "sold the car"}
    )
    assert (cleared.json()["plates"], cleared.json()["said_at"]) == (0, None)
    own = everybody["Supervisor"]["id"]
    refused = await supervisor.post(f"/api/v1/staff-plates/people/{own}/clear", json={"why": "for a reason"})
    assert refused.json()["reason"] == "same_person"


async def test_nobody_of_the_room_reviews_nor_anybody_their_own(town: Town) -> None:
    """An auditor holds no other role; who was an analyst before still judges nothing that they did then."""
    case = await town.web.case()
    await says(town, "analyst", MINE)
    await looked(town, case, plate=MINE)
    await judged(town)
    [review] = await listed(town)
    refused = await verdict(town, review["id"], who="supervisor")
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    admin = await town.web.administrator()
    moved = await admin.put(f"/api/v1/people/{review['who']['id']}/roles", json={"roles": ["auditor"]})
    assert moved.status_code == 200, moved.text
    analyst = await town.web.person("analyst")
    body = {"name": town.web.before + "analyst", "password": PASSWORD}
    assert (await analyst.post("/api/v1/session", json=body)).status_code == 200
    own = await verdict(town, review["id"], who="analyst")
    assert (await town.web.kept_refusal(own))["reason"] == "same_person"
    assert (await analyst.get(f"/api/v1/look-up-reviews/{review['id']}")).status_code == 403


async def test_who_owes_their_plates_looks_nothing_up_where_the_center_says_so(
    center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path
) -> None:
    async with a_town(
        center, bus, dsns, tmp_path, asked=LookUpSettings(plates_required="yes", tell="proper")
    ) as town:
        case = await town.web.case()
        refused = await looked(town, case)
        assert (refused.status_code, refused.json()["reason"]) == (403, "plates_unsaid")
        assert (await says(town, "analyst")).json()["plates"] == 0
        first = await looked(town, case, plate=MINE)
        assert first.status_code == 200
        # A search that is opened again is one too; what it sought is the first one's.
        await says(town, "detective", MINE)
        colleague = await town.web.person("detective")
        path, why = f"/api/v1/plate-searches/{first.json()['id']}", WHY | {"Wf-Case": case}
        assert (await colleague.get(path, headers=why)).status_code == 200
        await judged(town, within=timedelta(seconds=-1))
        own, other = await listed(town, state="overdue")
        assert (own["causes"], other["causes"], own["overdue"]) == (["own_plate"], ["colleague_plate"], True)
        auditor = await town.web.person("auditor")
        seen = (await auditor.get(f"/api/v1/look-up-reviews/{own['id']}")).json()["sought"]
        assert (seen["plate"], seen["again"]) == (MINE, first.json()["id"])
        assert (await colleague.get("/api/v1/look-up-figures")).json()["overdue"] == 2
        # Of what was improper nobody is told here.
        await verdict(town, own["id"])
        assert (await colleague.get("/api/v1/look-up-reviews/own")).json()["items"] == []


@pytest_asyncio.fixture
async def signed(town: Town, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Any]:
    """What puts the town's log in order and signs it, as the ledger does."""
    keys = tmp_path / "log-keys"
    keys.mkdir(mode=0o700)
    signer = signer_of(keys / "ledger.key", "test.watchfloor.example/log", may_make=True)

    async def sign() -> int:
        session = await Session.open(dsns.ledger, name="test ledger")
        try:
            clock = ManualClock(SystemClock().now())
            return await settle(
                await Sequencer.take_up(session, LogFiles(tmp_path / "ledger"), signer, clock)
            )
        finally:
            await session.close()

    yield sign


async def test_the_draw_is_made_of_the_signed_log_and_anybody_can_make_it_again(
    town: Town, signed: Any, tmp_path: Path
) -> None:
    case = await town.web.case()
    for n in range(4):
        await looked(town, case, plate=f"QZ010{n}")
    await looked(town, case, plate="?")  # refused as no plate: nothing was searched
    door, agency, ledger = town.web.parts.door, town.web.parts.agency, tmp_path / "ledger"
    assert await close_due(door, agency, rules(ALL))
    # Before the log is signed so far nothing can be drawn, by nobody.
    assert await draw_due(door, agency, rules(ALL), ledger) == []
    await town.rows("update look_up_draw set closed_at = closed_at - interval '9 days' returning 1")
    async with door.open(Ask(process_actor(agency, "check"), Need.RETENTION_LOOK)) as tx:
        [stuck] = await look_ups_unreviewed(tx)
    assert stuck.what.startswith("No searches were drawn for review since")
    await signed()
    await looked(town, case, plate="QZ0109")  # of the next period
    assert len(await draw_due(door, agency, rules(ALL), ledger)) == 1
    assert await draw_due(door, agency, rules(ALL), ledger) == []
    assert [review["causes"] for review in await listed(town)] == [["sample"]] * 4
    figures = (await (await town.web.person("clerk")).get("/api/v1/look-up-figures")).json()
    [draw] = figures["draws"]
    assert (draw["searched"], draw["drawn"], draw["share_percent"], figures["waiting"]) == (4, 4, 100.0, 4)
    # None in a thousand: the rule gives none, and the log says so.
    assert await close_due(door, agency, rules(0))
    await signed()
    await draw_due(door, agency, rules(0), ledger)
    await signed()
    report = verify(Folder(ledger), draw_again=True)
    assert report.verdict is Verdict.VERIFIED and report.draws is not None
    assert report.draws.as_json() == {"right": 2, "searched": 5, "drawn": 4, "waiting": 0, "verdicts": {}}
    usual = Reviewing(rules().limits, 20_000, timedelta(hours=24), timedelta(days=14))
    assert not await close_due(door, agency, usual)


@pytest.mark.parametrize(
    "wrong",
    [
        {"plates_required": "maybe"}, {"keep_days": 5}, {"repeats": 1}, {"review_percent": 101.0}, {"draw_every_h": 0},
        {"tell": "sometimes"}, {"sitting_min": -1},
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_said_at_the_start(wrong: dict[str, Any]) -> None:
    settings = LookUpSettings(**wrong)
    with pytest.raises(Invalid, match="look_ups"):
        look_ups_of(settings, b"k" * 32)
        reviewing_of(settings)
        tell_of(settings)
