"""Profiles of a simulated device and where it shows them, as Media1 and as Media2 write them: H.265 stands in Media2 alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device, Stream
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.soap import Request
from watchfloor_sim.onvif.turning import Refused

FIRST_LENS = "lens"


def source_by(stream: Stream) -> str:
    """The token of the configuration of the lens that a stream shows."""
    return "source" if stream.source == FIRST_LENS else f"source of {stream.source}"


def _streams(device: Device) -> Sequence[Stream]:
    return device.streams * 40 if Fault.LYING in device.faults else device.streams


def _width(device: Device, stream: Stream) -> int:
    return 1_000_000_000 if Fault.LYING in device.faults else stream.width


def _profiles(device: Device, request: Request, base: str) -> str:
    # What Media1 has no word for it leaves out.
    each = "".join(_profile(device, one) for one in _streams(device) if one.encoding != "H265")
    return f"<trt:GetProfilesResponse>{each}</trt:GetProfilesResponse>"


def _profiles_two(device: Device, request: Request, base: str) -> str:
    _has_two(device)
    each = "".join(_profile_two(device, one) for one in _streams(device))
    return f"<tr2:GetProfilesResponse>{each}</tr2:GetProfilesResponse>"


def _has_two(device: Device) -> None:
    if Fault.NO_PROFILES_TWO in device.faults:
        raise Refused("Optional Action Not Implemented", "ter:ActionNotSupported")


def _profile(device: Device, stream: Stream) -> str:
    audio = f'<tt:AudioSourceConfiguration token="audio">{_AUDIO}</tt:AudioSourceConfiguration>'
    analytics = f'<tt:VideoAnalyticsConfiguration token="analytics">{_analytics(device)}</tt:VideoAnalyticsConfiguration>'
    turns = f'<tt:PTZConfiguration token="ptz">{_PTZ}</tt:PTZConfiguration>'
    return (
        f'<trt:Profiles token={quoteattr(stream.token)} fixed="true"><tt:Name>{escape(stream.name)}</tt:Name>'
        f"<tt:VideoSourceConfiguration token={quoteattr(source_by(stream))}>{_source(device, stream)}</tt:VideoSourceConfiguration>"
        f"{audio if device.audio else ''}"
        f"<tt:VideoEncoderConfiguration token={quoteattr(stream.token + '-encoder')}>{_encoder(device, stream)}"
        f"</tt:VideoEncoderConfiguration>{analytics if device.analytics else ''}"
        f"{turns if device.turns_at(stream.source) else ''}</trt:Profiles>"
    )


def _profile_two(device: Device, stream: Stream) -> str:
    audio = f'<tr2:AudioSource token="audio">{_AUDIO}</tr2:AudioSource>'
    analytics = f'<tr2:Analytics token="analytics">{_analytics(device)}</tr2:Analytics>'
    turns = f'<tr2:PTZ token="ptz">{_PTZ}</tr2:PTZ>'
    return (
        f'<tr2:Profiles token={quoteattr(stream.token)} fixed="true"><tr2:Name>{escape(stream.name)}</tr2:Name><tr2:Configurations>'
        f"<tr2:VideoSource token={quoteattr(source_by(stream))}>{_source(device, stream)}</tr2:VideoSource>"
        f"{audio if device.audio else ''}"
        f"<tr2:VideoEncoder token={quoteattr(stream.token + '-encoder')}>{_encoder(device, stream)}</tr2:VideoEncoder>"
        f"{analytics if device.analytics else ''}{turns if device.turns_at(stream.source) else ''}</tr2:Configurations></tr2:Profiles>"
    )


_AUDIO = (
    "<tt:Name>Microphone</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>microphone</tt:SourceToken>"
)
_PTZ = "<tt:Name>PTZ</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node</tt:NodeToken>"


def _source(device: Device, stream: Stream) -> str:
    return (
        f"<tt:Name>Lens</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>{escape(stream.source)}</tt:SourceToken>"
        f'<tt:Bounds x="0" y="0" width="{_width(device, stream)}" height="{stream.height}"/>'
    )


def _encoder(device: Device, stream: Stream) -> str:
    return (
        f"<tt:Name>{escape(stream.name)}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{stream.encoding}</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{_width(device, stream)}</tt:Width><tt:Height>{stream.height}</tt:Height></tt:Resolution>"
        f"<tt:Quality>4</tt:Quality><tt:RateControl><tt:FrameRateLimit>{stream.fps}</tt:FrameRateLimit>"
        f"<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>{stream.kbit_s}</tt:BitrateLimit></tt:RateControl>"
    )


def _analytics(device: Device) -> str:
    modules = "".join(
        f"<tt:AnalyticsModule Name={quoteattr(kind.rpartition(':')[2])} Type={quoteattr(kind)}>"
        "<tt:Parameters/></tt:AnalyticsModule>"
        for kind in device.analytics
    )
    return (
        "<tt:Name>Analytics</tt:Name><tt:UseCount>1</tt:UseCount>"
        f"<tt:AnalyticsEngineConfiguration>{modules}</tt:AnalyticsEngineConfiguration><tt:RuleEngineConfiguration/>"
    )


def _url(device: Device, request: Request) -> str:
    token = request.text("ProfileToken")
    stream = next((one for one in device.streams if one.token == token), None)
    if stream is None:
        raise Refused("The requested profile token does not exist", "ter:NoProfile")
    return escape(
        f"rtsp://{device.elsewhere}/inside" if Fault.FOREIGN_STREAM in device.faults else stream.url
    )


def _stream(device: Device, request: Request, base: str) -> str:
    return f"<trt:GetStreamUriResponse>{media_uri(_url(device, request))}</trt:GetStreamUriResponse>"


def _stream_two(device: Device, request: Request, base: str) -> str:
    _has_two(device)
    return f"<tr2:GetStreamUriResponse><tr2:Uri>{_url(device, request)}</tr2:Uri></tr2:GetStreamUriResponse>"


def media_uri(url: str) -> str:
    """An address as Media1 writes it."""
    return (
        f"<trt:MediaUri><tt:Uri>{url}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>"
    )


def _video_sources(device: Device, request: Request, base: str) -> str:
    largest: dict[str, Stream] = {}
    for stream in device.streams:
        if stream.source not in largest or largest[stream.source].width < stream.width:
            largest[stream.source] = stream
    each = "".join(
        f"<trt:VideoSources token={quoteattr(source)}><tt:Framerate>{stream.fps}</tt:Framerate><tt:Resolution>"
        f"<tt:Width>{stream.width}</tt:Width><tt:Height>{stream.height}</tt:Height></tt:Resolution></trt:VideoSources>"
        for source, stream in largest.items()
    )
    return f"<trt:GetVideoSourcesResponse>{each}</trt:GetVideoSourcesResponse>"


ANSWERS: Mapping[str, Callable[[Device, Request, str], str]] = {
    "GetProfiles": _profiles,
    "GetStreamUri": _stream,
    "GetVideoSources": _video_sources,
}
BY_TWO: Mapping[str, Callable[[Device, Request, str], str]] = {
    "GetProfiles": _profiles_two,
    "GetStreamUri": _stream_two,
}
"""Of Media2, whose operations are called as those of Media1."""
