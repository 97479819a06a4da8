"""RTSP 1.0 requests and replies as text (RFC 2326), and the bytes of an interleaved connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_HEAD_BYTES = 16_384
MOST_BODY_BYTES = 65_536
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    503: "Service Unavailable",
}


class Garbage(Exception):
    """What came is not RTSP."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The part after host and port, without a closing slash."""
        rest = self.uri.split("://", 1)[-1]
        _, slash, path = rest.partition("/")
        return (slash + path).rstrip("/")


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; receiver reports in between are passed over; None at the end of the connection."""
    while True:
        first = await reader.read(1)
        if not first:
            return None
        if first == b"$":
            _, size_high, size_low = await reader.readexactly(3)
            await reader.readexactly(size_high << 8 | size_low)
            continue
        if first in b"\r\n":
            continue
        return await _rest_of_request(first, reader)


async def _rest_of_request(first: bytes, reader: asyncio.StreamReader) -> Request:
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise Garbage("no end of the head in sight") from error
    request = parse_request(head)
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BODY_BYTES:
        raise Garbage("a body of no sensible length")
    await reader.readexactly(int(length))
    return request


def parse_request(head: bytes) -> Request:
    try:
        first, *lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise Garbage("not text") from error
    words = first.split(" ")
    if len(words) != 3 or not words[0].isascii() or not words[0].replace("_", "").isalpha():
        raise Garbage("not a request line")
    if words[2] != "RTSP/1.0":
        raise Garbage("not RTSP 1.0")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return Request(words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in pairs})


def reply(
    code: int, request: Request | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    lines = [f"RTSP/1.0 {code} {REASONS[code]}", "Server: watchfloor_sim"]
    if request is not None and "cseq" in request.headers:
        lines.append(f"CSeq: {request.headers['cseq']}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
