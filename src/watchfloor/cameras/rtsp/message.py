"""RTSP 1.0 messages (RFC 2326 section 4 to 6) as text: what is asked, what is answered. It holds no socket."""

from __future__ import annotations

import re
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


def channels_of(answer: Answer) -> tuple[int, int] | None:
    """The interleaved channels of RTP and RTCP; None when the device chose another way."""
    value = _agreed(answer).get("interleaved")
    if value is None:
        return None
    first, _, second = value.partition("-")
    if not first.isdigit() or int(first) > 255:
        return None
    return int(first), int(second) if second.isdigit() else int(first) + 1


@dataclass(frozen=True, slots=True)
class Apart:
    """From which ports of the device datagrams come, and from which source (SSRC), where it says so."""

    ports: tuple[int, int] | None
    source: int | None


def apart_of(answer: Answer, ours: tuple[int, int]) -> Apart | None:
    """What the device says of the datagrams it will send to our ports; None when it chose another way. Raises BadMessage."""
    said = _agreed(answer)
    if "interleaved" in said or "multicast" in said:
        return None
    there = _ports(said.get("client_port"))
    if there is not None and there != ours:
        raise BadMessage("the device would send to other ports than ours")
    source = said.get("ssrc", "")
    known = int(source, 16) if re.fullmatch(r"[0-9a-fA-F]{1,8}", source) else 0
    return Apart(_ports(said.get("server_port")), known or None)


def _agreed(answer: Answer) -> dict[str, str]:
    """The parameters of the transport that was agreed upon."""
    parts = (part.strip().partition("=") for part in answer.headers.get("transport", "").split(";"))
    return {name.lower(): value.strip() for name, _, value in parts}


def _ports(text: str | None) -> tuple[int, int] | None:
    """A pair of ports; of a single one the next is the other. None where it is none."""
    first, _, second = (text or "").partition("-")
    if not first.isdigit() or (second and not second.isdigit()):
        return None
    pair = int(first), int(second) if second else int(first) + 1
    return pair if all(0 < port < 65536 for port in pair) else None
