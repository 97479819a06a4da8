"""Asks a device what it is: make, clock, streams, whether it turns, what it notices. Anything optional may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from watchfloor.cameras.onvif.media import MOST_OF_MANY, TOKEN_CHARACTERS, of_many, profile_of, told
from watchfloor.cameras.onvif.model import (
    ANALYTICS,
    DEVICE,
    EVENTS,
    MEDIA,
    MOST_ANALYTICS,
    MOST_PRESETS,
    MOST_PROFILES,
    PTZ,
    DeviceAddress,
    Facts,
    Preset,
    at,
    device_time,
    main_of,
    only,
    word,
)
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.media import Told
    from watchfloor.cameras.onvif.model import Profile, Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock


async def probe(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock, source: str | None = None
) -> Facts:
    """What the device is; of a recorder that one of its cameras which it calls `source`. Raises Invalid with a sentence for a person: it
    does not answer, refuses the login, is no ONVIF, has no such camera."""
    given = reach if source is None else of_many(reach)
    return await in_thread(lambda: _probed(given, device, login, clock, source))


async def _probed(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock, source: str | None
) -> Facts:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        off = await learn_clock(talk, clock)
        await talk.find_services()
        information = await talk.ask(DEVICE, "GetDeviceInformation")
        every = await told(talk, MOST_PROFILES if source is None else MOST_OF_MANY)
        said = every if source is None else _of_source(every, source)
        profiles = [await profile_of(talk, one) for one in said]
        known = tuple(profile for profile in profiles if profile is not None)
        if not known:
            raise Invalid("The device names no stream that we can read.", reason="no_profile")
        by = turned_by(said, known) if talk.has(PTZ) else None
        return Facts(
            device,
            word(at(information, "Manufacturer")),
            word(at(information, "Model")),
            word(at(information, "FirmwareVersion")),
            word(at(information, "SerialNumber")),
            None if off is None else round(off.total_seconds() * 1000),
            known,
            by is not None,
            await _presets(talk, by),
            talk.has(EVENTS),
            await _hears(talk, said, whole=source is None),
            await _analytics(talk, said),
            tuple(talk.remarks),
            by,
            () if source is None else named(source, every),
        )


def _of_source(every: Sequence[Told], source: str) -> Sequence[Told]:
    """The profiles of one camera of a recorder, the largest and some more. Raises Invalid."""
    of_it = [one for one in every if one.source == source]
    if not of_it:
        raise Invalid(
            "Its recorder tells of this camera no more.",
            reason="no_profile",
            next_step="Read the channels of its site anew.",
        )
    return sorted(of_it, key=lambda one: one.width * one.height, reverse=True)[:MOST_PROFILES]


def turned_by(said: Sequence[Told], known: Sequence[Profile]) -> str | None:
    """The profile by which a camera turns: the one to record where that can, else the first of the same lens that can; None where none
    can. Another lens of the device is another camera: it is neither turned for this one, nor masked.
    """
    main = main_of(known) or known[0]
    lens = next((one.source for one in said if one.token == main.token), None)
    able = [one.token for one in said if one.turns and one.source == lens]
    return main.token if main.token in able else next(iter(able), None)


def named(source: str, every: Sequence[Told]) -> tuple[str, ...]:
    """The words by which a recorder means a camera in its events: its source, and what is configured for that alone."""
    of_it, of_others = ([one for one in every if (one.source == source) is so] for so in (True, False))
    shared = {word for one in of_others for word in _words(one)} | {str(one.source) for one in of_others}
    words = [word for one in of_it for word in _words(one) if word not in shared]
    return tuple(dict.fromkeys([source, *words]))


def _words(one: Told) -> list[str]:
    return [word for word in (one.source_by, one.analytics, one.token) if word is not None]


async def learn_clock(talk: Session, clock: Clock) -> timedelta | None:
    """How far the device's clock is ahead of ours; it judges our signature by it. None: it does not say."""
    talk.prepare()
    before = clock.now()
    try:
        said = device_time(await talk.ask(DEVICE, "GetSystemDateAndTime", signed=False))
    except Invalid as error:
        if error.reason not in ("device_refuses", "login_refused"):
            raise
        return None  # some ask for a signature even here; theirs must be right by our clock
    if said is None:
        return None
    off = said - (before + (clock.now() - before) / 2)
    talk.clock_is_off(off)
    return off


async def _presets(talk: Session, by: str | None) -> tuple[Preset, ...]:
    return () if by is None else presets_of(await talk.may(PTZ, "GetPresets", {"ProfileToken": by}))


def presets_of(said: object) -> tuple[Preset, ...]:
    """A device's presets, as it names them."""
    each = [(at(one, "token"), word(at(one, "Name"))) for one in only(said, MOST_PRESETS)]
    return tuple(
        Preset(token, name or word(token))
        for token, name in each
        if isinstance(token, str) and 0 < len(token) <= TOKEN_CHARACTERS
    )


async def _hears(talk: Session, profiles: Sequence[Told], *, whole: bool) -> bool:
    """`whole`: all the device hears is of it; the microphones of a recorder are of nobody knows which camera."""
    if any(one.hears for one in profiles):
        return True
    return whole and bool(only(await talk.may(MEDIA, "GetAudioSources"), 1))


async def _analytics(talk: Session, profiles: Sequence[Told]) -> tuple[str, ...]:
    """The kinds of what the device notices by itself: of each profile's configuration, and of the analytics service."""
    found: set[str] = set()
    for profile in profiles:
        kinds = list(profile.modules)
        if profile.analytics is not None and talk.has(ANALYTICS):
            more = await talk.may(ANALYTICS, "GetAnalyticsModules", {"ConfigurationToken": profile.analytics})
            kinds += [word(at(module, "Type")) for module in only(more, MOST_ANALYTICS)]
        found |= {kind for one in kinds if (kind := _kind(one))}
    return tuple(sorted(found)[:MOST_ANALYTICS])


def _kind(said: str) -> str:
    """The local name of a module's type, whatever prefix or namespace it comes with."""
    return word(said.rpartition("}")[2].rpartition(":")[2], 60)
