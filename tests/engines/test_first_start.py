"""The first start: the one-time link is shown on the terminal once, is in no file and no log, and leads through the set-up."""

from __future__ import annotations

import os
import pty
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.engines.center import CLOCK, until
from tests.engines.device import Device
from tests.engines.set_up import set_up
from tests.fixtures.browser import why_no_browser
from tests.fixtures.engines import run
from watchfloor.engines.endpoints import Endpoints

pytestmark = pytest.mark.timeout(400)
PASSWORD = "a quiet night at the river"
_LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/invitation#([\w-]+)")


class Terminal:
    """Somebody's terminal in which `watchfloor up` runs; `seen` is all that was on it."""

    def __init__(self, data: Path) -> None:
        self.seen = ""
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "watchfloor", "up", "--data", str(data)]
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)

    def until(self, pattern: str, within_s: float = 180.0) -> None:
        """Read on until that stands on the terminal."""
        end = CLOCK.monotonic() + within_s
        while not re.search(pattern, self.seen):
            assert CLOCK.monotonic() < end, f"never came: {pattern}\n{self.seen}"
            if select.select([self._ours], [], [], 1.0)[0]:
                self.seen += os.read(self._ours, 65536).decode()

    def close(self) -> None:
        """Ctrl-C, and the terminal is gone."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(90) == 0
        os.close(self._ours)


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="wft-"))
    folder.chmod(0o711)  # the engines' own user passes through
    yield folder / "data"
    shutil.rmtree(folder)


@contextmanager
def up_in_a_terminal(data: Path) -> Iterator[Terminal]:
    """A terminal in which the center is up."""
    terminal = Terminal(data)
    try:
        terminal.until("watchfloor is up")
        yield terminal
    finally:
        terminal.close()


async def _somebody_is_at_the_door_of_sensors(data: Path) -> None:
    """Who says no is this center's own server, and at once."""
    place, log = urlsplit(Endpoints.read(data).mqtt or ""), data / "logs" / "serve.log"
    await until(lambda: "devices are let in" in log.read_text(), "the doorkeeper")
    began = CLOCK.monotonic()
    client, code = await Device.connect(place.port or 0, "anybody", "guessed")
    client.close()
    assert code not in (0, 255) and CLOCK.monotonic() - began < 4
    assert "a microphone was not let in" in log.read_text()


def test_the_first_link_stands_on_the_terminal_once_is_kept_nowhere_and_leads_once_through_the_set_up(
    data: Path, tmp_path: Path
) -> None:
    with up_in_a_terminal(data) as terminal:
        run(_somebody_is_at_the_door_of_sensors(data))
        assert "open this once to become the administrator, before anybody else does" in terminal.seen
        (link,) = _LINK.findall(terminal.seen)
        assert [str(path) for path in data.rglob("*") if _holds(path, link[1])] == []
        if why_no_browser() is None:
            set_up(link[0], "/invitation#".join(link), PASSWORD, tmp_path)
        else:
            assert _accepts(*link) == 200
        assert _accepts(*link) == 404
    with up_in_a_terminal(data) as again:
        assert _LINK.search(again.seen) is None


def _holds(path: Path, token: str) -> bool:
    return path.is_file() and token.encode() in path.read_bytes()


def _accepts(base: str, token: str) -> int:
    """Open the link and choose a password; the status of the answer."""
    body = {"token": token, "password": PASSWORD}
    headers = {"Origin": base, "Idempotency-Key": secrets.token_hex(8)}
    return httpx.post(f"{base}/api/v1/invitations/accept", json=body, headers=headers).status_code
