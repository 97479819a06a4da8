"""One signed question to what switches a trailer's lights: to an IP permitted at that very try, no redirect, so long and so much at most.

The form is documented in docs/operate/trailers.md; the simulator of the city answers to it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from watchfloor.cameras.address import Address, Networks, Resolve, permitted, written
from watchfloor.kit.canonical import canonical
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid, WatchfloorError
from watchfloor.trailers.model import Lights

ID: Final = "Wf-Id"
TIMESTAMP: Final = "Wf-Timestamp"
SIGNATURE: Final = "Wf-Signature"
WITHIN_S: Final = 5.0
_MOST_BYTES: Final = 4096
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it, in a sentence for people."""

    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Switch:
    """What is asked of the lights of which trailer, by which number, when."""

    trailer: str
    lights: Lights
    number: str
    at: datetime

    @property
    def body(self) -> bytes:
        """What is sent, and signed."""
        return canonical(
            {
                "v": 1,
                "trailer": self.trailer,
                "lights": self.lights.value,
                "id": self.number,
                "at": rfc3339(self.at),
            }
        )


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body`, as the header has it: whoever answers holds it beside their own."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def switch_address(text: str) -> str:
    """Where lights are switched, in its one form. Raises Invalid."""
    _, whole = _parsed(text)
    return whole


def _parsed(text: str) -> tuple[Address, str]:
    text = text.strip()
    if not 0 < len(text) <= _LONGEST or any(ord(c) <= 32 or ord(c) == 127 for c in text):
        raise Invalid("An address is http://host/path or https://host/path, without spaces.", reason="url")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("That is no address.", reason="url") from error
    if scheme not in _PORTS or not host or port == 0 or parts.fragment:
        raise Invalid("The address begins with http:// or https:// and names a host.", reason="url")
    if parts.username is not None or "@" in parts.path + parts.query:
        raise Invalid("No name and password belong in it: what is sent is signed.", reason="url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = port or _PORTS[scheme]
    whole = written(scheme, host.rstrip("."), port, path, usual=_PORTS[scheme])
    # The same host for the one rule of where cameras may be.
    return Address("rtsp", host.rstrip("."), port, path), whole


async def look_up(url: str, networks: Networks, resolve: Resolve) -> None:
    """Hold an address to where devices may be. Raises Invalid."""
    address, _ = _parsed(url)
    await _ip(address, networks, resolve)


async def _ip(address: Address, networks: Networks, resolve: Resolve) -> str:
    try:
        async with asyncio.timeout(WITHIN_S):
            looked_up = await asyncio.to_thread(resolve, address.host, address.port)
    except (OSError, TimeoutError) as error:
        raise Invalid("The name in the address leads nowhere.", reason="url") from error
    return str(permitted(address, networks, looked_up))


async def ask(url: str, secret: bytes, switch: Switch, networks: Networks, resolve: Resolve) -> Answer:
    """Ask for it, and what was answered: no failure is more than a sentence."""
    try:
        async with asyncio.timeout(WITHIN_S):
            return await _asked(url, secret, switch, networks, resolve)
    except TimeoutError:
        return Answer(False, f"It did not answer within {WITHIN_S:.0f} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):
        return Answer(False, "It does not answer there, or its certificate is not trusted.")
    except WatchfloorError as error:
        return Answer(False, error.detail)


async def _asked(url: str, secret: bytes, switch: Switch, networks: Networks, resolve: Resolve) -> Answer:
    address, whole = _parsed(url)
    ip = await _ip(address, networks, resolve)
    scheme = whole.split(":", 1)[0]
    pinned = written(scheme, ip, address.port, address.path, usual=_PORTS[scheme])
    stamp, body = str(int(switch.at.timestamp())), switch.body
    headers = {
        "Host": whole.split("/", 3)[2],
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        ID: switch.number,
        TIMESTAMP: stamp,
        SIGNATURE: signature(secret, stamp, body),
    }
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=WITHIN_S) as client:
        request = client.build_request(
            "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": address.host}
        )
        response = await client.send(request, stream=True)
        try:
            said = bytearray()
            async for part in response.aiter_raw():
                said += part
                if len(said) > _MOST_BYTES:
                    return Answer(False, "It answers more than a switch has to say.")
        finally:
            await response.aclose()
    return judged(response.status_code, bytes(said), switch.lights)


def judged(status: int, said: bytes, wanted: Lights) -> Answer:
    """What an answer means: done, where it says 2xx and no other state of the lights. Pure."""
    if status in (401, 403):
        return Answer(
            False, "It does not accept our signature: the secret there is another one, or a clock is off."
        )
    if 300 <= status < 400:
        return Answer(False, "It sends us to another address, which we do not follow.")
    try:
        told = json.loads(said) if said else {}
    except (ValueError, RecursionError):
        told = {}
    told = told if isinstance(told, dict) else {}
    words = " ".join(str(told.get("detail") or "").split())[:200]
    words = "".join(c for c in words if c.isprintable())
    if not 200 <= status < 300:
        return Answer(False, f"It answered {status}" + (f": {words}" if words else "."))
    state = told.get("lights", wanted.value)
    if state != wanted.value:
        return Answer(False, f"It answered that the lights are {str(state)[:20]!r}.")
    return Answer(True, words or f"The lights are {wanted.value}.")
