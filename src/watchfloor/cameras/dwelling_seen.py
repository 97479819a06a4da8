"""How much of a dwelling the agency looked at in a month, and when that is too much without a court's order. Pure.

One sum for all ways of looking: live, played, by small pictures, saved, exported; by anybody, through any camera. What counts is the time
of a camera's picture: two who look at it at once, or one who plays what was watched live, look at the same time of it, which counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.cameras.dwelling import OTHERWISE, Aim, joined, words
from watchfloor.governance.model import Denied

SEEN_FOR: Final = timedelta(days=30)
"""What was seen of a dwelling is added up over so long."""
A_PICTURE: Final = timedelta(seconds=1)
"""What a single picture counts as, saved or small: it is a moment, and who takes one each second has looked all the time."""
Time = tuple[UUID, datetime, datetime]
"""A time of a camera."""
Exported = Callable[[UUID, datetime], Awaitable[list[Time]]]
"""The times of an agency's cameras of which an export was asked for since, but by a court's order, and but for those nobody got."""


class Way(StrEnum):
    """How it was looked at."""

    LIVE = "live"
    PLAY = "play"
    SNAPSHOT = "snapshot"


def footage_of(aims: Iterable[Aim], spans: Iterable[Time]) -> dict[str, timedelta]:
    """How much of these times of cameras is of each dwelling: what is there twice counts once."""
    looked: defaultdict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for camera, begin, end in spans:
        looked[camera].append((begin, end))
    seen = {camera: joined(times) for camera, times in looked.items()}
    latest = max((times[-1][1] for times in seen.values() if times), default=None)
    at: defaultdict[tuple[UUID, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    for aim in aims:
        if latest is not None:
            at[aim.camera, aim.dwelling].append(
                (aim.from_at, latest if aim.until_at is None else aim.until_at)
            )
    found: defaultdict[str, timedelta] = defaultdict(timedelta)
    for (camera, dwelling), times in at.items():
        found[dwelling] += _shared(joined(times), seen.get(camera, []))
    return dict(found)


def _shared(
    some: Sequence[tuple[datetime, datetime]], others: Sequence[tuple[datetime, datetime]]
) -> timedelta:
    """How long two rows of times, each in order and without overlap, have in common."""
    length, a, b = timedelta(), 0, 0
    while a < len(some) and b < len(others):
        begin, end = max(some[a][0], others[b][0]), min(some[a][1], others[b][1])
        length += max(end - begin, timedelta())
        if some[a][1] <= others[b][1]:
            a += 1
        else:
            b += 1
    return length


def too_much(
    aims: Sequence[Aim], asked: Sequence[Time], before: Sequence[Time], limit: timedelta
) -> Denied | None:
    """The door's no where more than the limit of one dwelling would have been looked at, and some of it is new."""
    new, whole, had = footage_of(aims, asked), footage_of(aims, [*asked, *before]), footage_of(aims, before)
    length, dwelling = max(
        ((whole[one], one) for one, part in new.items() if part and whole[one] > had.get(one, timedelta())),
        default=(timedelta(), ""),
    )
    if length <= limit:
        return None
    alone = not had.get(dwelling)
    return (
        seen_over(length, limit)
        if not alone
        else Denied(
            "dwelling_over",
            f"{words(length)} of this footage are of one dwelling; more than {words(limit)} need a court’s order.",
            next_step=ASK_LESS,
        )
    )


def live_over(length: timedelta, limit: timedelta) -> Denied:
    """The door's no to looking live at a dwelling of which that much was looked at."""
    return Denied(
        "dwelling_over",
        f"{words(length)} of that dwelling were looked at here in the last {SEEN_FOR.days} days, by anybody, live, played and exported;"
        f" more than {words(limit)} need a court’s order.",
        next_step=OTHERWISE,
    )


def seen_over(length: timedelta, limit: timedelta) -> Denied:
    """The door's no where the agency looked at so much of one dwelling."""
    return Denied(
        "dwelling_over",
        f"With this, {words(length)} of one dwelling would have been looked at here in the last {SEEN_FOR.days} days, by anybody, live,"
        f" played and exported; more than {words(limit)} need a court’s order.",
        next_step=ASK_LESS,
    )


ASK_LESS: Final = "Ask for less of it, or choose the purpose of a court’s order and its case."
