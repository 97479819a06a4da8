"""Profile G of a simulated device: what it kept is searched, and the address is told at which it is replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device, Recording
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.soap import Request, moment
from watchfloor_sim.onvif.turning import Refused

SEARCH, EVENTS = "search-1", "search-2"
# Pictures this far apart have something missing between them.
_APART_S = 2.0


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


def _find_events(device: Device, request: Request, base: str) -> str:
    if Fault.NO_HISTORY in device.faults:
        raise Refused("Not supported", "ter:ActionNotSupported")
    device.searched = (
        request.text("IncludedRecordings"),
        datetime.fromisoformat(request.text("StartPoint")),
        datetime.fromisoformat(request.text("EndPoint")),
    )
    return f"<tse:FindEventsResponse><tse:SearchToken>{EVENTS}</tse:SearchToken></tse:FindEventsResponse>"


def _event_results(device: Device, request: Request, base: str) -> str:
    if request.text("SearchToken") != EVENTS or device.searched is None:
        raise Refused("No such search", "ter:InvalidToken")
    token, begin, end = device.searched
    kept = next(one.kept for one in device.recordings if one.kept.token == token)
    turned = [
        (max(at, begin), present)
        for at_s, present in kept.turns(_APART_S)
        if (at := datetime.fromtimestamp(at_s, UTC) + device.clock_off) <= end
    ]
    # With the start state: of what was before the begin the last word alone, as of then.
    first = max((i for i, (at, _) in enumerate(turned) if at == begin), default=0)
    each = "".join(_result(token, at, present=present) for at, present in turned[first:])
    endless = Fault.LONG_HISTORY in device.faults
    each, state = (each * 300, "Searching") if endless else (each, "Completed")
    return (
        f"<tse:GetEventSearchResultsResponse><tse:ResultList><tt:SearchState>{state}</tt:SearchState>"
        f"{each}</tse:ResultList></tse:GetEventSearchResultsResponse>"
    )


def _result(token: str, at: datetime, *, present: bool) -> str:
    said = moment(at)
    return (
        f"<tt:Result><tt:RecordingToken>{escape(token)}</tt:RecordingToken><tt:TrackToken>video</tt:TrackToken>"
        f"<tt:Time>{said}</tt:Time><tt:Event><wsnt:Topic>tns1:RecordingHistory/Track/State</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{said}"><tt:Source/><tt:Data><tt:SimpleItem Name="IsDataPresent" Value="{str(present).lower()}"/>'
        "</tt:Data></tt:Message></wsnt:Message></tt:Event><tt:StartStateEvent>false</tt:StartStateEvent></tt:Result>"
    )


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
    "FindEvents": _find_events,
    "GetEventSearchResults": _event_results,
    "EndSearch": _end,
    "GetReplayUri": _replay,
}
