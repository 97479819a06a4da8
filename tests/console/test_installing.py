"""The officer's page is installed over TLS, by a browser that trusts our authority, under a name that is not this machine's.

Over plain HTTP a browser does any of this only for its own machine; so that it does it here for another name is owed to TLS alone.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.console.test_floor import free
from tests.console.test_officer import can_be_installed, opens_offline
from tests.fixtures.browser import CLOCK, FLAGS, PHONE, City, Room, chromium_path, sign_in, until
from tests.fixtures.trust import trusts
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import tls_of
from watchfloor.settings import HttpSettings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
NAME: Final = "center.example.gov"
SHARED: Final = ("config.toml", "keys", "keystore", "ledger", "objects")
READY_WITHIN_S: Final = 90.0


def test_a_phone_that_trusts_our_authority_installs_the_page_and_opens_it_when_the_server_is_away(
    city: City, room: Room
) -> None:
    free(city)
    with tempfile.TemporaryDirectory(prefix="wft-") as folder:
        with over_tls(city, Path(folder)) as (port, authority):
            stranger = room.browser.new_context().new_page()
            with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
                stranger.goto(f"https://localhost:{port}/field")
            stranger.context.close()
            trusts(Path(folder), authority)
            phone = room.hears(a_phone(room.browser, Path(folder)))
            address = f"https://{NAME}:{port}/field"
            phone.goto(address)
            assert phone.evaluate("isSecureContext")
            sign_in(phone, "officer")
            phone.get_by_role("button", name="Not now").click()
            expect(phone.get_by_text("Nothing is assigned to you.")).to_be_visible()
            opens_offline(phone)
            assert can_be_installed(phone) == set(), "no private window here, and nothing else is amiss"
            browser = phone.context.new_cdp_session(phone)
            browser.send("PWA.install", {"manifestId": address})
        with phone.context.expect_page() as opened:
            browser.send("PWA.launch", {"manifestId": address})
        program = opened.value
        assert program.url == address
        expect(program.get_by_text("Nothing is assigned to you.")).to_be_visible()
        expect(program.get_by_text("No link to the server")).to_be_visible()
        phone.context.close()


@contextmanager
def over_tls(city: City, folder: Path) -> Iterator[tuple[int, Path]]:
    """The center's server once more, beside the first on the same engines, with a certificate of our authority; its port, and that one."""
    files = tls_of(HttpSettings(tls="local", public_url=f"https://{NAME}"), Layout.of(city.data), CLOCK.now())
    assert files is not None and files.authority is not None
    beside = Layout.of(folder / "beside")
    for mine in (beside.data, beside.spool, beside.runtime):
        mine.mkdir()
    for name in SHARED:
        (beside.data / name).symlink_to(city.data / name)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    replace(
        Endpoints.read(city.data), data=beside.data, runtime=beside.runtime, http=f"https://{NAME}:{port}",
        listen=f"127.0.0.1:{port}", certificate=str(files.certificate), key=str(files.key), pids={},
    ).write()  # fmt: skip
    command = [sys.executable, "-P", "-m", "watchfloor.process", "serve", "--data", str(beside.data)]
    said = folder / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        until(
            lambda: process.poll() is not None or beside.ready("serve").exists(), "the server", READY_WITHIN_S
        )
        assert process.poll() is None, said.read_text()
        yield port, files.authority
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def a_phone(browser: Browser, home: Path) -> Page:
    """A browser with a home and a profile of its own: what a private window is, it is not."""
    ours: dict[str, str | float | bool] = dict(os.environ)  # noqa: TID251  # how the browser is started, not how the program is
    context = browser.browser_type.launch_persistent_context(
        home / "profile",
        executable_path=chromium_path(windows=True),
        args=[*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
        env=ours | {"HOME": str(home)},
        viewport={"width": PHONE[0], "height": PHONE[1]},
        has_touch=True,
    )
    return context.pages[0]
