"""What the product's own player shows of a camera, frame by frame: each picture of the test's camera carries its number."""

from __future__ import annotations

import asyncio
import io
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import av
import numpy as np

from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor_sim.burnt_clock import NARROWEST, read_clock
from watchfloor_sim.people import API, Person
from watchfloor_sim.samples import Clip
from watchfloor_sim.scene import scene_clip

FPS: Final = 10
ROUND: Final = 80
"""So many different pictures; then they come again."""
MOST_AGAIN: Final = 2 * FPS
"""No group of pictures is longer: a keyframe comes each second."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one request showed: the number in each picture, in order, and the wall times of its begin and end."""

    numbers: tuple[int, ...]
    begin: datetime
    end: datetime


class NotPlayed(Exception):
    """The player answered with no video; `status` is what it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


def numbered_clip() -> Clip:
    """A street whose pictures are numbered from 0 to `ROUND` - 1, a keyframe every second."""
    return scene_clip(ROUND / FPS, FPS, (NARROWEST, 288), clock=lambda number: number)


async def play(person: Person, camera: str, begin: datetime, end: datetime, *, case: str) -> Played:
    """Play a stretch of at most a minute over HTTP and read every picture. Raises NotPlayed."""
    headers = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": case}
    span = {"from": rfc3339(begin), "to": rfc3339(end)}
    answer = await person.http.get(f"{API}/cameras/{camera}/video", params=span, headers=headers)
    if answer.status_code != 200:
        raise NotPlayed(answer.status_code, answer.text)
    numbers = await asyncio.to_thread(_numbers, answer.content)
    return Played(numbers, parse_rfc3339(answer.headers["Wf-From"]), parse_rfc3339(answer.headers["Wf-To"]))


def _numbers(mp4: bytes) -> tuple[int, ...]:
    found: list[int] = []
    with av.open(io.BytesIO(mp4), "r") as container:
        for frame in container.decode(video=0):
            number = read_clock(np.asarray(frame.to_ndarray()[: frame.height], np.uint8))
            if number is None:
                raise AssertionError(f"picture {len(found)} is damaged")
            found.append(number)
    return tuple(found)


def first_break(numbers: tuple[int, ...]) -> str | None:
    """Where a picture is missing or doubled; None when they follow one another."""
    for place, (one, other) in enumerate(itertools.pairwise(numbers)):
        if other != (one + 1) % ROUND:
            return f"after picture {place} (number {one}) comes number {other}"
    return None


def joined(shown: tuple[int, ...], more: tuple[int, ...], *, overlaps: bool) -> tuple[int, ...]:
    """What two requests showed, the second from where the first ended on. One that `overlaps` begins with the group of
    pictures that holds that moment, and shows those before it again; pictures that are missing or doubled stay to be seen.
    """
    again = (shown[-1] + 1 - more[0]) % ROUND if shown and overlaps else 0
    return shown + more[again if again <= MOST_AGAIN else 0 :]


def sent_number(burnt: int, near: int) -> int:
    """The camera's own number of a picture that shows `burnt`, which was sent not long before its number `near`."""
    return near - (near - burnt) % ROUND


def shortly_before(at: datetime) -> datetime:
    """A moment for which a keyframe before it is sure to be found."""
    return at - timedelta(seconds=1 / FPS)
