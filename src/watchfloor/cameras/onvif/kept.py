"""What a device kept of its camera (ONVIF Profile G): whether it kept anything, from when on, and where that is replayed.

It fetches no picture: `cameras/rtsp/replay.py` does, from the address that this finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.onvif.model import (
    MEDIA,
    MOST_PROFILES,
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
    from watchfloor.cameras.onvif.model import Reach
    from watchfloor.cameras.onvif.session import Session
    from watchfloor.kit.clock import Clock

_MOST_RECORDINGS: Final = 64
_MOST_LOOKS: Final = 5


@dataclass(frozen=True, slots=True)
class KeptThere:
    """A device's recording of one camera: where it is replayed, from when to when it has any (by its own clock, where it says), and
    how far that clock is ahead of ours."""

    url: str
    earliest: datetime | None
    latest: datetime | None
    ahead: timedelta | None


async def kept_there(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock, profile: str
) -> KeptThere:
    """The recording of the camera that `profile` shows. Raises Invalid: with reason `not_offered` where it keeps none."""
    return await in_thread(lambda: _asked(reach, device, login, clock, profile))


async def _asked(
    reach: Reach, device: DeviceAddress, login: Login | None, clock: Clock, profile: str
) -> KeptThere:
    from watchfloor.cameras.onvif.session import session  # half a second of CPU: only where a device is asked

    async with session(reach, device, login, clock) as talk:
        ahead = await learn_clock(talk, clock)
        await talk.find_services()
        if not (talk.has(SEARCH) and talk.has(REPLAY)):
            raise Invalid("The camera keeps nothing that could be fetched.", reason="not_offered")
        recording = await _of_profile(talk, await _recordings(talk), profile)
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        token = at(recording, "RecordingToken")
        said = {"StreamSetup": setup, "RecordingToken": token}
        url = await talk.ask(REPLAY, "GetReplayUri", said)
        # Wherever it says that is, it is asked for at the device itself.
        address, _ = stream_at(talk.device, url)
        earliest, latest = (
            _moment(at(recording, "EarliestRecording")),
            _moment(at(recording, "LatestRecording")),
        )
        return KeptThere(str(address), earliest, latest, ahead)


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


async def _of_profile(talk: Session, recordings: list[object], profile: str) -> object:
    """The recording of that profile's lens. A recorder of many cameras must say which is of whom. Raises Invalid."""
    if not recordings:
        raise Invalid("The camera has recorded nothing itself.", reason="nothing_kept")
    if len(recordings) == 1:
        return recordings[0]
    profiles = only(await talk.ask(MEDIA, "GetProfiles"), MOST_PROFILES)
    source = next(
        (
            at(one, "VideoSourceConfiguration", "SourceToken")
            for one in profiles
            if at(one, "token") == profile
        ),
        None,
    )
    of_it = [one for one in recordings if source is not None and at(one, "Source", "SourceId") == source]
    if len(of_it) != 1:
        raise Invalid(
            "The device keeps recordings of several cameras and does not say which is of this one.",
            reason="which",
        )
    return of_it[0]


def _moment(said: object) -> datetime | None:
    if not isinstance(said, datetime):
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
