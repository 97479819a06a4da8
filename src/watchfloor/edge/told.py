"""What an edge box says of itself to whoever looks after it: each camera in a word, and why there is no link. Pure."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime

from watchfloor.cameras.boxes.wire import OfBox, Permit
from watchfloor.cameras.state import CameraStatus
from watchfloor.edge.allowed import NO_WORD, may_keep, may_send
from watchfloor.edge.camera import Stream
from watchfloor.kit.errors import WatchfloorError


def of_camera(
    one: OfBox,
    stream: Stream | None,
    permit: Permit | None,
    now: datetime,
    *,
    linked: bool,
    time_believed: bool,
) -> dict[str, str | bool]:
    """How a camera of the box is."""
    if stream is None:
        return _told(one, "missing", "The box's own file has no such camera.")
    keeping = may_keep(permit, now, time_believed=time_believed)
    if not may_send(permit, now) and not keeping:
        return _told(one, "off", permit.why if permit else NO_WORD)
    status = stream.status
    word = "connecting" if stream.running else "idle"
    sending = linked and stream.wanted
    if status is not None and status.status is CameraStatus.LIVE and not sending and keeping:
        return _told(one, "keeping", "Its pictures are kept until the center is back.")
    return _told(
        one, status.status.value if status else word, status.reason if status else "", sending=sending
    )


def _told(one: OfBox, state: str, why: str, *, sending: bool = False) -> dict[str, str | bool]:
    return {"name": one.name, "state": state, "why": why, "sending": sending}


def why_not(error: BaseException) -> str:
    """Why there is no link, to whoever looks after the box."""
    match error:
        case ssl.SSLCertVerificationError():
            return "What answers there is not the center that this box was enrolled at."
        case ssl.SSLError():
            return "The center does not take this box's certificate."
        case TimeoutError():
            return "The center does not answer in time."
        case ConnectionRefusedError():
            return "Nothing listens at the center's address."
        case asyncio.IncompleteReadError():
            return "The center ended the connection."
        case WatchfloorError():
            return error.detail
        case _:
            return "The center cannot be reached."
