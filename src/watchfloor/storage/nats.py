"""The bus: news between processes (best effort), and the intake buffer that keeps what devices were promised.

Nothing is true because a message said so: whoever hears news looks into the database, and polls it besides. What the
messages mean is the slices' business.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.client import JetStreamContext

from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Full, TooLarge, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.kit.portions import portions
from watchfloor.storage import streams
from watchfloor.storage.bundle import Bundles, alone, opened
from watchfloor.storage.handling import ACK_WAIT_S, Handles, Handling, Quarantines, said_of
from watchfloor.storage.streams import INTAKE, SENSORS, SENSORS_SUBJECTS, TRANSIENT, Waiting
from watchfloor.storage.streams import Delivery as Delivery

T = TypeVar("T")
_TRIES: Final = 4
_CALL_S: Final = 2.0
_PAUSE_S: Final = 0.1
# What is handled in one transaction: some 4,000 plate reads. Ten times as many took the database longer for each of them.
_AT_ONCE_BYTES: Final = 320 * 1024
# Batches begin so far apart, and small ones twice as far as the last took: of single reads, hundreds a second, a few dozen share a
# transaction, and where the machine is busy more do. The first after a rest waits for none.
_ROUNDS_S: Final = 0.03
_LONGEST_ROUND_S: Final = 0.25
_SMALL_BYTES: Final = 64 * 1024
# JetStream's error codes for "there is no room": messages, bytes, a message over the limit, storage of the server.
_NO_ROOM: Final = frozenset({10023, 10047, 10076, 10077, 10167})
_TOO_LARGE: Final = 10054
_TRANSIENT = (OSError, TimeoutError, nats.errors.Error)


class Bus:
    """A connection to the bus that comes back by itself."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._opening: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._log = logger("bus")
        self.bundles = Bundles(self.put, clock)
        """Where many put single messages at once."""

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        user: str,
        password: str,
        name: str,
        clock: Clock | None = None,
        wait_s: float = 10.0,
    ) -> Bus:
        """Connect; `name` is what the server shows of us.

        Waits up to `wait_s` and then raises Unavailable; with 0 it goes on trying while the caller works without it.
        """
        bus = cls(Client(), clock or SystemClock())
        bus._opening = asyncio.create_task(bus._open(url, user, password, name), name="bus: open")
        if wait_s > 0:
            try:
                await asyncio.wait_for(asyncio.shield(bus._opening), wait_s)
            except TimeoutError as error:
                await bus.close()
                raise _away() from error
        return bus

    async def close(self) -> None:
        """Send what waits and end."""
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        with contextlib.suppress(*_TRANSIENT):
            if self._client.is_connected:
                await self._client.flush(timeout=1)
        # uvloop's transport says so itself when the other end has closed it; a client that never connected asserts that it did.
        with contextlib.suppress(*_TRANSIENT, RuntimeError, AssertionError):
            await self._client.close()

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    def tell(self, subject: str, payload: bytes) -> bool:
        """Publish news, best effort: False, and nothing sent, when the bus is away. Never waits for it."""
        if not self._client.is_connected:
            return False

        async def publish() -> None:
            with contextlib.suppress(*_TRANSIENT):
                await self._client.publish(subject, payload)

        task = asyncio.create_task(publish())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return True

    async def hear(
        self, subject: str, heard: Callable[[str, bytes], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        """Call `heard(subject, payload)` for news on `subject` (`*` and `>` match); the result ends the subscription.

        It survives the loss of the connection; what was said meanwhile is not repeated. Raises Unavailable before the
        first connection.
        """

        async def take(message: Msg) -> None:
            await heard(message.subject, message.data)

        try:
            subscription = await self._client.subscribe(subject, cb=take)
        except _TRANSIENT as error:
            raise _away() from error

        async def stop() -> None:
            with contextlib.suppress(*_TRANSIENT):
                await subscription.unsubscribe()

        return stop

    async def ensure_intake(self, *, max_mb: int, replicas: int = 1) -> None:
        """Make the intake buffer, or bring it to this size, and the one in memory beside it (`streams`).

        Raises Unavailable when the bus does not answer or has no room for them.
        """

        async def ensure(js: JetStreamContext) -> None:
            await streams.ensure(js, streams.intake(max_mb, replicas))
            await streams.ensure(js, streams.transient())

        try:
            await self._retried(ensure)
        except nats.js.errors.APIError as error:
            raise Unavailable(
                f"The bus does not make an intake buffer of {max_mb} MB with {streams.TRANSIENT_MB} MB in memory beside it:"
                f" {error.description}.",
                next_step="Give nats-server more room, or lower nats.intake_max_mb.",
            ) from error

    async def ensure_sensors(self, *consumers: tuple[str, str]) -> None:
        """Make what keeps what devices send over MQTT, and its consumers (name, subject): what nobody takes is not kept.

        Raises Unavailable.
        """

        async def ensure(js: JetStreamContext) -> None:
            await streams.ensure(js, streams.sensors())
            await streams.ensure(js, streams.retained())
            for name, subject in consumers:
                await js.add_consumer(SENSORS, _consumes(name, subject))

        try:
            await self._retried(ensure)
        except nats.js.errors.APIError as error:
            raise Unavailable(
                f"The bus does not keep what sensors send: {error.description}.",
                next_step="Give nats-server more room.",
            ) from error

    @property
    def comings(self) -> int:
        """How often it came back: what the bus had before may be gone."""
        return int(self._client.stats["reconnects"])

    async def answer(self, subject: str, answers: Callable[[bytes], Awaitable[bytes | None]]) -> None:
        """Answer what is asked on `subject` from now on, several questions at a time; of several who do, one answers each.

        Raises Unavailable before the first connection.
        """

        async def one(message: Msg) -> None:
            said = await answers(message.data)
            if said is not None:
                with contextlib.suppress(*_TRANSIENT):
                    await message.respond(said)

        async def take(message: Msg) -> None:
            task = asyncio.create_task(one(message))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

        if not self._client.is_connected:
            raise _away()
        try:
            await self._client.subscribe(subject, queue="answers", cb=take)
            await self._client.flush(timeout=int(_CALL_S))
        except _TRANSIENT as error:
            raise _away() from error

    async def ask(self, subject: str, payload: bytes) -> bytes:
        """The answer of whoever answers there. Raises Unavailable."""
        try:
            return (await self._client.request(subject, payload, timeout=_CALL_S)).data
        except _TRANSIENT as error:
            raise _away() from error

    async def put(self, subject: str, payload: bytes, *, message_id: str) -> bool:
        """Put one message into the intake buffer; when this returns it is on disk there.

        The same `message_id` within two minutes is kept once: True when it was there already. Raises Full when there
        is no room (nothing was taken), Unavailable when nobody answers (it may have been taken: send it again),
        TooLarge above the server's limit.
        """
        if len(payload) > self._client.max_payload > 0:
            raise TooLarge(
                f"{len(payload)} bytes are more than the bus takes at once ({self._client.max_payload})."
            )
        headers = {"Nats-Msg-Id": message_id}

        async def publish(js: JetStreamContext) -> bool:
            return bool((await js.publish(subject, payload, headers=headers)).duplicate)

        try:
            return await self._retried(publish)
        except nats.js.errors.APIError as error:
            if error.err_code in _NO_ROOM:
                raise Full(
                    "The intake buffer is full; nothing was taken.", reason="intake_full", retry_after_s=5
                ) from error
            if error.err_code == _TOO_LARGE:
                raise TooLarge("The message is larger than the intake buffer takes at once.") from error
            raise _away() from error

    async def waiting(self, stream: str = INTAKE, subject: str | None = None) -> Waiting:
        """What waits in the buffer, or another stream, or the last on a subject of it; nothing before there is one. Raises Unavailable."""

        async def look(js: JetStreamContext) -> Waiting:
            if subject is not None:
                return Waiting(1, 0, (await js.get_last_msg(stream, subject)).time)
            state = (await js.stream_info(stream)).state
            if not state.messages:
                return Waiting()
            first = await js.get_msg(stream, seq=state.first_seq)
            return Waiting(state.messages, state.bytes, first.time)

        try:
            return await self._retried(look)
        except nats.js.errors.NotFoundError:  # no buffer, or its first message was taken meanwhile
            return Waiting()
        except nats.js.errors.APIError as error:
            raise _away() from error

    async def take(
        self, name: str, subject: str, handle: Handles, quarantine: Quarantines, *, batch: int = 200
    ) -> None:
        """Handle messages on `subject` until cancelled, as the durable consumer `name`; each is acknowledged by itself.

        Subjects of different consumers must not overlap. A message that failed five times goes to `quarantine` and is
        then acknowledged; when either is Unavailable, Full or Crossed the batch waits, whatever time that takes.
        """
        # A bundle is ours alone: a device that wrote one would speak for others.
        opens = alone if _of_sensors(subject) else opened
        taken = Handling(handle, quarantine, self._tried, self.put, self._clock, opens)
        while True:
            subscription = None
            try:
                subscription = await self._consumer(name, subject)
                while True:
                    fetched = await self._fetch(subscription, batch)
                    began = self._clock.monotonic()
                    for messages in portions(fetched, _weight, _AT_ONCE_BYTES):
                        await taken.take(messages)
                    if fetched and (rest := _rest(fetched, self._clock.monotonic() - began)) > 0:
                        await self._clock.sleep(rest)
            except _TRANSIENT as error:
                self._log.warning("intake interrupted", consumer=name, error=type(error).__name__)
                await self._clock.sleep(0.5)
            finally:
                if subscription is not None:
                    with contextlib.suppress(*_TRANSIENT):
                        await subscription.unsubscribe()

    async def _consumer(self, name: str, subject: str) -> JetStreamContext.PullSubscription:
        js, stream = self._client.jetstream(timeout=_CALL_S), INTAKE
        if streams.is_transient(subject):
            stream = TRANSIENT
            await streams.ensure(js, streams.transient())  # what is in memory goes with its server
        if _of_sensors(subject):
            stream = SENSORS
            await streams.ensure(js, streams.sensors())  # whoever comes first makes it, and the server may
        return await js.pull_subscribe(subject, durable=name, stream=stream, config=_consumes(name, subject))

    @staticmethod
    async def _fetch(subscription: JetStreamContext.PullSubscription, batch: int) -> list[Msg]:
        try:
            return await subscription.fetch(batch, timeout=2.0)
        except TimeoutError:
            return []

    async def _tried(self, batch: Sequence[Delivery], act: Callable[[], Awaitable[None]]) -> str | None:
        try:
            await act()
        except Exception as error:  # a loop over devices: one bad message must not stop the others
            subject = batch[0].subject
            self._log.warning(
                "intake refused", subject=subject, messages=len(batch), error=type(error).__name__
            )
            return said_of(error, subject)
        return None

    async def _retried(self, call: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        """JetStream calls are lost while a server starts or changes leader: each is tried a few times."""
        last: Exception | None = None
        for number in range(_TRIES):
            if number:
                await self._clock.sleep(_PAUSE_S * 2**number)
            if not self._client.is_connected:
                continue
            try:
                return await call(self._client.jetstream(timeout=_CALL_S))
            except nats.js.errors.ServiceUnavailableError as error:
                if error.err_code in _NO_ROOM:
                    raise
                last = error
            except nats.js.errors.NoStreamResponseError as error:
                last = error
            except nats.js.errors.APIError:
                raise
            except _TRANSIENT as error:
                last = error
        raise _away() from last

    async def _open(self, url: str, user: str, password: str, name: str) -> None:
        async def quiet(_: Exception) -> None:
            return None

        while True:
            try:
                await self._client.connect(
                    url,
                    user=user,
                    password=password,
                    name=name,
                    connect_timeout=2,
                    reconnect_time_wait=0.25,  # type: ignore[arg-type]  # seconds; a fraction works
                    max_reconnect_attempts=-1,
                    ping_interval=5,
                    error_cb=quiet,
                )
            except _TRANSIENT:
                await self._clock.sleep(0.25)
            else:
                return


def _consumes(name: str, subject: str) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=name,
        filter_subject=subject,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_deliver=-1,
        max_ack_pending=5000,
    )


def _of_sensors(subject: str) -> bool:
    return subject.startswith(f"{SENSORS_SUBJECTS}.")


def _rest(fetched: Sequence[Msg], took_s: float) -> float:
    """How many seconds more are to pass before the next batch begins."""
    small = sum(map(_weight, fetched)) < _SMALL_BYTES
    return max(_ROUNDS_S, min(2 * took_s, _LONGEST_ROUND_S) if small else 0.0) - took_s


def _weight(message: Msg) -> int:
    return len(message.data)


def _away() -> Unavailable:
    return Unavailable(
        "The bus does not answer at present.",
        reason="bus_away",
        next_step="It is started again by itself; if this lasts, run `watchfloor check`.",
        retry_after_s=2,
    )
