"""Sets masks in the camera itself where it can (ONVIF Media2), and looks again and again whether they are still there.

What the device holds costs nothing and is in what is stored as well. One that is gone is told in the log, set again where that
works, and painted by the server until the device has it: so are those of a device that did not answer when it was asked. Masks that
are in the device and none of ours are left alone. Those that hold at one place to which a camera turns are none for it: it would show
them everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import mask_store
from watchfloor.cameras.masks import Mask, Shape, covers
from watchfloor.cameras.onvif import cover_store, store
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.media import MOST_OF_MANY, ask_two, local, told
from watchfloor.cameras.onvif.model import MEDIA2, ODD, Reach
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.turns import Turns
from watchfloor.cameras.onvif.withheld import withheld
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
    from watchfloor.cameras.onvif.media import Told
    from watchfloor.cameras.onvif.session import Session

EVERY: Final = timedelta(minutes=10)
_EVERY_S: Final = 5.0
_AT_ONCE: Final = 32
_MOST: Final = 64
# A device that rounded a mask too far may have other firmware by then.
_TRIED_AGAIN: Final = timedelta(days=1)
# How far a corner may be from where it was set: devices round to their own grid. It covers what it should all the same, see `_same`.
_NEAR: Final = 0.02
_ONVIF: Final = "http://www.onvif.org/ver10/schema"
_log = logger("masks")


@dataclass(frozen=True, slots=True)
class Options:
    """What the device can mask: how many, of how many corners, and whether rectangles only."""

    most: int
    corners: int
    rectangles: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the device: our masks, but those it cannot hold (`unfit`), and none of those that were taken away, by its names."""

    masks: Sequence[Mask]
    left: Sequence[str]
    unfit: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Found:
    """What the device calls our masks: as it was found, and after those that were missing were set; and which it cannot hold."""

    before: Mapping[UUID, str]
    now: Mapping[UUID, str]
    unfit: frozenset[UUID] = frozenset()


async def watch(cameras: Cameras, reach: Reach, agencies: Sequence[UUID]) -> None:
    """Set and look after masks in devices, for ever."""
    await _turns(cameras, reach, {agency: set() for agency in agencies}).watch(
        cameras.clock, agencies, _EVERY_S
    )


async def cover_due(cameras: Cameras, reach: Reach, agency: UUID, left: set[UUID] | None = None) -> int:
    """Look after the masks of those whose turn it is, some at a time; how many were. `left` are those whose turn was missed for want
    of the database: they come first, and those of this turn are put there.
    """
    turns = _turns(cameras, reach, {agency: set() if left is None else left})
    begun = await turns.begin(agency)
    await turns.all_done()
    return begun


def _turns(cameras: Cameras, reach: Reach, left: Mapping[UUID, set[UUID]]) -> Turns[UUID]:
    async def take(agency: UUID, most: int) -> Sequence[UUID]:
        dark = await withheld(cameras, agency)
        async with cameras.door.open(_watching(agency)) as tx:
            due = await cover_store.take_due(tx, tx.now - EVERY, most, list(left[agency]), dark)
        left[agency].difference_update(due)
        return due

    async def ask(agency: UUID, camera: UUID) -> None:
        if not await _reached(cameras, reach, _watching(agency), camera):
            left[agency].add(camera)

    return Turns(take, ask, _AT_ONCE, "masks in devices wait")


def _watching(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "sweep"), Need.DEVICE_WATCH)


async def _reached(cameras: Cameras, reach: Reach, ask: Ask, camera: UUID) -> bool:
    """Look after one; False where what came of it could not be kept."""
    try:
        try:
            await _cover(cameras, reach, ask, camera)
        except ODD as error:
            _log.error("masking in a device failed", camera=str(camera), error=type(error).__name__)
            await _unconfirmed(cameras, ask, camera)
    except WatchfloorError as error:
        _log.warning("masks in a device wait", camera=str(camera), why=error.detail)
        return False
    return True


