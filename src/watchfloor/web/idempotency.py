"""An act with an `Idempotency-Key` is done once: the same key gets the first answer again, for 24 hours.

That it was done is written in the transaction that does it (`Door.open`), the answer afterwards: whoever falls between the two
loses the answer, never does it twice. It holds for signed-in people's POSTs; devices are idempotent by their source keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchfloor.governance.actors import process_actor
from watchfloor.governance.asker import ACT
from watchfloor.governance.door import Door
from watchfloor.governance.model import Act, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.envelope import Envelope, Unreadable
from watchfloor.kit.errors import Conflict, Invalid, Unavailable, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.web import store
from watchfloor.web.errors import MEDIA_TYPE, problem

_KEY: Final = re.compile(rb"[A-Za-z0-9_.:-]{8,128}")
# Signing in and accepting an invitation have no session yet, and set a cookie that must not be kept, as a workstation's. Files are taken as
# a stream; looking at one twice changes nothing. A search is a look: each passes the door, and none is answered from memory.
WITHOUT: Final = (
    "/session", "/invitations/accept", "/session/second-factor", "/imports", "/camera-imports",
    "/street-maps", "/plate-searches", "/scene-searches", "/workstations",
    "/staff-plates/own",  # a body so short that its hash could be undone; said twice it is said once
)  # fmt: skip
_LARGEST_KEPT: Final = 256 * 1024
_log = logger("web")
Who = Callable[[Request], Awaitable[Actor]]


class Once:
    """Pure ASGI middleware around the routes."""

    def __init__(self, app: ASGIApp, door: Door, clock: Clock, who: Who, envelope: Envelope) -> None:
        """Answers are kept sealed: there are tokens and links in them that stand nowhere else in the database."""
        self._app = app
        self._envelope = envelope
        self._door = door
        self._clock = clock
        self._who = who
        self._keeping: dict[tuple[UUID, str], asyncio.Event] = {}
        """Acts whose answer is given and not kept yet: who asks at that moment waits for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = (
            dict(scope.get("headers", ())) if scope["type"] == "http" and scope["method"] == "POST" else {}
        )
        key = headers.get(b"idempotency-key")
        if key is None or b"authorization" in headers or scope["path"].endswith(WITHOUT):
            await self._app(scope, receive, send)
            return
        try:
            if not _KEY.fullmatch(key):
                raise Invalid(
                    "An Idempotency-Key has 8 to 128 letters, digits, dots, dashes and colons.",
                    reason="idempotency_key",
                )
            request = Request(scope, receive)
            actor = await self._who(request)
            body = await request.body()
        except WatchfloorError as error:
            await problem(error, str(scope.get("wf_request_id", "")))(scope, receive, send)
            return
        now = self._clock.now()
        await self._once(scope, body, send, actor, Act(key.decode(), uuid7(now)))

    async def _once(self, scope: Scope, body: bytes, send: Send, actor: Actor, act: Act) -> None:
        digest = hashlib.sha256(scope["path"].encode() + b"\0" + body).digest()
        ask = Ask(process_actor(actor.agency, "serve"), Need.MACHINERY_RUN)
        where = (actor.id, act.key)
        if (keeping := self._keeping.get(where)) is not None:
            await keeping.wait()
        try:
            async with self._door.open(ask) as tx:
                earlier = await store.claim_key(tx, actor.id, act, scope["path"], digest)
            if earlier is not None:
                await self._again(earlier, digest, scope, send, _about(actor.id, act.key))
                return
        except WatchfloorError as error:
            await problem(error, str(scope.get("wf_request_id", "")))(scope, _empty, send)
            return
        scope[ACT] = act
        try:
            status, kept = await self._run(scope, body, send, where)
            await self._keep(ask, act, actor.id, status, kept)
        finally:
            if (keeping := self._keeping.pop(where, None)) is not None:
                keeping.set()

    async def _keep(self, ask: Ask, act: Act, by: UUID, status: int, kept: bytes) -> None:
        try:
            async with self._door.open(ask) as tx:
                # A refusal or failure that left nothing behind: the same key may try again.
                free = status >= 300 and await store.release_key(tx, by, act)
                if not free and status < 500 and len(kept) <= _LARGEST_KEPT:
                    sealed = self._envelope.seal(kept, _about(by, act.key))
                    await store.keep_answer(tx, by, act, status, sealed)
        except Unavailable as away:
            # The caller has its answer. Should it ask again, it is told that this was done.
            _log.warning("an answer was not kept", reason=away.reason)

    async def _again(
        self, earlier: store.Earlier, digest: bytes, scope: Scope, send: Send, about: bytes
    ) -> None:
        if earlier.request_sha256 != digest:
            raise Conflict("This Idempotency-Key was used for another request.", reason="idempotency_key")
        body = self._answer(earlier, about)
        if body is None and (earlier.done or earlier.status is not None):
            raise Conflict(
                "This was dealt with, but the answer was lost. It is not done a second time.",
                reason="answer_lost",
                next_step="Look at it anew to see what came of it.",
            )
        if body is None or earlier.status is None:
            raise Conflict(
                "The same request is being done at this moment.",
                reason="in_progress",
                next_step="Ask again in a second.",
            )
        media_type = MEDIA_TYPE if earlier.status >= 400 else "application/json"
        answer = Response(body, earlier.status, {"idempotency-replayed": "true"}, media_type)
        await answer(scope, _empty, send)

    def _answer(self, earlier: store.Earlier, about: bytes) -> bytes | None:
        """The kept answer; None when there is none, or none that opens: the state was restored beside other keys."""
        with contextlib.suppress(Unreadable):
            return self._envelope.open(earlier.body, about) if earlier.body is not None else None
        return None

    async def _run(self, scope: Scope, body: bytes, send: Send, where: tuple[UUID, str]) -> tuple[int, bytes]:
        status, kept = 500, bytearray()
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return {"type": "http.disconnect"}
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                kept.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    self._keeping[where] = asyncio.Event()
            await send(message)

        await self._app(scope, receive, answered)
        return status, bytes(kept)


def _about(by: UUID, key: str) -> bytes:
    """What a kept answer is bound to: it opens for nobody else, and for no other act."""
    return by.bytes + key.encode()


async def _empty() -> Message:
    return {"type": "http.disconnect"}
