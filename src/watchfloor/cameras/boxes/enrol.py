"""Edge boxes are made known, given a code, enrolled and revoked: a use case each. A code is shown once and never kept.

What a box may send is not decided here; the gate asks the door for each camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import EDGE, parse
from watchfloor.cameras.boxes import store
from watchfloor.cameras.boxes.model import CODE_FOR, Box, Code, new_code
from watchfloor.cameras.model import Camera
from watchfloor.engines.edge_tls import BoxName, EdgeAuthority, fingerprint_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Unauthenticated
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx

MOST_CAMERAS: Final = 64
PROCESS: Final = "gate"


@dataclass(frozen=True, slots=True)
class Boxes:
    """What the use cases of edge boxes need. `address` is the gate's, as boxes reach it, and `pin` its authority's; both empty
    where there is none."""

    door: Door
    clock: Clock
    address: str
    pin: str

    def now(self) -> datetime:
        """The time."""
        return self.clock.now()


async def make(boxes: Boxes, actor: Actor, name: str, cameras: Sequence[UUID]) -> tuple[Box, Code]:
    """A new box for registered cameras, and its one-time code. Raises Invalid, Conflict, Refused."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid("An edge box has a name of 1 to 60 characters.", reason="name")
    _open(boxes)
    ask = Ask(actor, Need.BOXES_CHANGE, about=About("edge_box"), detail={"name": name})
    async with boxes.door.open(ask) as tx:
        box = uuid7(tx.now)
        if not await store.insert_box(tx, box, name):
            raise Conflict(f"There is an edge box {name!r} already.", reason="name_taken")
        await store.put_cameras(tx, box, await _checked(tx, box, cameras))
        code = await _new_code(boxes, tx, box)
        more: dict[str, Json] = {"cameras": len(cameras), "code_until": rfc3339(tx.now + CODE_FOR)}
        await effect(tx, "edge_box.made", About("edge_box", box), detail={"name": name}, more=more)
        return await there(tx, box), code


async def another_code(boxes: Boxes, actor: Actor, box: UUID) -> tuple[Box, Code]:
    """A new code: for a box that was not enrolled in time, or another machine in its place. Raises NotFound, Conflict."""
    _open(boxes)
    async with boxes.door.open(Ask(actor, Need.BOXES_CHANGE, about=About("edge_box", box))) as tx:
        await _in_force(tx, box)
        code = await _new_code(boxes, tx, box)
        await effect(
            tx, "edge_box.code_made", About("edge_box", box), more={"code_until": rfc3339(tx.now + CODE_FOR)}
        )
        return await there(tx, box), code


async def give_cameras(boxes: Boxes, actor: Actor, box: UUID, cameras: Sequence[UUID]) -> Box:
    """The box has these cameras from now on; what it kept of others it forgets. Raises NotFound, Invalid, Conflict."""
    ask = Ask(actor, Need.BOXES_CHANGE, about=About("edge_box", box))
    async with boxes.door.open(ask) as tx:
        await _in_force(tx, box)
        await store.put_cameras(tx, box, await _checked(tx, box, cameras))
        await effect(
            tx, "edge_box.cameras_changed", About("edge_box", box), more={"cameras": len(set(cameras))}
        )
        return await there(tx, box)


async def revoke(boxes: Boxes, actor: Actor, box: UUID) -> None:
    """Its certificate holds no more: it is cut off within a second and forgets what it kept. Raises NotFound, Conflict."""
    async with boxes.door.open(Ask(actor, Need.BOXES_CHANGE, about=About("edge_box", box))) as tx:
        await _in_force(tx, box)
        await store.revoke(tx, box)
        await effect(tx, "edge_box.revoked", About("edge_box", box))


