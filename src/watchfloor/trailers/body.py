"""Body cameras go with a unit: where the unit says that it is, they are. It keeps no more of that than positions of units are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from watchfloor.cameras import carried_store as cameras
from watchfloor.cameras.carried_store import Move
from watchfloor.cameras.looking import there
from watchfloor.governance import store as governance
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.moving import leave_changes
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m
from watchfloor.storage.tx import Tx
from watchfloor.trailers.aboard import tell_of
from watchfloor.trailers.model import STEP_M
from watchfloor.trailers.parts import News
from watchfloor.units import store as units
from watchfloor.units.model import POSITIONS_KEPT_FOR, Position, Unit


async def goes_with(door: Door, news: News, actor: Actor, camera: UUID, unit: UUID | None) -> None:
    """Say with which unit a body camera goes; None with none. Raises NotFound or Invalid."""
    async with door.open(Ask(actor, Need.CAMERAS_CHANGE, about=About("camera", camera))) as tx:
        found = await there(tx, camera)
        if found.technology is not TechnologyKind.BODY_CAMERA:
            raise Invalid(f"{found.name} is registered as one of {found.technology.words}.", reason="camera")
        if found.carried_by is not None:
            await cameras.put_down(tx, found.carried_by.id, [camera])
        if unit is not None:
            with_whom = await units.unit_of(tx, unit)
            if with_whom is None:
                raise Invalid("There is no such unit.", reason="unit")
            await cameras.carry(tx, camera, "unit", unit, None)
            if with_whom.place is not None:
                await _stand(tx, news, with_whom, with_whom.place)
        await effect(
            tx, "camera.goes_with", About("camera", camera), more={"unit": str(unit) if unit else None}
        )
        tell_of(tx, news, tx.agency, camera)


def following(news: News) -> Callable[[Tx, Unit, Position], Awaitable[None]]:
    """What follows a unit that says that it is elsewhere: its body cameras, in steps."""

    async def follow(tx: Tx, unit: Unit, position: Position) -> None:
        await _stand(tx, news, unit, position.place)

    return follow


async def _stand(tx: Tx, news: News, unit: Unit, place: Point) -> None:
    own = await cameras.places(tx, list(await cameras.offsets_of(tx, unit.id)))
    moving = {camera: before for camera, before in own.items() if distance_m(before, place) >= STEP_M}
    if not moving:
        return
    # Where a person was is forgotten when the positions of units are.
    until = tx.now + POSITIONS_KEPT_FOR
    await cameras.move(tx, [Move(one, f"with unit {unit.call_sign}", place, None, until) for one in moving])
    approved = await governance.authorisations(tx, [TechnologyKind.BODY_CAMERA.value])
    if any(leave_changes(approved, before, place) for before in moving.values()):
        await governance.raise_policy_version(tx)
    for camera in moving:
        tell_of(tx, news, tx.agency, camera)
