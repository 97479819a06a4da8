"""Asks a device what it is: make, clock, streams, whether it turns, what it notices. Anything optional may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

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
    Profile,
    at,
    device_time,
    only,
    pixels,
    stream_at,
    word,
)
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock

_TOKEN_CHARACTERS = 64


async def probe(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Facts:
    """What the device is. Raises Invalid with a sentence for a person: it does not answer, refuses the login, is no ONVIF."""
    return await in_thread(lambda: _probed(reach, device, login, clock))


async def _probed(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Facts:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        off = await learn_clock(talk, clock)
        await talk.find_services()
        information = await talk.ask(DEVICE, "GetDeviceInformation")
        said = only(await talk.ask(MEDIA, "GetProfiles"), MOST_PROFILES)
        profiles = [await _profile(talk, one) for one in said]
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
            talk.has(PTZ) and any(at(one, "PTZConfiguration") for one in said),
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


async def _profile(talk: Session, said: object) -> Profile | None:
    token = at(said, "token")
    encoder = at(said, "VideoEncoderConfiguration")
    if not isinstance(token, str) or not 0 < len(token) <= _TOKEN_CHARACTERS or encoder is None:
        return None
    setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
    answer = await talk.may(MEDIA, "GetStreamUri", {"StreamSetup": setup, "ProfileToken": token})
    url = None
    if (named := at(answer, "Uri")) is not None:
        try:
            address, remark = stream_at(talk.device, named)
            url = str(address)
        except Invalid:
            remark = "It names a stream at an address that is none."
        talk.remark(remark)
    width, height = pixels(at(encoder, "Resolution", "Width")), pixels(at(encoder, "Resolution", "Height"))
    if not width or not height:
        return None
    return Profile(token, word(at(said, "Name")), width, height, word(at(encoder, "Encoding"), 8), url)


async def _presets(talk: Session, profiles: object) -> tuple[Preset, ...]:
    first = next((at(one, "token") for one in only(profiles, 1)), None)
    if not talk.has(PTZ) or first is None:
        return ()
    return presets_of(await talk.may(PTZ, "GetPresets", {"ProfileToken": first}))


def presets_of(said: object) -> tuple[Preset, ...]:
    """A device's presets, as it names them."""
    each = [(at(one, "token"), word(at(one, "Name"))) for one in only(said, MOST_PRESETS)]
    return tuple(
        Preset(token, name or word(token))
        for token, name in each
        if isinstance(token, str) and 0 < len(token) <= _TOKEN_CHARACTERS
    )


async def _hears(talk: Session, profiles: object) -> bool:
    if any(at(one, "AudioSourceConfiguration") for one in only(profiles, MOST_PROFILES)):
        return True
    return bool(only(await talk.may(MEDIA, "GetAudioSources"), 1))


async def _analytics(talk: Session, profiles: object) -> tuple[str, ...]:
    """The kinds of what the device notices by itself: of each profile's configuration, and of the analytics service."""
    found: set[str] = set()
    for profile in only(profiles, MOST_PROFILES):
        configuration = at(profile, "VideoAnalyticsConfiguration")
        if configuration is None:
            continue
        modules = list(
            only(at(configuration, "AnalyticsEngineConfiguration", "AnalyticsModule"), MOST_ANALYTICS)
        )
        if talk.has(ANALYTICS):
            token = at(configuration, "token")
            more = await talk.may(ANALYTICS, "GetAnalyticsModules", {"ConfigurationToken": token})
            modules += only(more, MOST_ANALYTICS)
        found |= {kind for module in modules if (kind := _kind(at(module, "Type")))}
    return tuple(sorted(found)[:MOST_ANALYTICS])


def _kind(said: object) -> str:
    """The local name of a module's type, whatever prefix or namespace it comes with."""
    return word(word(said).rpartition("}")[2].rpartition(":")[2], 60)
