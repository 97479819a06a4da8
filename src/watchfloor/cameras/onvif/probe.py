"""Asks a device what it is: make, clock, streams, whether it turns, what it notices. Anything optional may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from watchfloor.cameras.onvif.media import TOKEN_CHARACTERS, profile_of, told
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
    only,
    word,
)
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.media import Told
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock


async def probe(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Facts:
    """What the device is. Raises Invalid with a sentence for a person: it does not answer, refuses the login, is no ONVIF."""
    return await in_thread(lambda: _probed(reach, device, login, clock))


async def _probed(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Facts:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        off = await learn_clock(talk, clock)
        await talk.find_services()
        information = await talk.ask(DEVICE, "GetDeviceInformation")
        said = await told(talk, MOST_PROFILES)
        profiles = [await profile_of(talk, one) for one in said]
        known = tuple(profile for profile in profiles if profile is not None)
        if not known:
            raise Invalid("The device names no stream that we can read.", reason="no_profile")
        presets = await _presets(talk, said)
        return Facts(
            device,
            word(at(information, "Manufacturer")),
            word(at(information, "Model")),
            word(at(information, "FirmwareVersion")),
            word(at(information, "SerialNumber")),
            None if off is None else round(off.total_seconds() * 1000),
            known,
            talk.has(PTZ) and any(one.turns for one in said),
            presets,
            talk.has(EVENTS),
            await _hears(talk, said),
            await _analytics(talk, said),
            tuple(talk.remarks),
        )


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


async def _presets(talk: Session, profiles: Sequence[Told]) -> tuple[Preset, ...]:
    if not talk.has(PTZ) or not profiles:
        return ()
    return presets_of(await talk.may(PTZ, "GetPresets", {"ProfileToken": profiles[0].token}))


def presets_of(said: object) -> tuple[Preset, ...]:
    """A device's presets, as it names them."""
    each = [(at(one, "token"), word(at(one, "Name"))) for one in only(said, MOST_PRESETS)]
    return tuple(
        Preset(token, name or word(token))
        for token, name in each
        if isinstance(token, str) and 0 < len(token) <= TOKEN_CHARACTERS
    )


async def _hears(talk: Session, profiles: Sequence[Told]) -> bool:
    if any(one.hears for one in profiles):
        return True
    return bool(only(await talk.may(MEDIA, "GetAudioSources"), 1))


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