async def enrol(
    door: Door, authority: EdgeAuthority, agencies: Sequence[UUID], code: Code, request: str
) -> tuple[Box, str]:
    """A certificate for whoever shows a code that holds; the code is used up by it. Raises Unauthenticated, Invalid."""
    for agency in agencies:
        ask = Ask(process_actor(agency, PROCESS), Need.BOX_KNOW, about=About("edge_box", code.box))
        async with door.open(ask) as tx:
            if not await store.use_code(tx, code.box, code.hashed):
                continue
            made, pem = authority.sign(request, agency, code.box, tx.now)
            until = made.not_valid_after_utc
            # Another machine takes the place of the one that had the certificate before.
            await store.put_certificates(tx, code.box, [fingerprint_of(made)], until)
            await effect(tx, "edge_box.enrolled", About("edge_box", code.box), more={"until": rfc3339(until)})
            return await there(tx, code.box), pem
    raise Unauthenticated(
        "This enrolment code was used, is over, or never was one.",
        reason="code",
        next_step="Make a new code on the page of edge boxes.",
    )


async def renew(door: Door, authority: EdgeAuthority, who: BoxName, request: str) -> str:
    """The next certificate of a box that is linked; the present one holds until the next is shown. Raises Invalid, Unauthenticated."""
    ask = Ask(process_actor(who.agency, PROCESS), Need.BOX_KNOW, about=About("edge_box", who.box))
    async with door.open(ask) as tx:
        made, pem = authority.sign(request, who.agency, who.box, tx.now)
        until = made.not_valid_after_utc
        if not await store.add_certificate(tx, who.box, who.fingerprint, fingerprint_of(made), until):
            raise replaced()
        await effect(tx, "edge_box.renewed", About("edge_box", who.box), more={"until": rfc3339(until)})
        return pem


def replaced() -> Unauthenticated:
    """What a machine is told whose certificate holds no more."""
    return Unauthenticated(
        "Another machine has this edge box's place now.",
        reason="replaced",
        next_step="Make a new enrolment code if this one is to have it.",
    )


async def there(tx: Tx, box: UUID) -> Box:
    """An edge box. Raises NotFound."""
    found = await store.box_of(tx, box)
    if found is None:
        raise NotFound("There is no such edge box.")
    return found


async def _in_force(tx: Tx, box: UUID) -> None:
    if (await there(tx, box)).revoked_at is not None:
        raise Conflict("This edge box was revoked.", reason="revoked", next_step="Make a new one.")


async def _checked(tx: Tx, box: UUID, cameras: Sequence[UUID]) -> list[Camera]:
    """Cameras that can be a box's: registered without an address, of no other box, no two by one name. Raises Invalid, Conflict."""
    wanted = set(cameras)
    if not 1 <= len(wanted) <= MOST_CAMERAS:
        raise Invalid(f"An edge box has 1 to {MOST_CAMERAS} cameras.", reason="cameras")
    found = [
        camera for one in sorted(wanted) if (camera := await camera_store.camera_of(tx, one)) is not None
    ]
    if len(found) < len(wanted):
        raise Invalid("There is no such camera.", reason="cameras")
    names: dict[str, str] = {}
    for camera in found:
        address, _ = parse(camera.address)
        if address.scheme != EDGE:
            raise Invalid(
                f"Camera {camera.name!r} has an address of its own.",
                reason="cameras",
                next_step="Change its address to edge://name: where it is and its password stay with the box.",
            )
        if address.host in names:
            raise Invalid(
                f"Cameras {names[address.host]!r} and {camera.name!r} are both edge://{address.host}.",
                reason="cameras",
            )
        names[address.host] = camera.name
    mine = {one.id for one in (await there(tx, box)).cameras}
    others = await store.owners_of(tx, [camera.id for camera in found if camera.id not in mine])
    if others:
        raise Conflict(f"A camera is of edge box {next(iter(others.values()))!r} already.", reason="cameras")
    return found


async def _new_code(boxes: Boxes, tx: Tx, box: UUID) -> Code:
    code = new_code(boxes.address, boxes.pin, box)
    await store.put_code(tx, box, code.hashed, tx.now + CODE_FOR)
    return code


def _open(boxes: Boxes) -> None:
    if not boxes.address:
        raise Conflict(
            "This center takes no edge boxes: it does not listen for them.",
            reason="no_gate",
            next_step="Ask whoever runs watchfloor to set edge.host and edge.address.",
        )
