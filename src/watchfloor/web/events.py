"""The events socket: lists that stay current, with resume. Nothing is true because it said so: the tables are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from watchfloor.detections.envelope import InHand, NotNews, heard
from watchfloor.governance.door import Door
from watchfloor.governance.model import Actor
from watchfloor.identity.api import session
from watchfloor.identity.sign_in import actor_of
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Unauthenticated, Unavailable, WatchfloorError
from watchfloor.web import hands
from watchfloor.web.feed import Feed, Message, Topic, Watcher
from watchfloor.web.hands import Hands, Share

HEARTBEAT_S: Final = 5.0
POLL_S: Final = 2.0
SIGNED_OUT: Final = 4001
TOO_SLOW: Final = 4008
MOST_SUBSCRIPTIONS: Final = 32
MOST_TOGETHER: Final = 250
NOT_UNDERSTOOD: Final = (
    "Not understood: a message is {op, id, topic} in JSON with sub or unsub as its op, or {op: hands, has}."
)


class Feeds:
    """The feeds of this process; `run` keeps them current."""

    def __init__(
        self, door: Door, clock: Clock, topics: Mapping[str, Topic], share: Share | None = None
    ) -> None:
        self._door = door
        self._clock = clock
        self.hands = Hands(clock, self.stir, share)
        self.topics = {**topics, hands.TOPIC: hands.topic(self.hands)}
        self._feeds: dict[tuple[object, ...], Feed] = {}
        self._epoch = int(clock.now().timestamp() * 1000)
        self._stirred: set[str] = set()
        self._wake = asyncio.Event()

    def hear(self, subject: str, message: bytes) -> None:
        """News came over the bus."""
        if not subject.endswith(f".{hands.SHARED}"):
            self.stir(".".join(subject.split(".")[3:5]))
            return
        with contextlib.suppress(NotNews):
            told = heard(message)
            if isinstance(told.news, InHand):
                self.hands.heard(told.agency, told.news)

    def stir(self, subject: str) -> None:
        """News came (`slice.noun`): the lists it touches are loaded again at once."""
        self._stirred.add(subject)
        self._wake.set()

    async def join(self, actor: Actor, name: str, after: tuple[int, int] | None) -> tuple[Feed, Watcher]:
        """Subscribe. Raises NotFound for an unknown topic, Refused, Unavailable."""
        base, _, key = name.partition(":")
        topic = self.topics.get(base)
        if topic is None:
            raise NotFound(f"There is no topic {name[:60]!r}.", next_step=f"Known: {', '.join(self.topics)}.")
        watcher = Watcher(await self._door.grant(topic.ask(actor, key)))
        # What is the asker's own is loaded by their roles: those of before may still stand there, on a socket left open.
        where = (actor.agency, base, key, (actor.id, actor.roles) if topic.personal else None)
        feed = self._feeds.get(where)
        if feed is None:
            # An epoch of its own: a list that was let go and begun again counts from zero.
            self._epoch += 1
            feed = self._feeds[where] = Feed(topic, actor, key, self._epoch)
            feed.looked_at = self._clock.monotonic()
        feed.joining += 1
        try:
            async with self._door.under(watcher.grant) as tx:
                await feed.join(watcher, after, tx)
        except WatchfloorError:
            await self.leave(feed, watcher)
            raise
        finally:
            feed.joining -= 1
        return feed, watcher

    def subscriptions(self) -> Mapping[str, int]:
        """How many watch each list, by topic."""
        counts = dict.fromkeys(self.topics, 0)
        for feed in self._feeds.values():
            counts[feed.topic.name] += len(feed.watchers)
        return counts

    async def leave(self, feed: Feed, watcher: Watcher) -> None:
        """End a subscription."""
        feed.watchers.discard(watcher)
        with contextlib.suppress(Unavailable):
            await watcher.grant.close({})

    async def run(self) -> None:
        """Load what news touched at once, and everything that is watched every 2 s whatever news there is, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._quiet_s()):
                    await self._wake.wait()
            self._wake.clear()
            stirred, self._stirred = self._stirred, set()
            now = self._clock.monotonic()
            for where, feed in list(self._feeds.items()):
                if not feed.watchers and not feed.joining:
                    del self._feeds[where]
                elif now >= feed.looked_at + POLL_S or any(news in stirred for news in feed.topic.news):
                    feed.looked_at = now
                    await self._reload(feed)

    def _quiet_s(self) -> float:
        """How long nothing is due. News of other lists must not put off a list whose own news was lost."""
        now = self._clock.monotonic()
        due = min((feed.looked_at for feed in self._feeds.values()), default=now) + POLL_S
        return max(0.0, due - now)

    async def _reload(self, feed: Feed) -> None:
        grant = next((watcher.grant for watcher in feed.watchers if not watcher.grant.ended.is_set()), None)
        if grant is None:
            return
        with contextlib.suppress(WatchfloorError):
            async with self._door.under(grant) as tx:
                await feed.reload(tx)


