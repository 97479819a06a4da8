"""What a person does to see a picture, and how a test knows that one really plays."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Locator, Page

from tests.fixtures.browser import until

# Every note that the browser is told to sound.
LISTENS: Final = """() => {
  window.heard = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { heard.push(this.frequency.value); return start.apply(this, when); };
}"""


def opens_live(
    page: Page,
    *,
    case: str = "26-01412",
    purpose: str = "stolen_vehicle",
    act: str = "Open the picture",
) -> None:
    """Say why, then look."""
    picker = page.get_by_label("Incident or case")
    option = picker.locator("option").filter(has_text=case).first
    option.wait_for(state="attached")
    picker.select_option(option.get_attribute("value"))
    page.get_by_label("Purpose", exact=True).select_option(purpose)
    page.get_by_role("button", name=act).click()


def plays(video: Locator, for_s: float = 0.6) -> None:
    """A frame is decoded and its time goes on: no still, no spinner, no empty element."""
    video.wait_for(state="visible")
    before = until(lambda: _ready(video), "a first frame")
    until(lambda: time_of(video) > before + for_s, "the picture moves on")
    shown: int = video.evaluate("(v) => v.getVideoPlaybackQuality().totalVideoFrames")
    assert shown > 0
    assert video.evaluate("(v) => v.videoWidth") > 0


def _ready(video: Locator) -> float:
    state: int = video.evaluate("(v) => v.readyState")
    return max(time_of(video), 1e-9) if state >= 2 else 0.0


def time_of(video: Locator) -> float:
    """The media time that is shown, in seconds."""
    at: Any = video.evaluate("(v) => v.currentTime")
    return float(at)