async def _cover(cameras: Cameras, reach: Reach, ask: Ask, camera: UUID) -> None:
    async with cameras.door.open(ask) as tx:
        masks = [mask for mask in await mask_store.masks_of(tx, camera) if mask.stand is None and mask.shape]
        left = await cover_store.to_take_out(tx, camera)
        unfit = await cover_store.unfit(tx, camera, tx.now - _TRIED_AGAIN)
        device = await store.device_of(tx, camera)
        try:
            talk = await prepared(tx, cameras, camera)
        except (Invalid, NotFound):
            await _not_asked(cameras, tx, camera)
            return
    profile = device.profile if device is not None else ""
    try:
        found = await in_thread(lambda: _covered(cameras, reach, talk, profile, Wanted(masks, left, unfit)))
    except Invalid as error:
        _log.info("a device was not asked for its masks", camera=str(camera), why=error.detail)
        await _unconfirmed(cameras, ask, camera)
        return
    async with cameras.door.open(ask) as tx:
        # Where another device or address was entered meanwhile, this was the answer of the one before.
        if await cover_store.still_asked(tx, camera):
            await _keep(cameras, tx, camera, masks, found)


async def _unconfirmed(cameras: Cameras, ask: Ask, camera: UUID) -> None:
    async with cameras.door.open(ask) as tx:
        await _not_asked(cameras, tx, camera)


async def _not_asked(cameras: Cameras, tx: Tx, camera: UUID) -> None:
    """The device did not say that it holds them: not gone for all anybody knows, but the server paints until it says so again."""
    if await cover_store.unconfirmed(tx, camera):
        agency = tx.agency
        tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))


async def _keep(cameras: Cameras, tx: Tx, camera: UUID, masks: Sequence[Mask], found: Found) -> None:
    """Keep which masks the device holds, and tell of those that are or were gone: what was recorded meanwhile shows what they cover."""
    about, changed = About("camera", camera), False
    await cover_store.taken_out(tx, camera)
    await cover_store.keep_unfit(tx, found.unfit)
    for mask in masks:
        token, more = found.now.get(mask.id), {"mask": outside("mask", mask.id)}
        # It had one by this name, though it may not have answered since: a device that starts anew does not, at first.
        had = mask.device_token is not None
        stayed = had and found.before.get(mask.id) == token == mask.device_token
        if had and not stayed:
            await effect(tx, "camera.mask_gone", about, more=dict(more))
        if token is not None and not (stayed and mask.held_by_device):
            await mask_store.in_device(tx, mask.id, token, tx.now, None)
            await effect(tx, "camera.mask_in_device", about, more=dict(more))
            changed = True
        elif token is None and had:
            await mask_store.in_device(tx, mask.id, None, None, tx.now)
            changed = True
    if changed:
        agency = tx.agency
        tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))


async def _covered(cameras: Cameras, reach: Reach, talk: Talk, profile: str, wanted: Wanted) -> Found:
    """Which masks the device held and holds after this, by what it calls them. Raises Invalid."""
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, talk.device, talk.login, cameras.clock) as spoken:
        await learn_clock(spoken, cameras.clock)
        await spoken.find_services()
        if not spoken.has(MEDIA2):
            return Found({}, {})
        source = await _source(spoken, profile, talk.source)
        if source is None:
            return Found({}, {})
        options = _options(await ask_two(spoken, "GetMaskOptions", ConfigurationToken=source))
        there = await _there(spoken, source)
        for token in wanted.left:
            if token in there:
                await ask_two(spoken, "DeleteMask", Token=token)
                del there[token]
        before, made = _ours(wanted.masks, there), dict[UUID, str]()
        room = options.most - len(there)
        for mask in wanted.masks:  # in the order in which they were set
            if mask.id in before or mask.id in wanted.unfit or room <= 0 or not _fits(mask.shape, options):
                continue
            name = await _create(spoken, source, mask.shape)
            if name is not None:
                made[mask.id] = name
                room -= 1
        now = _ours(wanted.masks, await _there(spoken, source)) if made else before
        # What the device rounds so far that it leaves a part open is not left there, nor set once more with each look.
        for token in set(made.values()) - set(now.values()) - {""}:
            await ask_two(spoken, "DeleteMask", Token=token)
        return Found(before, now, frozenset(made.keys() - now.keys()))