class Socket:
    """One person's events connection."""

    def __init__(self, feeds: Feeds, clock: Clock, socket: WebSocket, actor: Actor) -> None:
        self._feeds = feeds
        self._clock = clock
        self._socket = socket
        self._actor = actor
        self._joined: dict[str, tuple[Feed, Watcher, asyncio.Task[None]]] = {}
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve it until it closes."""
        beat = asyncio.create_task(self._beat())
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                await self._heard(message.get("text") or "")  # bytes are no message of ours
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            beat.cancel()
            self._feeds.hands.gone(self)
            for key in list(self._joined):
                await self._drop(key)

    async def _heard(self, text: str) -> None:
        try:
            said = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):  # msgspec gives up on what is nested too deeply
            said = {}
        match said:
            case {"id": key, "op": "unsub"}:
                await self._drop(str(key)[:64])
            case {"id": key, "op": "sub"}:
                together = said.get("together") is True
                await self._subscribe(
                    str(key)[:64], str(said.get("topic")), said.get("after"), together=together
                )
            case {"op": "hands", "has": list(things)}:
                await self._in_hand(things)
            case _:
                await self._deny(None, Invalid(NOT_UNDERSTOOD))

    async def _in_hand(self, things: Sequence[object]) -> None:
        """Whoever shows their hands sees those of the others: the subscription's grant is the leave for both."""
        follows = any(
            feed.topic.name == hands.TOPIC and not watcher.grant.ended.is_set()
            for feed, watcher, _ in self._joined.values()
        )
        try:
            if not follows:
                raise Conflict(
                    "Hands are shown by whoever follows those of the others.",
                    reason="not_following",
                    next_step=f"Subscribe to the topic {hands.TOPIC} first.",
                )
            self._feeds.hands.say(self, self._actor, things)
        except WatchfloorError as error:
            self._feeds.hands.gone(self)
            await self._deny(None, error)

    async def _subscribe(self, key: str, topic: str, after: object, *, together: bool) -> None:
        await self._drop(key)
        try:
            if len(self._joined) >= MOST_SUBSCRIPTIONS:
                raise Invalid(f"At most {MOST_SUBSCRIPTIONS} subscriptions on one connection.")
            feed, watcher = await self._feeds.join(self._actor, topic, _after(after))
        except WatchfloorError as error:
            await self._deny(key, error)
            return
        self._joined[key] = (feed, watcher, asyncio.create_task(self._pump(key, watcher, together=together)))

    async def _deny(self, key: str | None, error: WatchfloorError) -> None:
        await self._send({
            "op": "denied", "id": key, "reason": error.reason, "detail": error.detail, "next_step": error.next_step,
        })  # fmt: skip

    async def _pump(self, key: str, watcher: Watcher, *, together: bool) -> None:
        ended: asyncio.Task[Any] = asyncio.create_task(watcher.grant.ended.wait())
        following: asyncio.Task[Any] = ended
        try:
            while True:
                following = asyncio.create_task(watcher.next())
                await asyncio.wait({following, ended}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    following.cancel()
                    await self._send({
                        "op": "denied", "id": key, "reason": "ended", "detail": watcher.grant.end_reason, "next_step": None,
                    })  # fmt: skip
                    return
                if watcher.behind:
                    await self._socket.close(TOO_SLOW)
                    return
                await self._send_all(key, following.result(), together=together)
        except (RuntimeError, WebSocketDisconnect):
            pass
        finally:
            ended.cancel()
            following.cancel()

    async def _send_all(self, key: str, messages: Sequence[Message], *, together: bool) -> None:
        if not together or len(messages) == 1:
            for message in messages:
                await self._send(message | {"id": key})
            return
        for start in range(0, len(messages), MOST_TOGETHER):
            await self._send({"op": "many", "id": key, "messages": messages[start : start + MOST_TOGETHER]})

    async def _drop(self, key: str) -> None:
        joined = self._joined.pop(key, None)
        if joined is not None:
            joined[2].cancel()
            await self._feeds.leave(joined[0], joined[1])

    async def _beat(self) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._send({"op": "beat", "at": rfc3339(self._clock.now())})
                await self._clock.sleep(HEARTBEAT_S)

    async def _send(self, message: Message) -> None:
        async with self._sending:
            await self._socket.send_text(msgspec.json.encode(message, enc_hook=str).decode())


def _after(given: object) -> tuple[int, int] | None:
    match given:
        case [int(epoch), int(seq)]:
            return epoch, seq
        case _:
            return None


async def serve_events(socket: WebSocket, feeds: Feeds, clock: Clock) -> None:
    """Accept the connection of a signed-in person and serve it."""
    await socket.accept()
    try:
        actor = actor_of(await session(socket))
    except Unauthenticated:
        await socket.close(SIGNED_OUT)
        return
    except Unavailable:
        await socket.close(1013)
        return
    await Socket(feeds, clock, socket, actor).run()
