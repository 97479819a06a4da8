"""Sets masks in the camera itself where it can (ONVIF Media2), and looks again and again whether they are still there.

What the device holds costs nothing and is in what is stored as well. One that is gone is told in the log, set again where that
works, and painted by the server until the device has it. Masks that are in the device and none of ours are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import mask_store
from watchfloor.cameras.masks import Mask, Shape
from watchfloor.cameras.onvif import cover_store
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.model import MEDIA2, ODD, Reach
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from lxml import etree

    from watchfloor.cameras.onvif.keep import Talk
    from watchfloor.cameras.onvif.session import Session

EVERY: Final = timedelta(minutes=10)
_EVERY_S: Final = 5.0
_AT_ONCE: Final = 8
_MOST: Final = 64
# How far a corner may be from where it was set: devices round to their own grid.
_NEAR: Final = 0.02
_ONVIF: Final = "http://www.onvif.org/ver10/schema"
_log = logger("masks")


@dataclass(frozen=True, slots=True)
class Options:
    """What the device can mask: how many, of how many corners, and whether rectangles only."""

    most: int
    corners: int
    rectangles: bool


async def watch(cameras: Cameras, reach: Reach, agencies: Sequence[UUID]) -> None:
    """Set and look after masks in devices, for ever."""
    while True:
        for agency in agencies:
            try:
                await cover_due(cameras, reach, agency)
            except WatchfloorError as error:
                _log.warning("masks in devices wait", why=error.detail)
        await cameras.clock.sleep(_EVERY_S)


async def cover_due(cameras: Cameras, reach: Reach, agency: UUID) -> int:
    """Look after the masks of those whose turn it is, some at a time; how many were."""
    ask = Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)
    async with cameras.door.open(ask) as tx:
        due = await cover_store.take_due(tx, tx.now - EVERY, _AT_ONCE)
    for camera in due:
        try:
            await _cover(cameras, reach, ask, camera)
        except ODD as error:
            _log.error("masking in a device failed", camera=str(camera), error=type(error).__name__)
    return len(due)


async def _cover(cameras: Cameras, reach: Reach, ask: Ask, camera: UUID) -> None:
    async with cameras.door.open(ask) as tx:
        masks = await mask_store.masks_of(tx, camera)
        left = await cover_store.to_take_out(tx, camera)
        try:
            talk = await prepared(tx, cameras, camera)
        except (Invalid, NotFound):
            return
    try:
        found = await in_thread(lambda: _covered(cameras, reach, talk, masks, left))
    except Invalid as error:
        # Not known to be gone: what the device held it holds as far as anybody knows.
        _log.info("a device was not asked for its masks", camera=str(camera), why=error.detail)
        return
    async with cameras.door.open(ask) as tx:
        await _keep(cameras, tx, camera, masks, found)


async def _keep(
    cameras: Cameras, tx: Tx, camera: UUID, masks: Sequence[Mask], found: dict[UUID, str | None]
) -> None:
    """Keep which masks the device holds, and tell of those that are gone."""
    about, changed = About("camera", camera), False
    await cover_store.taken_out(tx, camera)
    for mask in masks:
        token, more = found.get(mask.id), {"mask": outside("mask", mask.id)}
        if mask.held_by_device and token != mask.device_token:
            await effect(tx, "camera.mask_gone", about, more=dict(more))
        if token is not None and token != mask.device_token:
            await mask_store.in_device(tx, mask.id, token, tx.now, None)
            await effect(tx, "camera.mask_in_device", about, more=dict(more))
            changed = True
        elif token is None and mask.held_by_device:
            await mask_store.in_device(tx, mask.id, None, None, tx.now)
            changed = True
    if changed:
        agency = tx.agency
        tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))


async def _covered(
    cameras: Cameras, reach: Reach, talk: Talk, masks: Sequence[Mask], left: Sequence[str]
) -> dict[UUID, str | None]:
    """Which masks the device holds after this, by what it calls them. Raises Invalid."""
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, talk.device, talk.login, cameras.clock) as spoken:
        await learn_clock(spoken, cameras.clock)
        await spoken.find_services()
        if not spoken.has(MEDIA2):
            return {}
        source = await _source(spoken)
        options = _options(await _asked(spoken, "GetMaskOptions", ConfigurationToken=source))
        there = await _there(spoken, source)
        for token in left:
            if token in there:
                await _asked(spoken, "DeleteMask", Token=token)
                del there[token]
        held = {mask.id for mask in masks if _held(mask, there) is not None}
        room = options.most - len(there)
        for mask in masks:  # in the order in which they were set
            if mask.id not in held and room > 0 and _fits(mask.shape, options):
                room -= 1
                await _create(spoken, source, mask.shape)
        again = await _there(spoken, source)
        return {mask.id: _held(mask, again) for mask in masks}


def _held(mask: Mask, there: dict[str, Shape]) -> str | None:
    """What the device calls this mask: as before, or any of the same corners."""
    tokens = [token for token, shape in there.items() if _same(shape, mask.shape)]
    return mask.device_token if mask.device_token in tokens else next(iter(tokens), None)


def _same(one: Shape, other: Shape) -> bool:
    return len(one) == len(other) and all(
        abs(x - a) <= _NEAR and abs(y - b) <= _NEAR
        for (x, y), (a, b) in zip(sorted(one), sorted(other), strict=True)
    )


def _fits(shape: Shape, options: Options) -> bool:
    if options.rectangles:
        return len(shape) == 4 and len({x for x, _ in shape}) == len({y for _, y in shape}) == 2
    return len(shape) <= options.corners


async def _source(spoken: Session) -> str:
    answer = await _asked(spoken, "GetVideoSourceConfigurations")
    token = next((str(one.get("token")) for one in answer if one.get("token")), None)
    if token is None:
        raise Invalid("The device names no source of its pictures.", reason="not_onvif")
    return token


async def _there(spoken: Session, source: str) -> dict[str, Shape]:
    """The masks that the device has, switched on."""
    answer = await _asked(spoken, "GetMasks", ConfigurationToken=source)
    found: dict[str, Shape] = {}
    for one in list(answer)[:_MOST]:
        on = next((part.text for part in one if _local(part) == "Enabled"), "true")
        corners = [_corner(part) for part in one.iter() if _local(part) == "Point"]
        if one.get("token") and (on or "").strip().lower() in ("true", "1") and None not in corners:
            found[str(one.get("token"))] = tuple(corner for corner in corners if corner is not None)
    return found


def _corner(point: etree._Element) -> tuple[float, float] | None:
    """ONVIF counts from -1 to 1, right and up."""
    try:
        return (float(point.get("x", "")) + 1) / 2, (1 - float(point.get("y", ""))) / 2
    except ValueError:
        return None


def _options(answer: etree._Element) -> Options:
    one = next(iter(answer), answer)
    numbers = {_local(part): part.text or "" for part in one}
    types = {(part.text or "").strip() for part in one if _local(part) == "Types"}
    most, corners = (_number(numbers.get(name)) for name in ("MaxMasks", "MaxPoints"))
    # Blurred and pixelated can be undone: such a device is as one that cannot.
    return Options(most if "Color" in types else 0, corners, one.get("RectangleOnly") in ("true", "1"))


def _number(said: str | None) -> int:
    return min(int(said), _MOST) if said is not None and said.strip().isdigit() else 0


async def _create(spoken: Session, source: str, shape: Shape) -> None:
    from lxml import etree

    body = etree.Element(f"{{{MEDIA2}}}CreateMask", nsmap={None: MEDIA2, "tt": _ONVIF})
    mask = etree.SubElement(body, f"{{{MEDIA2}}}Mask")
    etree.SubElement(mask, f"{{{MEDIA2}}}ConfigurationToken").text = source
    polygon = etree.SubElement(mask, f"{{{MEDIA2}}}Polygon")
    for x, y in shape:
        etree.SubElement(polygon, f"{{{_ONVIF}}}Point", x=f"{2 * x - 1:.4f}", y=f"{1 - 2 * y:.4f}")
    etree.SubElement(mask, f"{{{MEDIA2}}}Type").text = "Color"
    etree.SubElement(mask, f"{{{MEDIA2}}}Enabled").text = "true"
    try:
        await spoken.say(spoken.address_of(MEDIA2), f"{MEDIA2}/CreateMask", body)
    except Invalid as error:
        if error.reason != "device_refuses":
            raise
        # It says no to this one: the server paints it.


async def _asked(spoken: Session, operation: str, **said: str) -> etree._Element:
    from lxml import etree

    body = etree.Element(f"{{{MEDIA2}}}{operation}", nsmap={None: MEDIA2})
    for name, text in said.items():
        etree.SubElement(body, f"{{{MEDIA2}}}{name}").text = text
    return await spoken.say(spoken.address_of(MEDIA2), f"{MEDIA2}/{operation}", body)


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
