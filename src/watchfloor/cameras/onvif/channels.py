"""Asks a recorder (NVR) which cameras it has: each of its video sources, with the profiles that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.onvif.media import MOST_OF_MANY, of_many, profile_of, told
from watchfloor.cameras.onvif.model import CODECS, Profile, main_of, sub_of
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.media import Told
    from watchfloor.cameras.onvif.model import DeviceAddress, Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock

MOST_CHANNELS: Final = 256
# Of one camera: a main, a smaller and perhaps one more; each is asked for on its own.
_MOST_OF_ONE: Final = 3
_WHOLE_S: Final = 100.0


@dataclass(frozen=True, slots=True)
class Channel:
    """A camera of a recorder. `source` is what the recorder calls it; both profiles have an address, `sub` where there is a smaller."""

    source: str
    main: Profile
    sub: Profile | None


@dataclass(frozen=True, slots=True)
class Channels:
    """The cameras of a recorder in its order. `remarks` are sentences on what it said that is not followed."""

    cameras: tuple[Channel, ...]
    remarks: tuple[str, ...]


async def channels(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Channels:
    """The cameras of a recorder. Raises Invalid with a sentence for a person: it does not answer, refuses the login, has none."""
    return await in_thread(lambda: _asked(of_many(reach, _WHOLE_S), device, login, clock))


async def _asked(reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock) -> Channels:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        await learn_clock(talk, clock)
        await talk.find_services()
        of_each: dict[str, list[Told]] = {}
        for one in await told(talk, MOST_OF_MANY):
            if one.source is not None and one.readable and one.codec in CODECS:
                of_each.setdefault(one.source, []).append(one)
        if len(of_each) > MOST_CHANNELS:
            talk.remark(f"It has {len(of_each)} cameras; the first {MOST_CHANNELS} of them were read.")
        each = [await _channel(talk, source, of_each[source]) for source in list(of_each)[:MOST_CHANNELS]]
        found = tuple(one for one in each if one is not None)
        if not found:
            raise Invalid(
                "The recorder names no camera whose stream we can read.",
                reason="no_profile",
                next_step="See that cameras are connected to it and that its ONVIF user may see them.",
            )
        return Channels(found, tuple(talk.remarks))


async def _channel(talk: Session, source: str, said: Sequence[Told]) -> Channel | None:
    largest = sorted(said, key=lambda one: one.width * one.height, reverse=True)
    # The largest, and the smallest ones: what lies between is neither recorded nor shown small.
    wanted = [largest[0], *largest[1:][-(_MOST_OF_ONE - 1) :]]
    profiles = [found for one in wanted if (found := await profile_of(talk, one)) is not None]
    main = main_of(profiles)
    if main is None:
        talk.remark("Of a camera it names no stream: that one is left out.")
        return None
    return Channel(source, main, sub_of(profiles))
