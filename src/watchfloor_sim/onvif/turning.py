"""PTZ of a simulated device: it remembers where it looks, and writes down what it was asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from watchfloor_sim.onvif.device import Device, Look
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.soap import Request, moment

_SPACES = "http://www.onvif.org/ver10/tptz"


MOVES = frozenset({"ContinuousMove", "AbsoluteMove", "GotoPreset", "GotoHomePosition"})


class Refused(Exception):
    """The device says no, in a fault of its own."""

    def __init__(self, reason: str, subcode: str) -> None:
        super().__init__(reason)
        self.subcode = subcode


def _nodes(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    return (
        '<tptz:GetNodesResponse><tptz:PTZNode token="node"><tt:Name>Dome</tt:Name><tt:SupportedPTZSpaces/>'
        "<tt:MaximumNumberOfPresets>16</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported>"
        "</tptz:PTZNode></tptz:GetNodesResponse>"
    )


def _continuous(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    pan, tilt, zoom = _vector(request)
    device.moving = (pan, tilt, zoom)
    device.said(f"move {pan:g} {tilt:g} {zoom:g} for {request.text('Timeout') or 'ever'}")
    return "<tptz:ContinuousMoveResponse/>"


def _stop(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    pan, tilt, zoom = device.moving
    look = device.look
    # A tenth of the way for each move: enough that a test sees that it moved.
    device.look = Look(
        _within(look.pan + pan / 10), _within(look.tilt + tilt / 10), _within(look.zoom + zoom / 10, 0)
    )
    device.moving = (0.0, 0.0, 0.0)
    return "<tptz:StopResponse/>"


def _absolute(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    device.look = Look(*_vector(request))
    return "<tptz:AbsoluteMoveResponse/>"


def _home(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    device.look = Look()
    return "<tptz:GotoHomePositionResponse/>"


def _presets(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    each = "".join(
        f"<tptz:Preset token={quoteattr(token)}><tt:Name>{escape(name)}</tt:Name>"
        f"<tt:PTZPosition>{_place(look)}</tt:PTZPosition></tptz:Preset>"
        for token, (name, look) in device.presets.items()
    )
    return f"<tptz:GetPresetsResponse>{each}</tptz:GetPresetsResponse>"


def _goto(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    token = request.text("PresetToken")
    if token not in device.presets:
        raise Refused("The requested preset token does not exist", "ter:NoToken")
    look = device.presets[token][1]
    device.look = Look(look.pan, look.tilt, look.zoom)
    device.said(f"preset {token}")
    return "<tptz:GotoPresetResponse/>"


def _set(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    token = request.text("PresetToken") or f"preset-{max([0, *map(_number, device.presets)]) + 1}"
    device.presets[token] = (request.text("PresetName") or token, device.look)
    return f"<tptz:SetPresetResponse><tptz:PresetToken>{escape(token)}</tptz:PresetToken></tptz:SetPresetResponse>"


def _number(token: str) -> int:
    return int(tail) if (tail := token.rpartition("-")[2]).isdigit() else 0


def _remove(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    if device.presets.pop(request.text("PresetToken"), None) is None:
        raise Refused("The requested preset token does not exist", "ter:NoToken")
    return "<tptz:RemovePresetResponse/>"


def _status(device: Device, request: Request, base: str) -> str:
    _must_turn(device, request)
    if Fault.NO_STATUS in device.faults:
        raise Refused("No status", "ter:NoStatus")
    moves = "MOVING" if any(device.moving) else "IDLE"
    return (
        f"<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position>{_place(device.look)}</tt:Position>"
        f"<tt:MoveStatus><tt:PanTilt>{moves}</tt:PanTilt><tt:Zoom>{moves}</tt:Zoom></tt:MoveStatus>"
        f"<tt:UtcTime>{moment(device.now())}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
    )


def _place(look: Look) -> str:
    return (
        f'<tt:PanTilt x="{look.pan:g}" y="{look.tilt:g}" space="{_SPACES}/PanTiltSpaces/PositionGenericSpace"/>'
        f'<tt:Zoom x="{look.zoom:g}" space="{_SPACES}/ZoomSpaces/PositionGenericSpace"/>'
    )


def _must_turn(device: Device, request: Request) -> None:
    token = request.text("ProfileToken")
    lens = next((one.source for one in device.streams if one.token == token), None)
    if not device.turns or (lens is not None and not device.turns_at(lens)):
        raise Refused("PTZ is not supported", "ter:PTZNotSupported")
    if request.operation in MOVES:
        device.turned_by.append(token)


def _vector(request: Request) -> tuple[float, float, float]:
    turn, zoom = request.attributes("PanTilt"), request.attributes("Zoom")
    return float(turn.get("x", 0)), float(turn.get("y", 0)), float(zoom.get("x", 0))


def _within(value: float, least: float = -1.0) -> float:
    return max(least, min(1.0, value))


ANSWERS: Mapping[str, Callable[[Device, Request, str], str]] = {
    "GetNodes": _nodes,
    "ContinuousMove": _continuous,
    "Stop": _stop,
    "AbsoluteMove": _absolute,
    "GotoHomePosition": _home,
    "GetPresets": _presets,
    "GotoPreset": _goto,
    "SetPreset": _set,
    "RemovePreset": _remove,
    "GetStatus": _status,
}
