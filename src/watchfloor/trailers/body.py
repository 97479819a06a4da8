"""Body cameras are given to a unit, worn by one of its crew, and given back: where the unit says that it is, they are.

It keeps no more of where they were than positions of units are kept, but for footage that is held.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from watchfloor.cameras import carried_store as cameras
from watchfloor.cameras.carried_store import Move
from watchfloor.cameras.looking import there
from watchfloor.cameras.model import Camera
from watchfloor.governance import store as governance
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.moving import leave_changes
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.kit.geo import Point, distance_m
from watchfloor.storage.tx import Tx
from watchfloor.trailers import body_store
from watchfloor.trailers.aboard import tell_of
from watchfloor.trailers.model import STEP_M
from watchfloor.trailers.parts import News
from watchfloor.units import store as units
from watchfloor.units.model import POSITIONS_KEPT_FOR, Position, Unit


async def issue(door: Door, news: News, actor: Actor, camera: UUID, unit: UUID, person: UUID | None) -> None:
    """Give a body camera to a unit; whoever had it has given it back. Raises NotFound, Invalid or Conflict."""
    detail = {"person": str(person)} if person is not None else {}
    ask = Ask(actor, Need.BODY_CAMERAS_ISSUE, about=About("camera", camera), detail=detail)
    async with door.open(ask) as tx:
        found = await _body_camera(tx, camera)
        to = await units.unit_of(tx, unit)
        if to is None:
            raise Invalid("There is no such unit.", reason="unit")
        if person is not None and person not in {one.id for one in to.crew}:
            raise Invalid(
                f"They are not on unit {to.call_sign}.", reason="person", next_step="Put them on it first, or name nobody."
            )  # fmt: skip
        before = (await body_store.now(tx, [camera])).get(camera)
        if before is not None and (before.unit, before.person) == (unit, person):
            raise Conflict(f"{found.name} is with unit {to.call_sign} already.", reason="issued")
        await _given_back(tx, found)
        await cameras.carry(tx, camera, "unit", unit, None)
        await body_store.begin(tx, camera, unit, person)
        if to.place is not None:
            await _stand(tx, news, to, to.place)
        await effect(tx, "camera.issued", About("camera", camera), detail=detail, more={"unit": str(unit)})
        tell_of(tx, news, tx.agency, camera)


async def take_back(door: Door, news: News, actor: Actor, camera: UUID) -> None:
    """A body camera was given back: it stands where it was last. Raises NotFound, Invalid or Conflict."""
    async with door.open(Ask(actor, Need.BODY_CAMERAS_ISSUE, about=About("camera", camera))) as tx:
        found = await _body_camera(tx, camera)
        if not await _given_back(tx, found):
            raise Conflict(f"{found.name} is with nobody.", reason="not_issued")
        await effect(tx, "camera.returned", About("camera", camera))
        tell_of(tx, news, tx.agency, camera)


async def _body_camera(tx: Tx, camera: UUID) -> Camera:
    found = await there(tx, camera)
    if found.technology is not TechnologyKind.BODY_CAMERA:
        raise Invalid(f"{found.name} is registered as one of {found.technology.words}.", reason="camera")
    return found


async def _given_back(tx: Tx, camera: Camera) -> bool:
    """Whether somebody had it."""
    if camera.carried_by is not None:
        await cameras.put_down(tx, camera.carried_by.id, [camera.id])
    return bool(await body_store.end(tx, camera.id)) or camera.carried_by is not None


def following(news: News) -> Callable[[Tx, Unit, Position], Awaitable[None]]:
    """What follows a unit that says that it is elsewhere: its body cameras, in steps."""

    async def follow(tx: Tx, unit: Unit, position: Position) -> None:
        await _stand(tx, news, unit, position.place)

    return follow


def coming_back(news: News) -> Callable[[Tx, Unit], Awaitable[None]]:
    """What comes back from a unit that is retired: its body cameras are with nobody, and stand where they were last."""

    async def come_back(tx: Tx, unit: Unit) -> None:
        await cameras.put_down(tx, unit.id)
        for camera in await body_store.with_unit(tx, unit.id):
            await body_store.end(tx, camera)
            more: dict[str, Json] = {"unit": str(unit.id)}
            await effect(
                tx, "camera.returned", About("camera", camera), detail={"why": f"Unit {unit.call_sign} was retired."}, more=more
            )  # fmt: skip
            tell_of(tx, news, tx.agency, camera)

    return come_back


async def _stand(tx: Tx, news: News, unit: Unit, place: Point) -> None:
    own = await cameras.places(tx, list(await cameras.offsets_of(tx, unit.id)))
    moving = {camera: before for camera, before in own.items() if distance_m(before, place) >= STEP_M}
    if not moving:
        return
    # Where a person was is forgotten when the positions of units are; the sweep leaves what held footage needs.
    until = tx.now + POSITIONS_KEPT_FOR
    await cameras.move(tx, [Move(one, f"with unit {unit.call_sign}", place, None, until) for one in moving])
    approved = await governance.authorisations(tx, [TechnologyKind.BODY_CAMERA.value])
    if any(leave_changes(approved, before, place) for before in moving.values()):
        await governance.raise_policy_version(tx)
    for camera in moving:
        tell_of(tx, news, tx.agency, camera)
