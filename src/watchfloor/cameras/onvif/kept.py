"""What a device kept of its camera (ONVIF Profile G): whether it kept anything, of which times, and where that is replayed.

It fetches no picture: `cameras/rtsp/replay.py` does, from the address that this finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.onvif.history import Times, history, stretches
from watchfloor.cameras.onvif.media import MOST_OF_MANY, address_of, told, told_by_one
from watchfloor.cameras.onvif.model import (
    MEDIA,
    REPLAY,
    SEARCH,
    DeviceAddress,
    at,
    only,
    stream_at,
)
from watchfloor.cameras.onvif.probe import learn_clock
from watchfloor.cameras.onvif.work import in_thread
from watchfloor.kit.errors import Invalid

if TYPE_CHECKING:
    from watchfloor.cameras.address import Login
    from watchfloor.cameras.onvif.media import Told
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock

_MOST_RECORDINGS: Final = 256
_MOST_LOOKS: Final = 5
# A recorder of many cameras is asked where each of them shows its picture; so many are looked at.
_MOST_STREAMS: Final = 160
# A latest picture is told some seconds late while the device goes on.
_GOES_ON: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class KeptThere:
    """A device's recording of one camera: where it is replayed, from when to when it has any (by its own clock, where it says), and
    how far that clock is ahead of ours. `stretches` are those of the time that was asked about; None where it cannot say."""

    url: str
    earliest: datetime | None
    latest: datetime | None
    ahead: timedelta | None
    stretches: tuple[Times, ...] | None = None
    bounds_only: bool = False
    """It says from when to when it has footage, and not what it lacks in between."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Which camera of a device is meant: by the token of its profile, by the path of its stream, or by what a recorder calls it."""

    profile: str = ""
    path: str = ""
    source: str = ""


async def kept_there(
    reach: Reach,
    device: DeviceAddress,
    login: Login | None,
    clock: Clock,
    lens: Lens,
    between: Times | None = None,
) -> KeptThere:
    """The recording of that camera, and what it has of `between` (by our clock). Raises Invalid: with reason `not_offered` where it
    keeps none."""
    return await in_thread(lambda: _asked(reach, device, login, clock, lens, between))


async def _asked(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock, lens: Lens, between: Times | None
) -> KeptThere:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        ahead = await learn_clock(talk, clock)
        await talk.find_services()
        if not (talk.has(SEARCH) and talk.has(REPLAY)):
            raise Invalid("The camera keeps nothing that could be fetched.", reason="not_offered")
        recording = await _of_lens(talk, await _recordings(talk), lens)
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        token = at(recording, "RecordingToken")
        said = {"StreamSetup": setup, "RecordingToken": token}
        url = await talk.ask(REPLAY, "GetReplayUri", said)
        # Wherever it says that is, it is asked for at the device itself.
        address, _ = stream_at(talk.device, url)
        earliest, latest = await _bounds(talk, recording)
        there = KeptThere(str(address), earliest, latest, ahead)
        return there if between is None else await _of_time(talk, recording, there, between, clock.now())


async def _bounds(talk: Session, recording: object) -> tuple[datetime | None, datetime | None]:
    """From when to when it has footage: as it was found, else as it says when it is asked for that alone."""
    found = _times(recording)
    if None not in found:
        return found
    said = {"RecordingToken": at(recording, "RecordingToken")}
    return _times(await talk.may(SEARCH, "GetRecordingInformation", said))


def _times(recording: object) -> tuple[datetime | None, datetime | None]:
    return _moment(at(recording, "EarliestRecording")), _moment(at(recording, "LatestRecording"))


async def _of_time(
    talk: Session, recording: object, there: KeptThere, between: Times, now: datetime
) -> KeptThere:
    """The same with what it has of that time, all by its own clock."""
    ahead = there.ahead or timedelta()
    begin, end = between[0] + ahead, between[1] + ahead
    if there.earliest is None or there.latest is None:
        return there
    # What it records now is told a little late.
    goes_on = there.latest >= now + ahead - _GOES_ON
    whole = (max(begin, there.earliest), min(end, now + ahead if goes_on else there.latest))
    if whole[1] <= whole[0]:
        return replace(there, stretches=())
    video = {
        at(one, "TrackToken") for one in only(at(recording, "Track"), 16) if at(one, "TrackType") == "Video"
    }
    said = await history(talk, str(at(recording, "RecordingToken")), *whole)
    turned = [one for one in said or () if not video or one.track in video]
    if not turned:
        return replace(there, stretches=(whole,), bounds_only=True)
    return replace(there, stretches=tuple(stretches(turned, *whole)))


async def _recordings(talk: Session) -> list[object]:
    """Every recording of the device, as it lists them. A search is asked a few times, then taken as it is."""
    token = await talk.ask(SEARCH, "FindRecordings", {"Scope": {}, "KeepAliveTime": timedelta(seconds=10)})
    found: list[object] = []
    for _ in range(_MOST_LOOKS):
        wanted = {"SearchToken": token, "WaitTime": timedelta(seconds=2)}
        results = await talk.ask(SEARCH, "GetRecordingSearchResults", wanted)
        found += only(at(results, "RecordingInformation"), _MOST_RECORDINGS)
        if at(results, "SearchState") == "Completed" or len(found) >= _MOST_RECORDINGS:
            break
    await talk.may(SEARCH, "EndSearch", {"SearchToken": token})
    return [one for one in found if at(one, "RecordingToken")]


async def _of_lens(talk: Session, recordings: list[object], lens: Lens) -> object:
    """The recording of that lens. A recorder of many cameras must say which is of whom. Raises Invalid."""
    if not recordings:
        raise Invalid("The camera has recorded nothing itself.", reason="nothing_kept")
    if len(recordings) == 1 and not (lens.path or lens.source):
        return recordings[0]
    source: str | None = lens.source
    if not source:
        found = await _profile_at(talk, lens.path) if lens.path else await _profile_called(talk, lens.profile)
        source = None if found is None else found.source
    of_it = [one for one in recordings if source is not None and at(one, "Source", "SourceId") == source]
    if len(of_it) != 1:
        raise Invalid(
            "The device keeps recordings of several cameras and does not say which is of this one.",
            reason="which",
        )
    return of_it[0]


async def _profile_called(talk: Session, token: str) -> Told | None:
    return next((one for one in await told(talk, MOST_OF_MANY) if one.token == token), None)


async def _profile_at(talk: Session, path: str) -> Told | None:
    """The profile whose stream the device shows at that path. Of a device that tells other paths by Media2 than by Media1 it may be
    either: the camera was entered by one of them."""
    profiles = await told(talk, MOST_OF_MANY)
    found = await _shown_at(talk, profiles, path)
    if found is None and any(one.service != MEDIA for one in profiles) and talk.has(MEDIA):
        found = await _shown_at(talk, await told_by_one(talk, MOST_OF_MANY), path)
    return found


async def _shown_at(talk: Session, profiles: Sequence[Told], path: str) -> Told | None:
    for one in profiles[:_MOST_STREAMS]:
        address = await address_of(talk, one)
        if address is not None and address.path == path:
            return one
    return None


def _moment(said: object) -> datetime | None:
    if not isinstance(said, datetime):
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
