"""The archive of a camera at a recorder: replayed over RTSP, at an address with the time in it or as ONVIF's Profile G has it.

What the recorder has of a time it says by ONVIF; of an address alone nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.cameras.address import Login, Networks, Resolve
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.onvif.history import Times
from watchfloor.cameras.onvif.kept import KeptThere, Lens, kept_there
from watchfloor.cameras.onvif.model import DeviceAddress, Limits, Reach
from watchfloor.cameras.rtsp.replay import NotReplayed, Span
from watchfloor.cameras.sites.knock import place_of
from watchfloor.cameras.sites.model import Site
from watchfloor.cameras.state import NotThere
from watchfloor.cameras.stream import Frame
from watchfloor.cameras.timed import fetched
from watchfloor.cameras.transport import Transport
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.archive import GoesOn, Has, Pictures, within
from watchfloor.recordings.model import at, us

# Somebody waits before a time bar.
_LIMITS: Final = Limits(call_s=6.0, whole_s=20.0)
# Device time and ours are compared by its pictures where they are near what its SOAP says to the second.
_NEAR_US: Final = 2_500_000
_ANY: Final = Lens()
BOUNDS_ONLY: Final = "The site says from when to when it has footage, and not what it lacks in between."


@dataclass(frozen=True, slots=True)
class Reached:
    """How this process reaches a site."""

    networks: Networks
    resolve: Resolve
    clock: Clock


@dataclass(frozen=True, slots=True)
class ByRtsp:
    """What a recorder keeps of one of its channels. `ahead_us`: how far its clock is ahead of ours, None where nobody knows."""

    camera: UUID
    of: Site
    channel: str
    login: Login | None
    ahead_us: int | None
    zone: tzinfo
    reached: Reached
    carried: tuple[Transport, str | None] = (Transport.TCP, None)
    """Over what its pictures come, and by which certificate it is known."""
    device: DeviceAddress | None = None
    lens: Lens = _ANY

    @property
    def site(self) -> str:
        """The site's name."""
        return self.of.name

    @property
    def source(self) -> dict[str, Json]:
        """Where its pictures come from."""
        by = "an address with the time in it" if self.of.says_moments else "ONVIF replay"
        return {"site": self.site, "channel": self.channel, "by": by}

    async def has(self, begin_us: int, end_us: int) -> Has:
        """What it says that it has: by ONVIF where it speaks that. Raises NotReplayed when it does not answer."""
        if self.device is None:
            return Has(
                None, f"The site {self.site} plays what it kept at an address, and does not say what that is."
            )
        try:
            there = await self._told((at(begin_us), at(end_us)))
        except Invalid as error:
            if error.reason == "nothing_kept":
                return Has(())
            if error.reason in ("not_offered", "which"):
                return Has(None, f"The site {self.site} does not say what it kept. {error.detail}")
            raise NotReplayed(error.detail) from None
        if there.stretches is None:
            return Has(None, f"The site {self.site} does not say from when to when it has footage.")
        ahead_us = _us(there.ahead) or 0
        moved = [(us(a) - ahead_us, us(b) - ahead_us) for a, b in there.stretches]
        return Has(tuple(within(moved, begin_us, end_us)), BOUNDS_ONLY if there.bounds_only else None)

    async def pictures(self, begin_us: int, end_us: int) -> Pictures:
        """Its pictures, from its own replay address where it has one. Raises NotReplayed."""
        ahead_us = self.ahead_us or 0
        # To the second, as addresses say it: a picture more at either end.
        begin, end = at(begin_us + ahead_us), at(end_us + ahead_us + 1_000_000)
        url = self.of.replay_of(self.channel, begin, end, self.zone)
        if url is not None:
            return self._at(url, Span(begin_us, end_us), ahead_us, onvif=not self.of.says_moments)
        try:
            there = await self._told(None)
        except Invalid as error:
            none = error.reason == "nothing_kept"
            lasting = error.reason in ("not_offered", "which")
            raise NotReplayed(error.detail, lasting=lasting, nothing=none) from None
        ahead_us = ahead_of(self.ahead_us, there.ahead) or 0
        return self._at(there.url, Span(begin_us, end_us), ahead_us, onvif=True)

    async def _told(self, between: Times | None) -> KeptThere:
        if self.device is None:
            raise Invalid("The site does not say how its recordings are played.", reason="not_offered")
        way = self.reached
        reach = Reach(way.networks, way.resolve, _LIMITS)
        return await kept_there(reach, self.device, self.login, way.clock, self.lens, between)

    def _at(self, url: str, span: Span, ahead_us: int, *, onvif: bool) -> Pictures:
        way = self.reached

        def pictures(goes_on: GoesOn) -> Iterator[NewRun | Frame]:
            try:
                place = place_of(url, self.login, way.networks, way.resolve, self.carried)
            except NotThere as error:
                raise NotReplayed(str(error)) from None
            yield from fetched(
                place, span, way.clock, camera=self.camera, ahead_us=ahead_us, onvif=onvif, goes_on=goes_on
            )

        return pictures


def ahead_of(skew_us: int | None, told: timedelta | None) -> int | None:
    """How far a camera's clock is ahead of ours: by its pictures, to the millisecond, unless its SOAP says quite another time."""
    told_us = _us(told)
    if skew_us is None or told_us is None:
        return skew_us if told_us is None else told_us
    return skew_us if abs(skew_us - told_us) <= _NEAR_US else told_us


def _us(told: timedelta | None) -> int | None:
    return None if told is None else round(told.total_seconds() * 1_000_000)
