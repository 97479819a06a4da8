"""A site whose recorder is the simulated camera's, put into the registry by whoever owns the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from tests.cameras.kept import Card
from tests.fixtures.center import new_id
from watchfloor.recordings.model import GapReason

if TYPE_CHECKING:
    from tests.recordings.test_refill import Lost

REPLAY = "/replay?of={channel}&clock={from}-{to}"


async def a_site(
    execute: Callable[..., Awaitable[object]], agency: UUID, card: Card, name: str = "Depot"
) -> UUID:
    """The site; its channel `stream` is the camera of the card."""
    site = new_id()
    await execute(
        "insert into camera_site (id, agency_id, name, kind, place, address, stream, replay, created_at, created_by, version)"
        " values (%s, %s, %s, 'nvr', 'Bus depot', %s, '/{channel}', %s, now(), %s, 1)",
        site, agency, name, card.camera.url.rpartition("/")[0], REPLAY, agency,
    )  # fmt: skip
    return site


async def as_its_site_says(made: Lost) -> None:
    """A camera of a site needs no replay address of its own."""
    site = await a_site(made.execute, made.city.web.parts.agency, made.card)
    await made.execute(
        "update camera set site_id = %s, channel = 'stream', replay_address = null where id = %s",
        site,
        made.camera,
    )
    gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 8.2, 9.4)
    asked = len(made.card.replay.asked)
    assert await made.settles(gap) and (await made.kept(gap))["fill_said"] is None
    # Once, or on a busy machine in the turn after too; and never again once it is settled.
    assert asked < (now := len(made.card.replay.asked)) <= asked + 2
    await made.turn()
    assert len(made.card.replay.asked) == now
    await made.execute("update camera_site set replay = null where id = %s", site)
    gap = await made.gap(GapReason.CAMERA_UNREACHABLE, 9.4, 9.9)
    await made.turn()
    assert (await made.kept(gap))["fill_at"] is None  # nobody says where: it is not asked for
