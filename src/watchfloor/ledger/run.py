"""The process `ledger`: sequences and signs for as long as it runs, hands checkpoints outside, says what stops it.

It holds the signing key alone. Without PostgreSQL it waits and tries again; when the log is damaged it signs nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout, write_private
from watchfloor.kit.clock import Clock, SystemClock, rfc3339
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.kit.running import beside
from watchfloor.ledger import store
from watchfloor.ledger.files import CHECKPOINT, LogFiles
from watchfloor.ledger.hold_outside import FolderHolder, Holder, OutsideKeeping, holders_of
from watchfloor.ledger.key import Signer, signer_of, sole_user
from watchfloor.ledger.restored import Restore
from watchfloor.ledger.sequence import Claim, Sequencer
from watchfloor.settings import Settings
from watchfloor.storage.session import Session

PROCESS: Final = "ledger"
STATE: Final = "ledger.state.json"
_SIGN_EVERY_S: Final = 1.0
_POLL_S: Final = 0.5
_LAST_HANDING_S: Final = 10.0
_LONGEST_RETRY_S: Final = 10.0
_log = logger("ledger")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the ledger works with."""

    layout: Layout
    dsn: str
    files: LogFiles
    signer: Signer
    holders: Sequence[Holder]
    clock: Clock


async def run(
    settings: Settings, endpoints: Endpoints, stop: asyncio.Event, *, clock: Clock | None = None
) -> None:
    """Run until `stop` is set; what waits then is still sequenced, signed and handed outside.

    Raises Invalid when key, name or holders are not what they should be, AnotherLedger when one runs already.
    """
    layout = endpoints.layout
    begun = any((layout.ledger / name).exists() for name in (CHECKPOINT, "key.pub"))
    key = layout.keys / "ledger.key"
    signer = signer_of(key, settings.ledger.log_name, may_make=not begun)
    holders = holders_of(settings.ledger.checkpoint_dirs, settings.ledger.checkpoint_webhooks, layout.data)
    parts = Parts(
        layout, endpoints.dsn("wf_ledger"), LogFiles(layout.ledger), signer, holders, clock or SystemClock()
    )
    layout.ready(PROCESS).unlink(missing_ok=True)
    with sole_user(key):
        state = State(layout.runtime / STATE, parts.clock)
        outside = OutsideKeeping(
            holders,
            lambda: _published(layout.ledger),
            parts.clock,
            every_s=settings.ledger.checkpoint_every_s,
            told=lambda: state.holders_changed(outside),
        )
        async with beside(outside.run()):
            await _keep_sequencing(parts, state, stop)
        with suppress(TimeoutError):
            await asyncio.wait_for(outside.once(), _LAST_HANDING_S)
        layout.ready(PROCESS).unlink(missing_ok=True)


class State:
    """What `watchfloor check` reads of a running ledger: what keeps it from its work, and how it stands outside."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._trouble: str | None = None
        self._since: str | None = None
        self._holders: list[dict[str, object]] = []
        self._write()

    def trouble(self, sentence: str | None) -> bool:
        """Set or clear what is wrong; whether that is news."""
        if sentence == self._trouble:
            return False
        self._since = None if sentence is None else self._since or rfc3339(self._clock.now())
        self._trouble = sentence
        self._write()
        return True

    def holders_changed(self, outside: OutsideKeeping) -> None:
        """Say how it stands with the holders now."""
        self._holders = [asdict(holding) for holding in outside.stands]
        for holding in outside.stands:
            if holding.trouble:
                _log.warning("checkpoint not held outside", holder=holding.holder, why=holding.trouble)
        self._write()

    def _write(self) -> None:
        said = {"trouble": self._trouble, "since": self._since, "holders": self._holders}
        with suppress(OSError):  # a full disk must not stop the log's work over a note about it
            write_private(self._path, json.dumps(said) + "\n")


async def _keep_sequencing(parts: Parts, state: State, stop: asyncio.Event) -> None:
    failed = 0
    while not stop.is_set():
        try:
            async with AsyncExitStack() as stack:
                session = await Session.open(parts.dsn, name=PROCESS)
                stack.push_async_callback(session.close)
                sequencer = await Sequencer.take_up(
                    session,
                    parts.files,
                    parts.signer,
                    parts.clock,
                    held=await _held(parts, await store.restores(session)),
                )
                _log.info(
                    "taken up", log=parts.signer.name, size=sequencer.size, key=parts.signer.key.key_id.hex()
                )
                failed = 0
                await _sequence(parts, sequencer, state, stop)
        except (WatchfloorError, OSError) as error:
            sentence = (
                error.detail if isinstance(error, WatchfloorError) else f"The disk does not take it: {error}."
            )
            if state.trouble(sentence):
                _log.error(
                    "the log is not being signed", why=sentence, next_step=getattr(error, "next_step", None)
                )
            await _pause(parts.clock, stop, min(0.5 * 2 ** min(failed, 10), _LONGEST_RETRY_S))
            failed += 1


async def _sequence(parts: Parts, sequencer: Sequencer, state: State, stop: asyncio.Event) -> None:
    """Rounds: at once when much waits, else each second after a signature, and twice a second while nothing waits.

    Nobody notifies us: a NOTIFY in every commit made PostgreSQL take the commits of all entries one by one.
    """
    while True:
        last = stop.is_set()
        began, before = parts.clock.monotonic(), sequencer.published
        async for _ in sequencer.round():
            pass
        if state.trouble(None):
            _log.info("the log is being signed again", size=sequencer.published)
        if sequencer.behind:
            continue
        parts.layout.ready(PROCESS).touch()
        if last:
            return
        every = _POLL_S if sequencer.published == before else _SIGN_EVERY_S
        await _pause(parts.clock, stop, every - (parts.clock.monotonic() - began))


async def _pause(clock: Clock, stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    if seconds <= 0:
        return
    waits = [asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _held(parts: Parts, restores: Sequence[Restore]) -> list[Claim]:
    """The newest of our checkpoints in each outside folder: an older state of everything else shows against it."""
    claims: list[Claim] = []
    for holder in parts.holders:
        if isinstance(holder, FolderHolder):
            try:
                newest = await asyncio.wait_for(
                    asyncio.to_thread(holder.newest, parts.signer.key, restores), _LAST_HANDING_S
                )
            except (Unavailable, TimeoutError) as error:
                _log.warning("outside checkpoints cannot be read", holder=holder.name, why=str(error))
                continue
            if newest is not None:
                claims.append((f"kept in {holder.name}", newest))
    return claims


def _published(root: Path) -> bytes | None:
    try:
        return (root / CHECKPOINT).read_bytes()
    except OSError:
        return None
