"""What every request passes: a number, its Origin checked, a bounded body, security headers. It knows no route."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Kind, TooLarge, Unavailable, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.web.counts import Counts
from watchfloor.web.errors import bug, kind_of, problem

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Nobody waits for an answer. Where many give up at once, a word about each would cost more than what they asked for.
_HUNG_UP: Final = 499
LARGEST_BODY: Final = 4 * 1024 * 1024
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(self)"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self';"
        b" connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
)
_log = logger("web")


class WrongOrigin(WatchfloorError):
    """A browser sent this from another site's page."""

    kind = Kind.REFUSED


class Guard:
    """Pure ASGI middleware; `larger` names paths (by suffix) that may carry larger bodies, with their limit."""

    def __init__(
        self,
        app: ASGIApp,
        clock: Clock,
        counts: Counts,
        larger: Sequence[tuple[str, int]],
        public_url: str,
    ) -> None:
        self._app = app
        self._clock = clock
        self._counts = counts
        self._larger = larger
        self._public = public_url.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = uuid7(self._clock.now()).hex
        scope["wf_request_id"] = request_id
        headers = {
            name: value
            for name, value in scope["headers"]
            if name in (b"origin", b"host", b"content-length", b"authorization")
        }
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers)
        else:
            await self._request(scope, receive, send, headers, request_id)

    async def _socket(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        if not self._same_origin(scope, headers, must_have=True):
            await receive()
            await send({"type": "websocket.close", "code": 4003, "reason": "wrong origin"})
            return
        await self._app(scope, receive, send)

    async def _request(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], request_id: str
    ) -> None:
        started = self._clock.monotonic()
        status, whole = 500, False

        async def answered(message: Message) -> None:
            nonlocal status, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)
            whole = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            refused = self._refusal(scope, headers)
            if refused is not None:
                await problem(refused, request_id)(scope, receive, answered)
            else:
                await self._app(scope, _bounded(receive, self._limit(scope)), answered)
        except TooLarge as error:
            await problem(error, request_id)(scope, receive, answered)
        except ClientDisconnect:
            status = _HUNG_UP
        except asyncio.CancelledError:
            if whole:  # The server ends and waits no longer. What is done may be done: an act's key tells whoever asks again.
                return  # the caller has the answer; what was left is to keep it, and that an act was done is kept with it
            if status != 500:
                raise
            await problem(Unavailable("The server is ending.", reason="ending", retry_after_s=2), request_id)(
                scope, receive, answered
            )
        except Exception as error:  # the edge: a bug is logged whole, and the caller gets its number
            _log.exception("bug", request_id=request_id, error=type(error).__name__)
            if status == 500:
                await bug(request_id)(scope, receive, answered)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._counts.request(route, status, kind_of(scope, status), self._clock.monotonic() - started)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> WatchfloorError | None:
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limit(scope):
            return TooLarge(f"At most {self._limit(scope) // 1024} kB are taken at once.")
        # A device has no cookie, so no page can act in its name.
        if (
            scope["method"] not in _SAFE
            and b"authorization" not in headers
            and not self._same_origin(scope, headers, must_have=False)
        ):
            return WrongOrigin("This was sent from a page of another site.", reason="wrong_origin")
        return None

    def _same_origin(self, scope: Scope, headers: dict[bytes, bytes], *, must_have: bool) -> bool:
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not origin:
            return not must_have or b"authorization" in headers
        host = headers.get(b"host", b"").decode("latin-1")
        return origin.rstrip("/") == self._public or urlsplit(origin).netloc == host

    def _limit(self, scope: Scope) -> int:
        return next((limit for suffix, limit in self._larger if scope["path"].endswith(suffix)), LARGEST_BODY)


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge(f"At most {limit // 1024} kB are taken at once.")
        return message

    return bounded
