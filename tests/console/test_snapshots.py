"""Parts of the console that say the same every day look as they did when somebody last looked at them and found them right.

`pytest tests/console/test_snapshots.py --retake-snapshots` takes them anew; look at each before it is committed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from tests.console.test_floor import free
from tests.fixtures.browser import DESK, PHONE, City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
THEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
KEPT: Final = Path(__file__).parent / "snapshots"
COARSE: Final = 4
"""Both are compared in squares of so many pixels: how a font's edges are smoothed differs from one machine to the next."""
OTHER: Final = 24
"""How far the mean of a square may be off, of 255, before it counts as another."""
MOST_OTHER: Final = 0.01
"""What part of the squares may be another."""


def _sign_in(page: Page) -> Locator:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    return page.get_by_role("main")


def _rail(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Views")


def _shortcuts(page: Page) -> Locator:
    page.keyboard.press("?")
    return page.get_by_role("dialog", name="Shortcuts")


def _nothing_assigned(page: Page) -> Locator:
    expect(page.get_by_text("Nothing is assigned to you.")).to_be_visible()
    return page.get_by_role("main")


def _proposal(page: Page) -> Locator:
    page.get_by_label("Technology").select_option("plate_reader")
    return page.get_by_role("group", name="Kept otherwise")


PARTS: Final[dict[str, tuple[str, str, tuple[int, int], Callable[[Page], Locator]]]] = {
    "sign-in": ("", "/", DESK, _sign_in),
    "sign-in-phone": ("", "/", PHONE, _sign_in),
    "rail": ("analyst", "/hot-lists", DESK, _rail),
    "shortcuts": ("analyst", "/hot-lists", DESK, _shortcuts),
    "nothing-assigned": ("officer", "/field", PHONE, _nothing_assigned),
    "lengths-of-keeping": ("clerk", "/authorisations/new", DESK, _proposal),
}


@pytest.mark.parametrize("name", PARTS)
def test_it_looks_as_it_did(
    city: City, room_with_windows: Room, tmp_path: Path, name: str, retake: bool
) -> None:
    person, path, size, part = PARTS[name]
    free(city)
    room = room_with_windows
    page = room.sits(person, path, size=size) if person else room.page(size=size)
    if not person:
        page.goto(path)
    page.mouse.move(0, 0)
    shown = part(page)
    otherwise = [_otherwise(page, shown, name, theme, tmp_path, retake=retake) for theme in THEMES]
    assert not any(otherwise), "\n".join(filter(None, otherwise))


def _otherwise(
    page: Page, part: Locator, name: str, theme: Literal["dark", "light"], folder: Path, *, retake: bool
) -> str:
    """How it looks otherwise than it did, if it does."""
    page.emulate_media(color_scheme=theme)
    shown = part.screenshot(animations="disabled", caret="hide")
    kept = KEPT / f"{name}-{theme}.png"
    if retake:
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(shown)
        return ""
    now = folder / kept.name
    now.write_bytes(shown)
    off = difference(picture(shown), picture(kept.read_bytes()))
    return f"{off:.1%} of {kept.name} looks otherwise; now it is {now}" if off > MOST_OTHER else ""


def picture(png: bytes) -> NDArray[np.uint8]:
    """Height by width by red, green, blue."""
    with av.open(io.BytesIO(png), "r") as file:
        return np.asarray(next(file.decode(video=0)).to_ndarray(format="rgb24"))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """What part of two pictures differs, as squares; all of it when they are not of one size, give or take a line."""
    if any(abs(a - b) > COARSE for a, b in zip(one.shape, other.shape, strict=True)):
        return 1.0
    down, across = (min(one.shape[axis], other.shape[axis]) // COARSE for axis in (0, 1))
    a, b = (
        seen[: down * COARSE, : across * COARSE].reshape(down, COARSE, across, COARSE, 3).mean(axis=(1, 3))
        for seen in (one, other)
    )
    return float((np.abs(a - b).max(axis=2) > OTHER).mean())


def test_what_counts_as_otherwise() -> None:
    plain = np.full((200, 400, 3), 255, np.uint8)
    moved = plain.copy()
    moved[40:60, 40:120] = 0
    assert difference(plain, plain) == 0.0
    assert 0.01 < difference(plain, moved) < 0.03
    assert difference(plain, np.full((200, 420, 3), 255, np.uint8)) == 1.0
