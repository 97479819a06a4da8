"""How cameras are opened: some at a time, and one that does not come ever more seldom, each at a moment of its own."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tests.cameras.watch import watching
from watchfloor.cameras.source import back_off_s
from watchfloor.cameras.state import CameraStatus
from watchfloor.recordings.record import OPEN_AT_ONCE

CAMERAS = 40


@dataclass
class Mute:
    """Forty cameras behind one port that take a connection and say nothing; once as many are open as may be, one is hung up on."""

    open: list[asyncio.StreamWriter] = field(default_factory=list)
    most: int = 0
    came: int = 0
    all_came: asyncio.Event = field(default_factory=asyncio.Event)

    async def takes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append(writer)
        self.came, self.most = self.came + 1, max(self.most, len(self.open))
        if self.came >= CAMERAS:
            self.all_came.set()
        if len(self.open) >= OPEN_AT_ONCE:
            # Long enough for one more to come, where one more may.
            asyncio.get_running_loop().call_later(0.05, self._hangs_up)

    def _hangs_up(self) -> None:
        self.open.pop(0).close()


async def test_of_forty_silent_cameras_no_more_are_being_opened_than_may_be() -> None:
    mute, gate = Mute(), threading.BoundedSemaphore(OPEN_AT_ONCE)
    server = await asyncio.start_server(mute.takes, "127.0.0.1", 0)
    url = f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/silent"
    async with server, AsyncExitStack() as stack:
        for _ in range(CAMERAS):
            await stack.enter_async_context(watching(url, gate=gate))
        await asyncio.wait_for(mute.all_came.wait(), 30)
        for writer in mute.open:  # who still waits for an answer ends at once
            writer.close()
        server.close()
    assert mute.most == OPEN_AT_ONCE < CAMERAS


@pytest.mark.parametrize("status", [CameraStatus.UNREACHABLE, CameraStatus.SILENT, CameraStatus.BAD_STREAM])
def test_one_that_does_not_come_is_asked_ever_more_seldom_and_never_in_step(status: CameraStatus) -> None:
    chance = random.Random(7)
    drawn = [[back_off_s(status, tries, chance) for _ in range(200)] for tries in range(12)]
    for tries, pauses in enumerate(drawn):
        longest = min(2.0**tries, 30.0)
        assert longest / 2 <= min(pauses) < max(pauses) <= longest
        # Spread over the whole of its half, not about one value.
        assert min(pauses) < longest * 0.55 and max(pauses) > longest * 0.95 and len(set(pauses)) == 200
    means = [sum(pauses) / 200 for pauses in drawn]
    assert all(later > 1.7 * sooner for sooner, later in pairwise(means[:5])) and max(means) < 30


@pytest.mark.parametrize("tries", [0, 3, 11])
def test_a_refused_login_is_tried_once_a_minute_at_most_and_a_box_is_asked_at_once(tries: int) -> None:
    chance = random.Random(7)
    refused = [back_off_s(CameraStatus.CREDENTIALS_REFUSED, tries, chance) for _ in range(100)]
    assert 30 <= min(refused) < max(refused) <= 60
    boxed = [back_off_s(CameraStatus.UNREACHABLE, tries, chance, through_box=True) for _ in range(100)]
    assert 0.5 <= min(boxed) < max(boxed) <= 1.0
