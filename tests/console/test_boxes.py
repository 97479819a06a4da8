"""A technician makes an edge box known, sees it come, and revokes it; the box is the program itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import DESK, PHONE, City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@contextmanager
def running(config: Path, code: str) -> Iterator[subprocess.Popen[bytes]]:
    """The box of this file, enrolled by this code and at work."""
    edge = [sys.executable, "-m", "watchfloor", "edge"]
    done = subprocess.run(
        [*edge, "enrol", code, "--config", config], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with (config.parent / "log").open("wb") as log:
        process = subprocess.Popen([*edge, "run", "--config", config], stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def looked_at(page: Page) -> None:
    """At a desk and on a phone, dark and light: nothing runs off, nobody is kept out."""
    found = []
    for theme in ("dark", "light"):
        for width, height in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=theme)
            found += [f"{theme} {width}: {what}" for what in (*barriers(page), *runs_off(page))]
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert found == []


def made_known(page: Page, camera: str) -> str:
    """Whoever sits there makes a box known for this camera; its code."""
    page.get_by_role("link", name="Edge boxes").click()
    expect(page.get_by_text("No edge box is known yet.")).to_be_visible()
    page.get_by_role("button", name="New edge box").click()
    dialog = page.get_by_role("dialog", name="New edge box")
    make = dialog.get_by_role("button", name="Make its code")
    expect(make).to_have_accessible_description("Name the box, for instance by where it stands.")
    dialog.get_by_label("Name").fill("Hardware store")
    dialog.get_by_label(camera).check()
    make.click()
    shown = page.get_by_role("dialog", name="Code of Hardware store")
    code: str = shown.locator("code").inner_text().removeprefix("watchfloor edge enrol ")
    shown.get_by_role("button", name="I have it").click()
    return code


def test_a_box_is_made_known_comes_and_is_revoked(city: City, room: Room, tmp_path: Path) -> None:
    key = f"yard-{city.number()}"
    place = {
        "name": f"Yard {key}",
        "technology": "fixed_camera",
        "place": "12 Mill St",
        "lat": 38.63,
        "lon": -90.2,
    }
    city.post("technician", "/cameras", {**place, "heading_deg": None, "url": f"edge://{key}"})
    config = tmp_path / "edge.toml"
    config.write_text(
        f'[box]\nstate = "{tmp_path / "box"}"\n[cameras.{key}]\nurl = "rtsp://127.0.0.1:9/none"\n'
    )
    config.chmod(0o600)

    page = room.sits("technician", "/cameras")
    code = made_known(page, f"Yard {key}")
    row = page.get_by_role("listitem", name="Hardware store")
    expect(row).to_contain_text("waits")
    with running(config, code) as process:
        expect(row).to_contain_text("linked")
        expect(row).to_contain_text(f"Yard {key}")
        looked_at(page)
        row.get_by_role("button", name="Revoke Hardware store").click()
        page.get_by_role("dialog", name="Revoke Hardware store").get_by_role(
            "button", name="Revoke it"
        ).click()
        expect(page.get_by_text("No edge box is known yet.")).to_be_visible()
        assert process.wait(timeout=20) == 1
    assert not (tmp_path / "box" / "box.pem").exists()
    analyst = room.sits("analyst", "/edge-boxes")
    expect(analyst.get_by_text("See edge boxes")).to_be_visible()
