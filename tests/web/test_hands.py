"""Hands: colleagues see who has what open, while a console says so and not a moment longer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.fixtures.center import CenterMaker, new_id
from tests.web.test_events import said, socket, subscribe
from watchfloor.detections.envelope import InHand
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor, ActorKind, AgencyId
from watchfloor.governance.words import Role
from watchfloor.kit.clock import ManualClock, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.storage.nats import Bus
from watchfloor.web.hands import FOR_S, MOST, Hands, over

START = datetime(2026, 3, 3, 4, tzinfo=UTC)
ALERT = f"alert:{outside('alert', new_id())}"
CAMERA = f"camera:{outside('camera', new_id())}"


def analyst(agency: AgencyId, name: str = "A. Lyst") -> Actor:
    return Actor(new_id(), ActorKind.PERSON, agency, frozenset({Role.ANALYST}), name=name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def hands(clock: ManualClock) -> Hands:
    return Hands(clock, lambda _: None)


async def test_a_hand_has_its_age_and_is_gone_when_its_console_falls_silent(
    clock: ManualClock, hands: Hands
) -> None:
    who = analyst(AgencyId(new_id()))
    hands.say("window", who, [ALERT])
    await clock.advance(timedelta(seconds=4))
    hands.say("window", who, [ALERT, CAMERA])
    (hand,) = hands.of(who.agency)
    assert hand["has"] == {ALERT: START, CAMERA: clock.now()}
    assert hand["heard_at"] == clock.now()
    await clock.advance(timedelta(seconds=FOR_S + 0.1))
    assert hands.of(who.agency) == []


def test_two_windows_of_a_person_are_one_hand_and_each_agency_sees_its_own(hands: Hands) -> None:
    ours, theirs = AgencyId(new_id()), AgencyId(new_id())
    who, other = analyst(ours), analyst(theirs, "T. Hem")
    hands.say("one", who, [ALERT])
    hands.say("two", who, [CAMERA])
    hands.say("three", other, [ALERT])
    assert [set(hand["has"]) for hand in hands.of(ours)] == [{ALERT, CAMERA}]
    assert [hand["name"] for hand in hands.of(theirs)] == ["T. Hem"]
    hands.gone("one")
    assert [set(hand["has"]) for hand in hands.of(ours)] == [{CAMERA}]


@pytest.mark.parametrize(
    "given",
    [
        "unit:x",
        "alert",
        "alert:alt_1",
        pytest.param(f"alert:{CAMERA.partition(':')[2]}", id="a camera"),
        7,
        None,
    ],
)
def test_what_is_no_thing_of_the_floor_is_refused_in_words(hands: Hands, given: object) -> None:
    with pytest.raises(Invalid):
        hands.say("window", analyst(AgencyId(new_id())), [given])


def test_nobody_has_more_in_hand_than_a_screen_holds(hands: Hands) -> None:
    with pytest.raises(Invalid, match=f"At most {MOST}"):
        hands.say("window", analyst(AgencyId(new_id())), [CAMERA] * (MOST + 1))


async def test_colleagues_see_it_at_once_and_that_it_is_gone_when_the_link_ends(center: CenterMaker) -> None:
    async with center() as web:
        one, other = await web.person("analyst"), await web.person("supervisor")
        async with socket(web, other) as theirs:
            await subscribe(theirs, "hands")
            assert (await said(theirs, "snapshot"))["items"] == []
            async with socket(web, one) as ours:
                await subscribe(ours, "hands")
                await said(ours, "snapshot")
                await ours.send(json.dumps({"op": "hands", "has": [ALERT]}))
                hand = (await said(theirs, "put"))["item"]
                assert hand["name"].endswith("Analyst")
                assert list(hand["has"]) == [ALERT]
            assert (await said(theirs, "delete"))["key"] == hand["id"]


async def test_a_colleague_at_another_server_is_seen_under_their_name_until_they_go(
    center: CenterMaker, bus: Bus
) -> None:
    """Two servers of one center on one bus: this web's, and the hands of another."""
    async with center() as web:
        clock, feeds, agency = web.parts.clock, web.feeds, AgencyId(web.parts.agency)
        other = Hands(clock, lambda _: None, over(bus, clock))

        async def came(subject: str, message: bytes) -> None:
            feeds.hear(subject, message)

        await bus.hear("wf.v1.>", came)
        me = (await (await web.person("analyst")).get("/api/v1/session")).json()["person"]
        who = Actor(inside("person", me["id"]), ActorKind.PERSON, agency, frozenset({Role.ANALYST}))
        async with socket(web, await web.person("supervisor")) as theirs:
            await subscribe(theirs, "hands")
            assert (await said(theirs, "snapshot"))["items"] == []
            other.say("window", who, [ALERT])
            hand = (await said(theirs, "put"))["item"]
            assert (hand["id"], list(hand["has"])) == (me["id"], [ALERT]) and hand["name"].endswith("Analyst")
            other.gone("window")
            assert (await said(theirs, "delete"))["key"] == me["id"]


async def test_what_another_server_says_counts_as_long_as_it_says_it_and_no_rubbish_does(
    clock: ManualClock, hands: Hands
) -> None:
    told: list[tuple[UUID, InHand]] = []
    other = Hands(clock, lambda _: None, lambda agency, news: told.append((agency, news)))
    who = analyst(AgencyId(new_id()))
    other.say("window", who, [ALERT, CAMERA])
    hands.heard(*told[-1])
    other.heard(*told[-1])  # its own words come back to it
    assert [set(hand["has"]) for hand in hands.of(who.agency)] == [{ALERT, CAMERA}]
    assert len(other.of(who.agency)) == 1
    agency, news = told[-1]
    for wrong in ({"plate:ABC123": rfc3339(START)}, {ALERT: "now"}, dict.fromkeys(map(str, range(99)), "")):
        hands.heard(agency, msgspec.structs.replace(news, has=wrong))
        assert hands.of(who.agency) == []
        hands.heard(agency, news)
    await clock.advance(timedelta(seconds=FOR_S + 0.1))
    assert hands.of(who.agency) == []


async def test_who_may_not_see_the_queue_neither_sees_hands_nor_shows_them(center: CenterMaker) -> None:
    async with center() as web:
        auditor = await web.person("auditor")
        async with socket(web, auditor) as connection:
            await subscribe(connection, "hands")
            assert (await said(connection, "denied"))["reason"] == "role"
            assert await shown(connection, [ALERT]) == "not_following"
        assert web.feeds.hands.of(web.parts.agency) == []


async def test_what_cannot_be_understood_takes_the_hand_away(center: CenterMaker) -> None:
    async with center() as web, socket(web, await web.person("analyst")) as connection:
        await subscribe(connection, "hands")
        await said(connection, "snapshot")
        await connection.send(json.dumps({"op": "hands", "has": [ALERT]}))
        await said(connection, "put")
        assert await shown(connection, ["alert:none"]) == "id"
        assert (await said(connection, "delete"))["op"] == "delete"


async def shown(connection: Any, things: list[str]) -> str:
    """Say what is in hand, and why that was not taken."""
    await connection.send(json.dumps({"op": "hands", "has": things}))
    return str((await said(connection, "denied"))["reason"])
