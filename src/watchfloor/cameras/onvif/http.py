"""One question to a device over HTTP: to an IP permitted at that very try, no redirect, so many bytes and seconds at most.

Over https the device proves who it is before it hears a word, as a camera of `rtsps://` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import httpx
from lxml import etree

from watchfloor.cameras.address import Login, permitted
from watchfloor.cameras.onvif.model import DeviceAddress, Reach, as_rtsp, device_address
from watchfloor.cameras.rtsp.login import Challenge, authorization, challenge_of
from watchfloor.cameras.rtsp.trust import distrusted, over_http
from watchfloor.kit.errors import Invalid

_PLAIN: Final = {"Accept-Encoding": "identity"}
_SOAP: Final = "application/soap+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """A device's answer, as the SOAP library wants it: never a multipart one."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class Wire:
    """Asks one device. Use it as a context; all questions of one talk share its connection."""

    def __init__(self, reach: Reach, login: Login | None, certificate: str | None) -> None:
        self._reach = reach
        self._certificate = certificate
        self._client = httpx.AsyncClient(
            verify=over_http(certificate),
            trust_env=False,
            follow_redirects=False,
            timeout=reach.limits.call_s,
        )
        self._login = login
        self._challenge: Challenge | None = None

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> Reply:
        """What the SOAP library calls. Raises Invalid."""
        return await self.post(device_address(address), etree.tostring(envelope), headers)

    async def post(self, address: DeviceAddress, content: bytes, headers: Mapping[str, str]) -> Reply:
        """The answer to one question. Raises Invalid: no answer, too slow, too large, sent elsewhere, no XML."""
        limits = self._reach.limits
        try:
            async with asyncio.timeout(limits.call_s):
                status, body = await self._asked(address, content, headers)
        except TimeoutError as error:
            raise Invalid("The device takes too long to answer.", reason="too_slow") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            await self._unless_distrusted(address, error)
            raise Invalid(
                "The device does not answer there.",
                reason="no_answer",
                next_step="Check its address, its power and that this machine reaches its network.",
            ) from error
        if status == 401:
            raise login_refused()
        if 300 <= status < 400:
            raise Invalid(
                "The device sends us to another address, which we do not follow.", reason="redirect"
            )
        if body:
            well_formed(body)
        return Reply(status, body, {"Content-Type": _SOAP})

    async def _unless_distrusted(self, address: DeviceAddress, error: Exception) -> None:
        """Raises Invalid where what went wrong is its certificate."""
        if address.scheme != "https":
            return
        ip = await self._permitted(address)
        within_s = self._reach.limits.call_s
        said = await asyncio.to_thread(distrusted, error, self._certificate, ip, address.port, within_s)
        if said is not None:
            raise Invalid(said, reason="certificate_not_trusted") from error

    async def _permitted(self, address: DeviceAddress) -> str:
        looked_up = await asyncio.to_thread(self._reach.resolve, address.host, address.port)
        return str(permitted(as_rtsp(address), self._reach.networks, looked_up))

    async def _asked(
        self, address: DeviceAddress, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        pinned = replace(address, host=await self._permitted(address))
        said = {**headers, **_PLAIN, "Host": str(address).split("/", 3)[2]}
        name = address.host
        status, body, asked = await self._sent(pinned, name, content, {**said, **self._signature(address)})
        if status == 401 and self._login is not None and (challenge := challenge_of(asked)) is not None:
            # Digest alone: over a plain line Basic would tell the password to whoever listens.
            self._challenge = challenge if challenge.scheme == "digest" else None
            if self._challenge is not None:
                signed = {**said, **self._signature(address)}
                status, body, _ = await self._sent(pinned, name, content, signed)
        return status, body

    def _signature(self, address: DeviceAddress) -> dict[str, str]:
        if self._challenge is None or self._login is None:
            return {}
        return {"Authorization": authorization(self._challenge, self._login, "POST", address.path)}

    async def _sent(
        self, pinned: DeviceAddress, name: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes, str]:
        request = self._client.build_request(
            "POST", str(pinned), content=content, headers=dict(headers), extensions={"sni_hostname": name}
        )
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > self._reach.limits.most_bytes:
                    raise Invalid("The device answers more than a device has to say.", reason="too_large")
            return response.status_code, bytes(body), "\n".join(response.headers.get_list("www-authenticate"))
        finally:
            await response.aclose()


def login_refused() -> Invalid:
    """The one sentence for a name or password that is wrong."""
    return Invalid(
        "The device refuses the name and password.",
        reason="login_refused",
        next_step="Enter the name and password of its ONVIF user; some devices keep those apart.",
    )


def well_formed(body: bytes) -> None:
    """Refuse what is no plain XML: bytes of something else, half an answer, a document type. Raises Invalid."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid("What the device answers is no ONVIF.", reason="not_onvif") from error
    if root.getroottree().docinfo.doctype:
        raise Invalid("What the device answers is no ONVIF.", reason="not_onvif")
