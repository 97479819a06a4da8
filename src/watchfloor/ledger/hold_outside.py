"""Hands checkpoints to holders outside: folders that others own, and webhooks. Only such a copy betrays a roll-back.

It reads the published checkpoint and never signs one. A holder that fails is tried again and reported, each by itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from watchfloor.governance.checkpoint import BadNote, Checkpoint, Note, VerifierKey, open_checkpoint
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.ledger.restored import Restore, explained

SUFFIX: Final = ".checkpoint"
_FIRST_NOTE_S: Final = 0.25
_FIRST_RETRY_S: Final = 5.0
_LONGEST_RETRY_S: Final = 600.0
_WITHIN_S: Final = 15.0


class Holder(Protocol):
    """Somebody outside who keeps checkpoints. `name` is shown to people and holds no secret."""

    name: str

    async def keep(self, note: bytes, size: int, now: datetime) -> None:
        """Give the note over. Raises Unavailable when it was not taken."""
        ...


class FolderHolder:
    """A folder outside the data directory: one file a checkpoint, named by size and time, never written over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    async def keep(self, note: bytes, size: int, now: datetime) -> None:
        try:
            # The folder may be another machine's, and hang: not on our loop.
            await asyncio.to_thread(self._write, note, size, now)
        except OSError as error:
            raise Unavailable(
                f"{self.name} does not take the checkpoint: {error.strerror or error}."
            ) from error

    def _write(self, note: bytes, size: int, now: datetime) -> None:
        path = self.folder / f"{size:012d}-{now.astimezone(UTC):%Y%m%dT%H%M%S}Z{SUFFIX}"
        if path.exists() and path.read_bytes() == note:
            return
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)  # half of a checkpoint helps nobody
            raise
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def newest(self, key: VerifierKey, restores: Sequence[Restore] = ()) -> Checkpoint | None:
        """The largest checkpoint of our own that lies here and that no restore has lost; None when there is none.

        Raises Unavailable.
        """
        try:
            paths = sorted(self.folder.glob(f"*{SUFFIX}"), reverse=True)
            for path in paths:
                with suppress(BadNote):
                    found = open_checkpoint(path.read_bytes(), key)
                    if explained(restores, found) is None:
                        return found
        except OSError as error:
            raise Unavailable(f"{self.name} cannot be read: {error.strerror or error}.") from error
        return None


class WebhookHolder:
    """An address that takes the note by POST and answers with a status of success."""

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("ledger.checkpoint_webhooks: an entry is not an http or https address.")
        self.name = f"{parts.scheme}://{parts.hostname}"  # path and query of a webhook are often its password

    async def keep(self, note: bytes, size: int, now: datetime) -> None:
        headers = {"content-type": "text/plain; charset=utf-8"}
        try:
            async with httpx.AsyncClient(timeout=_WITHIN_S) as client:
                answer = await client.post(self._url, content=note, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"{self.name} does not take the checkpoint: {type(error).__name__}.") from error
        if not answer.is_success:
            raise Unavailable(f"{self.name} refused the checkpoint with status {answer.status_code}.")


def holders_of(folders: str, webhooks: str, data: Path) -> list[Holder]:
    """The holders that the settings name. Raises Invalid for a folder inside the data directory, or no web address."""
    found: list[Holder] = []
    inside = data.resolve()
    for text in _listed(folders):
        folder = Path(text).expanduser()
        if folder.resolve().is_relative_to(inside):
            raise Invalid(
                f"ledger.checkpoint_dirs: {folder} is inside the data directory; who changes one changes both.",
                next_step="Name a folder of somebody else's: a share, a stick, another machine.",
            )
        found.append(FolderHolder(folder))
    return [*found, *(WebhookHolder(url) for url in _listed(webhooks))]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class Holding:
    """How it stands with one holder: what it has last taken, or why it does not."""

    holder: str
    size: int | None = None
    at: str | None = None
    trouble: str | None = None
    since: str | None = None


class OutsideKeeping:
    """The rounds of handing over: at the start, then every so many seconds, and once more at the end."""

    def __init__(
        self,
        holders: Sequence[Holder],
        read: Callable[[], bytes | None],
        clock: Clock,
        *,
        every_s: float,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """`read` brings the published note, None before the first; `told` is called when how it stands has changed."""
        self._holders = holders
        self._read = read
        self._clock = clock
        self._every_s = every_s
        self._told = told
        self._stands = {holder.name: Holding(holder.name) for holder in holders}

    @property
    def stands(self) -> tuple[Holding, ...]:
        """How it stands with every holder."""
        return tuple(self._stands.values())

    async def run(self) -> None:
        """Hand over for as long as it runs, to each holder in its own time."""
        async with asyncio.TaskGroup() as group:
            for holder in self._holders:
                group.create_task(self._keep_going(holder), name=f"checkpoints to {holder.name}")

    async def _keep_going(self, holder: Holder) -> None:
        failed = 0
        while self._read() is None:  # the first checkpoint of a new log is still to come
            await self._clock.sleep(_FIRST_NOTE_S)
        while True:
            if await self._hand_over(holder):
                failed = 0
                await self._clock.sleep(self._every_s)
            else:
                # Sooner than the next round is due, later each time it fails.
                await self._clock.sleep(
                    min(_FIRST_RETRY_S * 2 ** min(failed, 10), _LONGEST_RETRY_S, self._every_s)
                )
                failed += 1

    async def once(self) -> None:
        """Hand over to every holder now, one try each."""
        await asyncio.gather(*(self._hand_over(holder) for holder in self._holders))

    async def _hand_over(self, holder: Holder) -> bool:
        note, now = self._read(), self._clock.now()
        before = self._stands[holder.name]
        try:
            if note is None:
                raise Unavailable("There is no checkpoint yet.")
            size = Checkpoint.parse(Note.parse(note).text).size
            await asyncio.wait_for(holder.keep(note, size, now), _WITHIN_S)
            after = Holding(holder.name, size, rfc3339(now))
        except (Unavailable, BadNote) as error:
            after = Holding(holder.name, before.size, before.at, error.detail, before.since or rfc3339(now))
        except TimeoutError:
            sentence = f"{holder.name} did not take the checkpoint within {_WITHIN_S:.0f} s."
            after = Holding(holder.name, before.size, before.at, sentence, before.since or rfc3339(now))
        self._stands[holder.name] = after
        if after != before:
            self._told()
        return after.trouble is None
