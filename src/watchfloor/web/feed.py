"""One list that many people watch: loaded once for all, compared, and told as puts and deletes. No sockets here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec

from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Actor, Ask
from watchfloor.storage.tx import Tx

Item = Mapping[str, object]
"""One thing of a list, in its outside form."""
Message = dict[str, Any]
REMEMBERED: Final = 1000
QUEUE: Final = 1000


@dataclass(frozen=True, slots=True)
class Versions:
    """How a long list is loaded in part: which version each thing in it has, and the forms of those that are asked for."""

    of_all: Callable[[Tx], Awaitable[Mapping[UUID, int]]]
    load: Callable[[Tx, Sequence[UUID]], Awaitable[Mapping[UUID, Item]]]


Load = Callable[[Tx, Actor, str], Awaitable[Sequence[Item]]]


@dataclass(frozen=True, slots=True)
class Topic:
    """A list that can be watched: the ask it takes, and how it is loaded, whole or by the versions of what is in it.

    `load` gives items with a unique `id`. `personal` topics hold what is the asker's own. `news` are the prefixes of news
    (`slice.noun`) after which it is loaded again; it is loaded every 2 s in any case. `form` is what the OpenAPI document
    says of its items.
    """

    name: str
    ask: Callable[[Actor, str], Ask]
    load: Load | Versions
    news: tuple[str, ...]
    personal: bool = False
    form: type | None = None


@dataclass(slots=True, eq=False)
class Watcher:
    """One subscription: what waits to be sent, and whether it fell behind.

    What one look at the list found is one thing that waits: a list of thousands in which everything changed at once is no
    watcher's slowness.
    """

    grant: Grant
    behind: bool = False
    waiting: int = 0
    """How many messages it has not taken yet."""
    _batches: asyncio.Queue[Sequence[Message]] = field(default_factory=asyncio.Queue)

    def give(self, messages: Sequence[Message]) -> None:
        """Queue what belongs together; who has not taken 1,000 messages of earlier fell behind and must resume."""
        if self.waiting >= QUEUE:
            self.behind = True
            return
        self.waiting += len(messages)
        self._batches.put_nowait(messages)

    async def next(self) -> Sequence[Message]:
        """What is to be sent next, in its order; waits for it."""
        messages = await self._batches.get()
        self.waiting -= len(messages)
        return messages


class Feed:
    """The state of one topic for one agency (and person, where personal)."""

    def __init__(self, topic: Topic, actor: Actor, key: str, epoch: int) -> None:
        self.topic = topic
        self.key = key
        self.epoch = epoch
        self.seq = 0
        self.watchers: set[Watcher] = set()
        self.joining = 0
        """How many are about to watch: meanwhile the feed is not let go."""
        self.looked_at = 0.0
        """When it was last looked at for all, in monotonic seconds."""
        self._actor = actor
        self._items: dict[str, Item] = {}
        self._forms: dict[str, bytes] = {}
        self._versions: Mapping[UUID, int] = {}
        self._ids: dict[UUID, str] = {}
        self._changes: deque[Message] = deque(maxlen=REMEMBERED)
        self._loaded = False
        self._one = asyncio.Lock()

    async def refresh(self, tx: Tx) -> None:
        """Load the list, or what changed of it, and tell every watcher what did."""
        if isinstance(self.topic.load, Versions):
            await self._refresh_by_version(tx, self.topic.load)
        else:
            items = await self.topic.load(tx, self._actor, self.key)
            fresh = {str(item["id"]): item for item in items}
            self._tell([*self._delete([key for key in self._items if key not in fresh]), *self._put(fresh)])
        self._loaded = True

    async def _refresh_by_version(self, tx: Tx, how: Versions) -> None:
        # The versions are read first: what changes between the two reads has another version at the next look.
        versions = await how.of_all(tx)
        changed = [one for one, version in versions.items() if self._versions.get(one) != version]
        loaded = await how.load(tx, changed) if changed else {}
        gone = [one for one in self._ids if one not in versions]
        deleted = self._delete([self._ids.pop(one) for one in gone])
        self._ids |= {one: str(item["id"]) for one, item in loaded.items()}
        self._tell([*deleted, *self._put({self._ids[one]: item for one, item in loaded.items()})])
        self._versions = versions

    def _delete(self, keys: Sequence[str]) -> list[Message]:
        for key in keys:
            del self._items[key], self._forms[key]
        return [{"op": "delete", "key": key} for key in keys]

    def _put(self, items: Mapping[str, Item]) -> list[Message]:
        changes: list[Message] = []
        for key, item in items.items():
            form = msgspec.json.encode(item)
            if self._forms.get(key) != form:
                self._items[key], self._forms[key] = item, form
                changes.append({"op": "put", "item": item})
        return changes

    async def join(self, watcher: Watcher, after: tuple[int, int] | None, tx: Tx) -> None:
        """Begin a subscription: what was missed since `after`, or the whole list."""
        async with self._one:
            await self.refresh(tx)
            missed = self._since(after)
            if missed is None:
                snapshot = {"op": "snapshot", "epoch": self.epoch, "seq": self.seq}
                watcher.give([snapshot | {"items": list(self._items.values())}])
            elif missed:
                watcher.give(missed)
            self.watchers.add(watcher)

    async def reload(self, tx: Tx) -> None:
        """Refresh, one at a time."""
        async with self._one:
            await self.refresh(tx)

    def _since(self, after: tuple[int, int] | None) -> list[Message] | None:
        if after is None or after[0] != self.epoch or after[1] > self.seq:
            return None
        missed = [change for change in self._changes if change["seq"] > after[1]]
        return missed if len(missed) == self.seq - after[1] else None

    def _tell(self, changes: Sequence[Message]) -> None:
        if not self._loaded or not changes:
            return
        messages = [
            change | {"epoch": self.epoch, "seq": seq} for seq, change in enumerate(changes, self.seq + 1)
        ]
        self.seq += len(messages)
        self._changes.extend(messages)
        for watcher in self.watchers:
            watcher.give(messages)
