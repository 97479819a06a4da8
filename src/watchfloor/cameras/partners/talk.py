"""Asks a partner over HTTPS: at an IP permitted at that very try, by its own API, with a session of the login it gave us.

It follows no redirect, waits and takes so much and no more, and repeats of an answer only what `model.py` lets through.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from watchfloor.cameras.address import Address, IpAddress, Networks, Resolve, permitted, written
from watchfloor.cameras.partners.model import (
    MOST_OFFERED,
    Offered,
    Partner,
    other_version,
    page_of,
    refusal,
)
from watchfloor.cameras.partners.trust import trust
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError

_PORT: Final = 443
_CONNECT_S: Final = 6.0
_LONGEST: Final = 4 * 1024 * 1024
_A_PAGE: Final = 500
_COOKIES: Final = ("__Host-wf_session=", "wf_session=")
_LONGEST_COOKIE: Final = 500
_PLAIN: Final = {"Accept-Encoding": "identity", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Reach:
    """Where partners may be: where cameras may be; and how long one may take for an answer."""

    networks: Networks
    resolve: Resolve
    within_s: float = 10.0


@dataclass(slots=True)
class Sessions:
    """The sessions that this process has at partners; a login that was changed has another."""

    cookies: dict[tuple[str, str, str], str] = field(default_factory=dict, repr=False)
    _beginning: dict[tuple[str, str, str], Future[None]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def keep(self, partner: Partner, cookie: str) -> None:
        """A session was begun."""
        with self._lock:
            self.cookies[self.key(partner)] = cookie

    def forget(self, partner: Partner, cookie: str) -> None:
        """The partner refuses this one. What another thread has begun since stays."""
        with self._lock:
            if self.cookies.get(self.key(partner)) == cookie:
                del self.cookies[self.key(partner)]

    def begin(self, partner: Partner) -> str | Future[None] | None:
        """Our session there, or the one that another thread or task begins just now, to be waited for; None: it is one's own to begin, and
        to say so (`begun`)."""
        key = self.key(partner)
        with self._lock:
            if (found := self.cookies.get(key) or self._beginning.get(key)) is not None:
                return found
            beginning: Future[None] = Future()
            beginning.set_running_or_notify_cancel()  # whoever waits and gives up cancels nobody else
            self._beginning[key] = beginning
            return None

    def begun(self, partner: Partner, failed: WatchfloorError | None = None) -> None:
        """It is there, or it failed: those who waited fail by that as well, and count no further try there."""
        with self._lock:
            beginning = self._beginning.pop(self.key(partner))
        if failed is None:
            beginning.set_result(None)
        else:
            beginning.set_exception(failed)

    @staticmethod
    def key(partner: Partner) -> tuple[str, str, str]:
        return partner.address, partner.login.user, partner.login.password


def address_of(partner: Partner) -> Address:
    """Where it is, in the form of the one rule of where cameras may be."""
    parts = urlsplit(partner.address)
    return Address("rtsp", parts.hostname or "", parts.port or _PORT, "/")


async def looked_up(partner: Partner, reach: Reach) -> IpAddress:
    """The IP to connect to, permitted. Raises Unavailable."""
    address = address_of(partner)
    try:
        async with asyncio.timeout(_CONNECT_S):
            found = await asyncio.to_thread(reach.resolve, address.host, address.port)
        return permitted(address, reach.networks, found)
    except (OSError, TimeoutError) as error:
        raise Unavailable(
            f"The name of {partner.name} leads nowhere at present.", reason="no_answer"
        ) from error
    except Invalid as error:
        raise Unavailable(error.detail, reason=error.reason, next_step=error.next_step) from error


class Talk:
    """One partner, asked for a while. `sessions` outlives it."""

    def __init__(self, partner: Partner, reach: Reach, sessions: Sessions) -> None:
        self.partner, self._reach, self._sessions = partner, reach, sessions

    @property
    def cookie(self) -> str | None:
        """The session that we have there."""
        return self._sessions.cookies.get(Sessions.key(self.partner))

    async def offered(self) -> list[Offered]:
        """Every camera that it offers us. Raises Unavailable, NotFound, Full."""
        found: dict[str, Offered] = {}
        after: str | None = None
        for _ in range(MOST_OFFERED // _A_PAGE + 1):
            query = {"limit": str(_A_PAGE), **({"after": after} if after else {})}
            data = await self.asks("/offered-cameras", query)
            page, after = page_of(data)
            found |= {one.channel: one for one in page}
            if after is None:
                return list(found.values())[:MOST_OFFERED]
        raise other_version()

    async def asks(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> bytes:
        """A whole answer. Raises an expected failure with the partner's own words."""
        async with self.opened(path, query, headers or {}) as response:
            return await self._whole(response)

    @asynccontextmanager
    async def opened(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        """An answer that is read by whoever asked: one of success. A session that is over is begun anew, once. Raises as `asks`."""
        async with self._client() as client:
            for again in (True, False):
                cookie = await self.session(client)
                response = await self._send(client, "GET", path, query, {**headers, "Cookie": cookie})
                try:
                    if response.status_code == 401 and again:
                        self._sessions.forget(self.partner, cookie)
                        continue
                    if not response.is_success:
                        data = await self._whole(response)
                        raise refusal(response.status_code, data, self.partner.name)
                    yield response
                    return
                finally:
                    await response.aclose()

    async def session(self, client: httpx.AsyncClient | None = None) -> str:
        """The cookie of our session there. Of all who find none one begins it, and the others wait. Raises as `sign_in`."""
        while (found := self._sessions.begin(self.partner)) is not None:
            if isinstance(found, str):
                return found
            await asyncio.wrap_future(found)
        failed = None
        try:
            return await self.sign_in(client)
        except WatchfloorError as error:
            failed = error
            raise
        finally:
            self._sessions.begun(self.partner, failed)

    async def sign_in(self, client: httpx.AsyncClient | None = None) -> str:
        """Begin a session; its cookie. Raises Unavailable with the partner's own words."""
        async with contextlib.AsyncExitStack() as stack:
            asked = client if client is not None else await stack.enter_async_context(self._client())
            login = self.partner.login
            body = msgspec.json.encode({"name": login.user, "password": login.password})
            response = await self._send(
                asked, "POST", "/session", {}, {"Content-Type": "application/json"}, body
            )
            try:
                data = await self._whole(response)
            finally:
                await response.aclose()
            if not response.is_success:
                raise refusal(response.status_code, data, self.partner.name)
            for said in response.headers.get_list("set-cookie"):
                cookie = said.partition(";")[0].strip()
                if cookie.startswith(_COOKIES) and len(cookie) <= _LONGEST_COOKIE and cookie.isprintable():
                    self._sessions.keep(self.partner, cookie)
                    return cookie
            raise other_version()

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(
            verify=trust(self.partner.login.authority),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(self._reach.within_s, connect=_CONNECT_S),
        ) as client:
            yield client

    async def _send(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> httpx.Response:
        address, partner = address_of(self.partner), self.partner
        ip = await looked_up(partner, self._reach)
        asked = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        pinned = written("https", str(ip), address.port, asked, usual=_PORT)
        said = {**_PLAIN, **headers, "Host": partner.address.split("/", 3)[2], "Origin": partner.address}
        request = client.build_request(
            method, pinned, content=body, headers=said, extensions={"sni_hostname": address.host}
        )
        try:
            async with asyncio.timeout(self._reach.within_s):
                return await client.send(request, stream=True)
        except TimeoutError as error:
            raise away(f"{partner.name} does not answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise unreached(partner.name, error) from error

    async def _whole(self, response: httpx.Response) -> bytes:
        said = bytearray()
        try:
            async with asyncio.timeout(self._reach.within_s):
                async for part in response.aiter_raw():
                    said += part
                    if len(said) > _LONGEST:
                        raise Unavailable(
                            f"{self.partner.name} answers more than a center has to say.", reason="too_large"
                        )
        except (httpx.HTTPError, httpx.StreamError, OSError, TimeoutError) as error:
            raise away(f"{self.partner.name} does not answer in time.") from error
        return bytes(said)


def away(said: str) -> Unavailable:
    """The partner is not there."""
    return Unavailable(said, reason="no_answer", next_step="Try again, or ask its people whether it runs.")


def unreached(name: str, error: Exception) -> Unavailable:
    """Why nothing came of it: who answers is not who we believe, or nobody does."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return Unavailable(
                f"What answers for {name} shows a certificate that we have no reason to believe.",
                reason="certificate",
                next_step="Enter the authority that signed it at the site, or have it signed by a known one.",
            )
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, httpx.TimeoutException):
        return away(f"{name} does not answer in time.")
    return away(f"{name} does not answer.")
