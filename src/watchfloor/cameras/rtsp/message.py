"""RTSP 1.0 messages (RFC 2326 section 4 to 6) as text: what is asked, what is answered. It holds no socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONGEST_HEAD: Final = 64 * 1024
LONGEST_BODY: Final = 256 * 1024


class BadMessage(ValueError):
    """What the device sent is no RTSP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a device. Header names are lower case; a name that came twice has both values, by line."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def request(method: str, url: str, number: int, headers: Mapping[str, str]) -> bytes:
    """A request without a body."""
    lines = [f"{method} {url} RTSP/1.0", f"CSeq: {number}", "User-Agent: watchfloor"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogatepass")


def parse_head(head: bytes) -> tuple[Answer, int]:
    """The answer that a head begins, and how long its body is. Raises BadMessage."""
    lines = head.decode("utf-8", "replace").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("RTSP/1.") or len(words[1]) != 3 or not words[1].isdigit():
        raise BadMessage("the device does not answer in RTSP")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, separator, value = line.partition(":")
        if separator:
            key = name.strip().lower()
            headers[key] = f"{headers[key]}\n{value.strip()}" if key in headers else value.strip()
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LONGEST_BODY:
        raise BadMessage("the device announces an answer that is too long")
    return Answer(int(words[1]), headers), int(length)


def session_of(answer: Answer) -> tuple[str, float]:
    """The session's id, and after how many seconds of silence it ends (60 unless said). Raises BadMessage."""
    session, *parameters = answer.headers.get("session", "").split(";")
    timeout = 60.0
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "timeout" and value.strip().isdigit():
            timeout = max(float(value), 5.0)
    if not session.strip():
        raise BadMessage("the device opened no session")
    return session.strip(), timeout


def channels_of(answer: Answer) -> tuple[int, int]:
    """The interleaved channels of RTP and RTCP. Raises BadMessage when the device chose another way."""
    for part in answer.headers.get("transport", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "interleaved":
            first, _, second = value.partition("-")
            if first.isdigit() and int(first) < 256:
                return int(first), int(second) if second.isdigit() else int(first) + 1
    raise BadMessage("the device does not send over this connection")
