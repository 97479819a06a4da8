"""What a device answers to each operation: device, media and analytics; `turning.py`, `telling.py` and `keeping.py` have the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif import covering, keeping, profiles, soap, telling, turning
from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.soap import Request

Answer = Callable[[Device, Request, str], str]
UNSIGNED = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities"})
"""What anybody may ask: clients learn the time before they can sign."""
OPTIONAL = frozenset(
    {"GetSnapshotUri", "GetPresets", "GetAnalyticsModules", "CreatePullPointSubscription", "GetAudioSources"}
)
SERVICES: Mapping[str, str] = {
    "tds": "device_service",
    "trt": "media_service",
    "tr2": "media2_service",
    "tptz": "ptz_service",
    "tan": "analytics_service",
    "tev": "events_service",
    "tse": "search_service",
    "trp": "replay_service",
}


def answer(device: Device, request: Request, base: str) -> bytes:
    """The envelope that answers a request; `base` is where the device's services lie, `http://host:port/onvif`."""
    device.said(request.operation)
    open_to_all = device.credentials is None or device.http_digest or request.operation in UNSIGNED
    if not open_to_all and not soap.signed_by(request, device.credentials, device.now(), device.used):
        device.refused += 1
        return soap.fault("Sender not Authorized")
    if Fault.OTHER in device.faults:
        return soap.answer("<tds:SetHostnameResponse/>")
    if request.operation in OPTIONAL and Fault.NO_OPTIONS in device.faults:
        return soap.fault(
            "Optional Action Not Implemented", code="s:Receiver", subcode="ter:ActionNotSupported"
        )
    if request.operation == "GetServices" and Fault.NO_SERVICES in device.faults:
        return soap.fault("Unknown action", subcode="ter:UnknownAction")
    if request.operation in turning.MOVES and Fault.NO_MOVES in device.faults:
        return soap.fault("Out of order", code="s:Receiver", subcode="ter:Action")
    by_two = profiles.BY_TWO if request.namespace == soap.NAMES["tr2"] else {}
    known = by_two.get(request.operation) or ANSWERS.get(request.operation)
    if known is None:
        return soap.fault(f"Unknown action {request.operation}", subcode="ter:UnknownAction")
    try:
        return soap.answer(known(device, request, base))
    except turning.Refused as refused:
        return soap.fault(str(refused), subcode=refused.subcode)


def _information(device: Device, request: Request, base: str) -> str:
    make = device.make
    model = make.model * 4000 if Fault.LYING in device.faults else make.model
    return (
        f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{escape(make.manufacturer)}</tds:Manufacturer>"
        f"<tds:Model>{escape(model)}</tds:Model><tds:FirmwareVersion>{escape(make.firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{escape(make.serial)}</tds:SerialNumber><tds:HardwareId>{escape(make.hardware)}</tds:HardwareId>"
        "</tds:GetDeviceInformationResponse>"
    )


def _time(device: Device, request: Request, base: str) -> str:
    now = device.now()
    year = 99999 if Fault.LYING in device.faults else now.year
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST6CDT</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
        "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def _has(device: Device) -> Mapping[str, str]:
    left_out = set()
    if not device.turns:
        left_out.add("tptz")
    if not device.analytics:
        left_out.add("tan")
    if not (device.most_masks or device.media_two):
        left_out.add("tr2")
    if not device.recordings:
        left_out |= {"tse", "trp"}
    return {prefix: path for prefix, path in SERVICES.items() if prefix not in left_out}


def _services(device: Device, request: Request, base: str) -> str:
    each = "".join(
        f"<tds:Service><tds:Namespace>{soap.NAMES[prefix]}</tds:Namespace><tds:XAddr>{escape(base)}/{path}</tds:XAddr>"
        "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for prefix, path in _has(device).items()
    )
    return f"<tds:GetServicesResponse>{each}</tds:GetServicesResponse>"


def _capabilities(device: Device, request: Request, base: str) -> str:
    has = _has(device)
    names = {"tan": "Analytics", "tds": "Device", "tev": "Events", "trt": "Media", "tptz": "PTZ"}
    each = "".join(
        f"<tt:{name}><tt:XAddr>{escape(base)}/{has[prefix]}</tt:XAddr>{telling.CAPABILITIES if prefix == 'tev' else ''}"
        f"{_ANALYTICS if prefix == 'tan' else ''}{_STREAMING if prefix == 'trt' else ''}</tt:{name}>"
        for prefix, name in names.items()
        if prefix in has
    )
    return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{each}</tds:Capabilities></tds:GetCapabilitiesResponse>"


_ANALYTICS = (
    "<tt:RuleSupport>true</tt:RuleSupport><tt:AnalyticsModuleSupport>true</tt:AnalyticsModuleSupport>"
)
_STREAMING = "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast></tt:StreamingCapabilities>"


def _snapshot(device: Device, request: Request, base: str) -> str:
    url = f"{base}/snapshot/{request.text('ProfileToken')}.jpg"
    return f"<trt:GetSnapshotUriResponse>{profiles.media_uri(escape(url))}</trt:GetSnapshotUriResponse>"


def _audio_sources(device: Device, request: Request, base: str) -> str:
    each = (
        '<trt:AudioSources token="microphone"><tt:Channels>1</tt:Channels></trt:AudioSources>'
        if device.audio
        else ""
    )
    return f"<trt:GetAudioSourcesResponse>{each}</trt:GetAudioSourcesResponse>"


def _modules(device: Device, request: Request, base: str) -> str:
    each = "".join(
        f"<tan:AnalyticsModule Name={quoteattr(kind.rpartition(':')[2])} Type={quoteattr(kind)}><tt:Parameters/>"
        "</tan:AnalyticsModule>"
        for kind in device.analytics
    )
    return f"<tan:GetAnalyticsModulesResponse>{each}</tan:GetAnalyticsModulesResponse>"


ANSWERS: Mapping[str, Answer] = {
    "GetDeviceInformation": _information,
    "GetSystemDateAndTime": _time,
    "GetServices": _services,
    "GetCapabilities": _capabilities,
    "GetSnapshotUri": _snapshot,
    "GetAudioSources": _audio_sources,
    "GetAnalyticsModules": _modules,
    **profiles.ANSWERS,
    **turning.ANSWERS,
    **telling.ANSWERS,
    **keeping.ANSWERS,
    **covering.ANSWERS,
}
