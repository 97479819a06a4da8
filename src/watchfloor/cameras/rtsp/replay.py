"""Fetches what a device kept of a time, over RTSP: `replay` gives its pictures as they come, each with when it was taken.

This is the one way to footage that lies elsewhere, in a camera or at a site: whoever stores or plays it calls `cameras/timed.py`'s
`fetched`, which makes runs and frames of the pictures. It believes no time that cannot be, makes none up, and bounds what a
device sends; it stores nothing and asks nobody for leave.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.rtsp.sdp import NoVideo, Track
from watchfloor.cameras.rtsp.session import Place, Refused, Session, Wanted
from watchfloor.cameras.rtsp.trust import Untrusted
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import Clock

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINS: Final = re.compile(r"clock\s*=\s*(\d{8}T\d{6}(?:\.\d{1,6})?)\d*Z", re.ASCII)
# A replay begins at the keyframe before, and some devices at the minute before; one is this much apart at most.
_BEFORE_US: Final = 65_000_000
# A clock that is put back while the device recorded makes pictures earlier than those before them.
_BACK_US: Final = 1_000_000
# Whoever waits for a time holds what comes since the keyframe before it; more than this no camera sends between two.
MOST_HELD: Final = 64 * 1024 * 1024
TOO_MUCH_HELD: Final = "The device sends far more before that time than it was asked for."


class NotReplayed(Exception):
    """It could not be fetched, or not believed: why in a sentence for people. `lasting`: asking again changes nothing. `nothing`: it
    was asked, and has nothing of that time."""

    def __init__(self, why: str, *, lasting: bool = False, nothing: bool = False) -> None:
        super().__init__(why)
        self.why, self.lasting, self.nothing = why, lasting, nothing


@dataclass(frozen=True, slots=True)
class Span:
    """A time by the device's own clock, in µs since 1970."""

    begin_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a device may take, and how much it may send for a second of what was asked for."""

    open_within_s: float = 10.0
    silent_after_s: float = 6.0
    most_bytes_per_s: int = 8_000_000


@dataclass(frozen=True, slots=True)
class Past:
    """A picture of the past: NAL units, the camera's ticks, and when it was taken, by the device's clock."""

    units: list[bytes]
    ticks: int
    taken_us: int


def replay(
    place: Place,
    span: Span,
    clock: Clock,
    *,
    onvif: bool = True,
    patience: Patience = Patience(),
    goes_on: Callable[[int], bool] = lambda sent: True,
) -> Generator[tuple[Track, list[Past]], None, None]:
    """The pictures of a time, from the keyframe at or before its begin on, some at a time, until it is over or no more comes.

    `onvif`: asked for as Profile G has it; else the time stands in the address already. `goes_on` is told the bytes of each handful
    before the next is read: it may wait there, which holds the device back, and ends the replay by False. It waits for the
    network: call it in a thread. Raises NotReplayed.
    """
    session = _opened(place, span, clock, patience, onvif=onvif)
    try:
        dated = _Dated(session, span, believe_range=not onvif)
        left = patience.most_bytes_per_s * (span.end_us - span.begin_us + _BEFORE_US) // 1_000_000
        pictures: list[AccessUnit] | None = session.early()
        while pictures is not None:
            sent = sum(len(unit) for picture in pictures for unit in picture.units)
            left -= sent
            if left < 0:
                raise NotReplayed("The device sends far more than a camera records in that time.")
            found = [past for picture in pictures if (past := dated.of(picture)) is not None]
            if found:
                yield session.track, found
            if dated.over or session.packets.over:
                break
            if not goes_on(sent):
                return
            pictures = _more(session, begun=dated.begun)
        if not dated.begun:
            raise NotReplayed("The device has nothing of that time.", nothing=True)
    finally:
        session.close()


def _opened(place: Place, span: Span, clock: Clock, patience: Patience, *, onvif: bool) -> Session:
    begin, end = written(span.begin_us), written(span.end_us)
    asked = Wanted(
        {"Range": f"clock={begin}-{end}", "Immediate": "yes", "Rate-Control": "no"},
        {"Require": "onvif-replay"},
    )
    try:
        return Session.open(
            # What is sent faster than it was would be lost as datagrams.
            dataclasses.replace(place, transport=Transport.TCP),
            clock,
            open_within_s=patience.open_within_s,
            silent_after_s=patience.silent_after_s,
            wanted=asked if onvif else Wanted({"Range": "npt=0.000-"}),
        )
    except Refused as error:
        raise _refused(error.status) from None
    except NoVideo as error:
        raise NotReplayed(str(error), lasting=True) from None
    except BadMessage:
        raise NotReplayed("What the device sends as a replay cannot be understood.") from None
    except Untrusted as error:
        raise NotReplayed(str(error)) from None
    except TimeoutError:
        raise NotReplayed("The device does not answer in time when a replay is asked for.") from None
    except OSError:
        raise NotReplayed("The device cannot be reached where it replays.") from None


def _refused(status: int) -> NotReplayed:
    if status in (401, 403):
        return NotReplayed("The device refuses the name and password for a replay.")
    if status in (404, 416, 455, 457):
        return NotReplayed("The device has no footage of that time.", nothing=True)
    if status in (405, 461, 501, 551):
        return NotReplayed("The device cannot replay what it kept.", lasting=True)
    return NotReplayed("The device answered that it cannot replay that time.")


def _more(session: Session, *, begun: bool) -> list[AccessUnit] | None:
    try:
        return session.received()
    except BadMessage:
        raise NotReplayed("What the device sends as a replay cannot be understood.") from None
    except TimeoutError:
        if begun:
            return None  # it has no more, and many devices do not say so
        raise NotReplayed("The device took the question and sent nothing.") from None
    except OSError:
        return None


class _Dated:
    """When each picture was taken, and whether that can be."""

    def __init__(self, session: Session, span: Span, *, believe_range: bool) -> None:
        self._packets, self._span = session.packets, span
        # (ticks, µs) of the last picture that said when it was taken.
        self._known: tuple[int, int] | None = None
        # Profile G tells each picture's time; what its answer repeats of the question proves nothing.
        said = _BEGINS.search(session.played.get("range", "")) if believe_range else None
        self._begins_us = _us(said[1]) if said is not None else None
        self._latest_us = 0
        self.begun = self.over = False

    def of(self, picture: AccessUnit) -> Past | None:
        """The picture with its time; None past the end of what was asked for."""
        taken_us = picture.taken_us if picture.taken_us is not None else self._derived(picture.ticks)
        if taken_us is None:
            raise NotReplayed("The device does not say when its pictures were taken.", lasting=True)
        if picture.taken_us is not None:
            self._latest_us = max(self._latest_us, taken_us)
            if taken_us < self._latest_us - _BACK_US:
                raise NotReplayed("The times of the device’s pictures do not rise.")
            self._known = (picture.ticks, taken_us)
        if taken_us < self._span.begin_us - _BEFORE_US or (taken_us >= self._span.end_us and not self.begun):
            raise NotReplayed("The device gave pictures of another time than was asked for.")
        if taken_us >= self._span.end_us:
            self.over = True
            return None
        self.begun = True
        return Past(picture.units, picture.ticks, taken_us)

    def _derived(self, ticks: int) -> int | None:
        """Of a picture that does not say: from one that did, from the camera's reports, or from where the answer says it begins."""
        if self._known is None:
            reported = self._packets.wall_us(ticks)
            if reported is None and self._begins_us is not None:
                self._known = (ticks, self._begins_us)
            return reported if self._known is None else self._begins_us
        return self._known[1] + (ticks - self._known[0]) * 100 // 9


def written(us: int) -> str:
    """A time as RTSP writes it in a range."""
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y%m%dT%H%M%S.%fZ")


def _us(text: str) -> int:
    form = "%Y%m%dT%H%M%S.%f" if "." in text else "%Y%m%dT%H%M%S"
    try:
        return (datetime.strptime(text, form).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    except ValueError:
        return 0
