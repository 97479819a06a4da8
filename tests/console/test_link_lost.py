"""The server dies under an open console: one sees it, loses nothing, and need not do anything."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import City, Room, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_lost_link_is_said_and_the_queue_goes_on_when_it_is_back(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/floor")
    bar = analyst.get_by_text("No link to the server")
    expect(analyst.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(bar).to_have_count(0)
    was = city.pid("serve")
    os.kill(was, signal.SIGKILL)
    expect(bar).to_be_visible()
    until(lambda: city.pid("serve") != was, "serve is started again", 60)
    expect(bar).to_have_count(0, timeout=60_000)
    room.complaints.clear()  # of the time without a server

    expect(analyst.locator(f"#card-{city.alert(city.wanted())}")).to_be_visible()
