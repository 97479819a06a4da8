"""Leases: which are decided together, when their answers hold, and what of them is in the log."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.fixtures.center import CenterMaker, new_id
from tests.fixtures.engines import Dsns
from tests.governance.test_door import PLACE, entries
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.lease import LEASE_FOR, OUTAGE_FOR, Decided, Lease, LeaseBook, to_decide
from watchfloor.governance.model import About, ActorKind, AgencyId, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import ManualClock, rfc3339
from watchfloor.kit.geo import Point


async def test_with_a_lease_that_is_due_those_that_are_used_and_end_soon_are_decided_but_no_persons() -> None:
    clock = ManualClock(datetime(2026, 11, 30, tzinfo=UTC))
    book = LeaseBook(clock, second_factor_required=False)
    machine = process_actor(AgencyId(new_id()), "record")
    other, person = process_actor(AgencyId(new_id()), "record"), replace(machine, kind=ActorKind.PERSON)
    used, idle, new, looks, elsewhere = (
        Ask(actor, Need.CAMERA_RECORD, about=About("camera", new_id()))
        for actor in (machine, machine, machine, person, other)
    )
    end = clock.now() + LEASE_FOR
    for ask in (used, idle, looks, elsewhere):
        book.keep(ask, Lease(ask, None, "yes", end, end, None), end)
    assert [answer is None for answer in book.fresh([used, looks, elsewhere, new])] == [False] * 3 + [True]
    assert book.with_those_soon_due([to_decide(new)]) == [new], "the others hold for a while yet"
    await clock.advance(LEASE_FOR - timedelta(seconds=10))
    assert book.with_those_soon_due([to_decide(used)]) == [], "another round has decided it meanwhile"
    assert book.with_those_soon_due([to_decide(new)]) == [new, used]
    book.keep(used, Lease(used, None, "yes", end, end, None), end)
    assert book.with_those_soon_due([to_decide(new)]) == [new], "nobody has used it since"
    await clock.advance(timedelta(seconds=10))
    assert book.with_those_soon_due([to_decide(used)]) == [used]


async def test_an_answer_of_which_policy_has_changed_meanwhile_is_asked_again_at_once() -> None:
    clock = ManualClock(datetime(2026, 11, 30, tzinfo=UTC))
    book, machine = (
        LeaseBook(clock, second_factor_required=False),
        process_actor(AgencyId(new_id()), "record"),
    )
    ask, end = Ask(machine, Need.CAMERA_RECORD, about=About("camera", new_id())), clock.now() + LEASE_FOR
    book.policy_is(machine.agency, 7)
    answers: list[tuple[Ask, Lease | Denied, datetime]] = [
        (ask, Lease(ask, None, "yes", end, end, None), end)
    ]
    book.publish(Decided(machine.agency, 7, answers))
    assert book.fresh([ask]) != [None]
    book.policy_is(machine.agency, 8)  # a suspension that was committed while the next round was under way
    book.publish(Decided(machine.agency, 7, answers))
    assert book.fresh([ask]) == [None]


async def test_of_a_thing_that_moved_the_place_it_left_is_not_decided_again() -> None:
    clock = ManualClock(datetime(2026, 11, 30, tzinfo=UTC))
    book, machine = LeaseBook(clock, second_factor_required=False), process_actor(AgencyId(new_id()), "sense")
    about, end = About("plate_reader", new_id()), clock.now() + timedelta(seconds=10)
    left, now, new = (
        Ask(machine, Need.PLATES_INGEST, about=one, place=Point(1.0, lon))
        for one, lon in ((about, 1.0), (about, 2.0), (About("plate_reader", new_id()), 3.0))
    )
    for ask in (left, now):
        book.keep(ask, Lease(ask, None, "yes", end, end, None), end)
        assert book.fresh([ask]) != [None]
    assert book.with_those_soon_due([to_decide(new)]) == [new, now]


async def test_an_answer_that_is_over_is_forgotten_with_the_outage_that_it_would_hold_for() -> None:
    """A place that a sound was told of is asked about once; a center hears thousands a night."""
    clock = ManualClock(datetime(2026, 11, 30, tzinfo=UTC))
    book, machine = LeaseBook(clock, second_factor_required=False), process_actor(AgencyId(new_id()), "sense")
    square = About("square", new_id())

    def told(lon: float, answer: str) -> Ask:
        ask = Ask(machine, Need.SOUND_TELL, about=square, place=Point(1.0, lon))
        end, now = clock.now() + LEASE_FOR, clock.now()
        lease = Lease(ask, None, "yes", end, now + OUTAGE_FOR, None)
        book.publish(
            Decided(machine.agency, None, [(ask, lease if answer == "yes" else Denied("area", "no"), end)])
        )
        assert book.fresh([ask]) != [None]
        return ask

    places = [told(1 + n / 1000, "yes" if n % 2 else "no") for n in range(50)]
    await clock.advance(timedelta(minutes=14))
    told(2.0, "yes")
    assert all(isinstance(book.in_an_outage(one), Lease) == bool(n % 2) for n, one in enumerate(places))
    assert book.remembered == 51
    await clock.advance(timedelta(minutes=3))
    last = told(3.0, "yes")
    assert book.remembered == 2, "the last two"
    assert isinstance(book.in_an_outage(last), Lease)


async def test_a_lease_that_moves_to_another_authorisation_is_a_change(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        machine = process_actor(web.parts.agency, "record")
        camera, technology = About("camera", new_id()), TechnologyKind.FIXED_CAMERA
        ask = Ask(machine, Need.CAMERA_RECORD, about=camera, technology=technology, place=PLACE)
        first = await web.authorise("fixed_camera")
        assert isinstance((await web.parts.door.lease([ask]))[0], Lease)
        longer = rfc3339(web.parts.clock.now() + timedelta(days=400))
        second = await web.authorise("fixed_camera", expires_at=longer, title="The one that follows")
        async with asyncio.timeout(60):
            while len(await entries(dsns, "kind = 'lease'")) < 2:
                await web.parts.door.lease([ask])
                await web.parts.clock.sleep(0.05)
        logged = [UUID(str(e["authorisation"])) for e in await entries(dsns, "kind = 'lease'")]
        assert logged == [inside("authorisation", first), inside("authorisation", second)]