def _ours(masks: Sequence[Mask], there: Mapping[str, Shape | None]) -> dict[UUID, str]:
    """Those of our masks that are there, and what the device calls them."""
    named = {mask.id: _held(mask, there) for mask in masks}
    return {mask: token for mask, token in named.items() if token is not None}


def _held(mask: Mask, there: Mapping[str, Shape | None]) -> str | None:
    """What the device calls this mask: as before, or any of the same corners."""
    tokens = [token for token, shape in there.items() if shape is not None and _same(shape, mask.shape)]
    return mask.device_token if mask.device_token in tokens else next(iter(tokens), None)


def _same(one: Shape, other: Shape) -> bool:
    """Whether what the device has is this mask: about the same corners, and nothing of ours left open."""
    near = len(one) == len(other) and all(
        abs(x - a) <= _NEAR and abs(y - b) <= _NEAR
        for (x, y), (a, b) in zip(sorted(one), sorted(other), strict=True)
    )
    return near and covers(one, other)


def _fits(shape: Shape, options: Options) -> bool:
    if options.rectangles:
        return len(shape) == 4 and len({x for x, _ in shape}) == len({y for _, y in shape}) == 2
    return len(shape) <= options.corners


async def _source(spoken: Session, profile: str, lens: str | None) -> str | None:
    """The source of the camera's own profile: a device of many lenses has the masks of each apart. None: nobody can tell."""
    own = source_of(await told(spoken, MOST_OF_MANY), profile, lens)
    named = {one.get("token") for one in await ask_two(spoken, "GetVideoSourceConfigurations")}
    return own if own in named else None


def source_of(every: Sequence[Told], profile: str, lens: str | None) -> str | None:
    """What the masks of a camera are set at: the source of its profile; of a recorder that of the lens which it calls `lens`, whatever
    it calls by the profile's name meanwhile."""
    able = [one for one in every if (one.token == profile if lens is None else one.source == lens)]
    best = max(able, key=lambda one: (one.token == profile, one.width * one.height), default=None)
    return best.source_by if best is not None else None


async def _there(spoken: Session, source: str) -> dict[str, Shape | None]:
    """The masks that the device has for this source: each takes a place. Without a shape those that hide nothing: switched off, or
    blurred, which can be undone.
    """
    answer = await ask_two(spoken, "GetMasks", ConfigurationToken=source)
    found: dict[str, Shape | None] = {}
    for one in list(answer)[:_MOST]:
        said = {local(part): (part.text or "").strip() for part in one}
        if not one.get("token") or said.get("ConfigurationToken", source) != source:
            continue
        hides = said.get("Type") == "Color" and said.get("Enabled", "true").lower() in ("true", "1")
        corners = [_corner(part) for part in one.iter() if local(part) == "Point"]
        whole = tuple(corner for corner in corners if corner is not None)
        found[str(one.get("token"))] = whole if hides and len(whole) == len(corners) else None
    return found


def _corner(point: etree._Element) -> tuple[float, float] | None:
    """ONVIF counts from -1 to 1, right and up."""
    try:
        return (float(point.get("x", "")) + 1) / 2, (1 - float(point.get("y", ""))) / 2
    except ValueError:
        return None


def _options(answer: etree._Element) -> Options:
    one = next(iter(answer), answer)
    numbers = {local(part): part.text or "" for part in one}
    types = {(part.text or "").strip() for part in one if local(part) == "Types"}
    most, corners = (_number(numbers.get(name)) for name in ("MaxMasks", "MaxPoints"))
    # Blurred and pixelated can be undone: such a device is as one that cannot.
    return Options(most if "Color" in types else 0, corners, one.get("RectangleOnly") in ("true", "1"))


def _number(said: str | None) -> int:
    return min(int(said), _MOST) if said is not None and said.strip().isdigit() else 0


async def _create(spoken: Session, source: str, shape: Shape) -> str | None:
    """Set it; what the device calls it. None where it says no to this one: the server paints it. Raises Invalid."""
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
        made = await spoken.say(spoken.address_of(MEDIA2), f"{MEDIA2}/CreateMask", body)
    except Invalid as error:
        if error.reason != "device_refuses":
            raise
        return None
    return next(((part.text or "").strip() for part in made if local(part) == "Token"), "")
