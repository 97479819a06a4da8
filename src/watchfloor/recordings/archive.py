"""What is kept of a camera at its site, in one form whatever stands there: what the site says that it has, and the pictures of a time.

Playback, snapshots, exports, back-fill and what is preserved have it through this and no other way. It decides nothing: whoever calls
was let through the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.stream import Frame
from watchfloor.kit.canonical import Json

Stretch = tuple[int, int]
# It is told how many bytes came, and asked whether to go on. It may wait there, which holds the site back.
GoesOn = Callable[[int], bool]
# Runs and frames by our clock, from the keyframe at or before the begin on, as they come. It waits for the network: in a thread.
Pictures = Callable[[GoesOn], Iterator[NewRun | Frame]]


@dataclass(frozen=True, slots=True)
class Has:
    """What a site says that it has of a time: stretches by our clock in µs, in order. None: it cannot tell, and `said` is why; beside
    stretches `said` is what people should know of them."""

    stretches: tuple[Stretch, ...] | None
    said: str | None = None


class Archive(Protocol):
    """One camera's footage at its site. Both questions wait for the site: not in a transaction. They raise NotReplayed, whose sentence is
    for people; `nothing` says that the site answered and has none of it."""

    @property
    def site(self) -> str:
        """The site's name: it answers for what is missing there."""
        ...

    @property
    def source(self) -> dict[str, Json]:
        """Where its pictures come from, as a manifest says it; nothing of a login."""
        ...

    async def has(self, begin_us: int, end_us: int) -> Has:
        """What it has of that time."""
        ...

    async def pictures(self, begin_us: int, end_us: int) -> Pictures:
        """The pictures of that time, ready to be fetched."""
        ...


def within(stretches: Sequence[Stretch], begin_us: int, end_us: int) -> list[Stretch]:
    """Those stretches within [begin, end), in order, each moment once."""
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        begin, end = max(begin, begin_us), min(end, end_us)
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
