"""Profile G of a simulated device: what it kept is searched, and the address is told at which it is replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device, Recording
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.soap import Request, moment
from watchfloor_sim.onvif.turning import Refused

SEARCH = "search-1"


def _find(device: Device, request: Request, base: str) -> str:
    return f"<tse:FindRecordingsResponse><tse:SearchToken>{SEARCH}</tse:SearchToken></tse:FindRecordingsResponse>"


def _results(device: Device, request: Request, base: str) -> str:
    if request.text("SearchToken") != SEARCH:
        raise Refused("No such search", "ter:InvalidToken")
    each = "".join(_information(device, one) for one in device.recordings)
    return (
        "<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
        f"{each}</tse:ResultList></tse:GetRecordingSearchResultsResponse>"
    )


def _information(device: Device, recording: Recording) -> str:
    kept = recording.kept
    first, last = _said(device, kept.earliest_s), _said(device, kept.latest_s)
    times = (
        f"<tt:EarliestRecording>{first}</tt:EarliestRecording><tt:LatestRecording>{last}</tt:LatestRecording>"
        if first
        else ""
    )
    track = (
        "<tt:Track><tt:TrackToken>video</tt:TrackToken><tt:TrackType>Video</tt:TrackType><tt:Description/>"
        f"<tt:DataFrom>{first}</tt:DataFrom><tt:DataTo>{last}</tt:DataTo></tt:Track>"
        if first
        else ""
    )
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>{escape(kept.token)}</tt:RecordingToken><tt:Source>"
        f"<tt:SourceId>{escape(recording.source)}</tt:SourceId><tt:Name>Lens</tt:Name><tt:Location/><tt:Description/>"
        f"<tt:Address/></tt:Source>{times}<tt:Content/>{track}<tt:RecordingStatus>Recording</tt:RecordingStatus>"
        "</tt:RecordingInformation>"
    )


def _said(device: Device, at_s: float | None) -> str:
    return "" if at_s is None else moment(datetime.fromtimestamp(at_s, UTC) + device.clock_off)


def _end(device: Device, request: Request, base: str) -> str:
    return (
        f"<tse:EndSearchResponse><tse:Endpoint>{moment(device.now())}</tse:Endpoint></tse:EndSearchResponse>"
    )


def _replay(device: Device, request: Request, base: str) -> str:
    token = request.text("RecordingToken")
    for one in device.recordings:
        if one.kept.token == token:
            url = f"rtsp://{device.elsewhere}/inside" if Fault.FOREIGN_STREAM in device.faults else one.url
            return f"<trp:GetReplayUriResponse><trp:Uri>{escape(url)}</trp:Uri></trp:GetReplayUriResponse>"
    raise Refused(f"No recording {quoteattr(token)}", "ter:NoRecording")


ANSWERS: Mapping[str, Callable[[Device, Request, str], str]] = {
    "FindRecordings": _find,
    "GetRecordingSearchResults": _results,
    "EndSearch": _end,
    "GetReplayUri": _replay,
}
