"""Which cameras went down together and what they share: one dead switch is one outage, not fourteen. Pure; it looks at no camera."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from watchfloor.cameras.model import BOX_AWAY, NO_ANSWER, NO_RECORDER, Camera, may_be_work, shown

# A recorder notices a silent camera after some seconds and an unreachable one at its next try.
TOGETHER: Final = timedelta(seconds=90)
_LEAST: Final = 2


class Shared(StrEnum):
    """What cameras share that went down together."""

    SITE = "site"
    SWITCH = "switch"
    POWER = "power"
    RECORDER = "recorder"
    BOX = "box"


_TITLES: Final = {
    Shared.SITE: "Site {} is down",
    Shared.SWITCH: "Switch {}",
    Shared.POWER: "Power feed {}",
    Shared.RECORDER: "No recorder",
    Shared.BOX: "Edge box {} is away",
}
Key = tuple[Shared, str]


@dataclass(frozen=True, slots=True)
class Down:
    """A camera that is down: since when, and what it hangs on."""

    camera: UUID
    name: str
    word: str
    since: datetime
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Outage:
    """Cameras that are down: together, for what they share, of which `of` are in use; or one alone."""

    shared: Shared | None
    name: str
    cameras: tuple[Down, ...]
    of: int

    @property
    def since(self) -> datetime:
        """Since the first of them is."""
        return self.cameras[0].since

    @property
    def title(self) -> str:
        """“Switch MDF-3”, or the camera's name."""
        return self.name if self.shared is None else _TITLES[self.shared].format(self.name)


def outages(cameras: Iterable[Camera], planned: Collection[UUID], now: datetime) -> list[Outage]:
    """What is down now and was not planned to be, the largest first. A camera that is off or not authorised is not down."""
    down: list[Down] = []
    in_use: Counter[Key] = Counter()
    for camera in cameras:
        state = shown(camera, now=now)
        if state.level == "off":
            continue
        expected = camera.id in planned and may_be_work(state)
        # One in planned work neither answers for its site nor says that it is up.
        keys = tuple(key for key in _keys(camera) if not (expected and key[0] is Shared.SITE))
        if camera.box is not None:
            in_use[Shared.BOX, camera.box] += 1
        in_use.update([*keys, (Shared.RECORDER, "")])
        if state.level in ("serious", "critical") and not expected:
            if state.word == NO_RECORDER:
                keys = ((Shared.RECORDER, ""),)
            elif state.word == BOX_AWAY and camera.box is not None:
                keys = ((Shared.BOX, camera.box),)  # the box says so, whatever its cameras hang on
            elif state.word != NO_ANSWER:
                keys = tuple(key for key in keys if key[0] is not Shared.SITE)  # something there answers
            down.append(Down(camera.id, camera.name, state.word, state.since, keys))
    return grouped(down, in_use)


def grouped(down: Sequence[Down], in_use: Mapping[Key, int]) -> list[Outage]:
    """Cameras that went down at one moment and share a thing of which at least half is down, by what explains most of them."""
    left = {one.camera: one for one in sorted(down, key=lambda one: (one.since, one.name))}
    found: list[Outage] = []
    while (best := _largest(left.values(), in_use)) is not None:
        found.append(best)
        for one in best.cameras:
            del left[one.camera]
    found += [Outage(None, one.name, (one,), 1) for one in left.values()]
    return sorted(found, key=lambda outage: (-len(outage.cameras), outage.since, outage.title))


def _largest(down: Collection[Down], in_use: Mapping[Key, int]) -> Outage | None:
    by_key: defaultdict[Key, list[Down]] = defaultdict(list)
    for one in down:
        for key in one.keys:
            by_key[key].append(one)
    best: Outage | None = None
    # In the order of `Shared`: of two that explain the same cameras the nearer to them.
    for (shared, name), members in sorted(by_key.items(), key=lambda item: list(Shared).index(item[0][0])):
        # A site is down when it answers for none of its cameras, whenever each of them was last asked.
        whole = shared is Shared.SITE and len(members) == in_use.get((shared, name))
        run = members if whole else max(_at_one_moment(members), key=len)
        of = in_use.get((shared, name), len(run))
        known = whole or shared in (Shared.RECORDER, Shared.BOX)
        least = 1 if whole or shared is Shared.BOX else _LEAST
        # Some of a site's cameras being down says nothing of the site.
        enough = whole or (shared is not Shared.SITE and len(run) >= least and (known or 2 * len(run) >= of))
        if enough and (best is None or len(run) > len(best.cameras)):
            best = Outage(shared, name, tuple(run), of)
    return best


def _at_one_moment(members: Sequence[Down]) -> Iterator[list[Down]]:
    """Members in runs, each a moment after the one before."""
    run = [members[0]]
    for before, one in pairwise(members):
        if one.since - before.since > TOGETHER:
            yield run
            run = []
        run.append(one)
    yield run


def _keys(camera: Camera) -> Iterator[Key]:
    if camera.site_name:
        yield Shared.SITE, camera.site_name
    if camera.details.network_switch:
        yield Shared.SWITCH, camera.details.network_switch
    if camera.details.power_feed:
        yield Shared.POWER, camera.details.power_feed
