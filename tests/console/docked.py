"""What was recorded from a minute before an incident, in the dock, and from half a minute before an alert, as a person sees it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.console.looking import plays
from tests.console.test_every_page import barriers
from tests.fixtures.browser import CLOCK, DESK, PHONE, City, until
from watchfloor.kit.clock import parse_rfc3339, rfc3339

CUT_OFF = """() => {
  const there = [...document.querySelectorAll('.slot:has(figure[aria-label^="From a minute before"])')];
  const missing = Math.max(0, 4 - there.length);
  const more = Array.from({ length: missing }, () => there[0].parentElement.appendChild(there[0].cloneNode(true)));
  const found = [];
  for (const slot of [...there, ...more]) {
    const inner = [slot.querySelector('.name'), slot.querySelector('figure[aria-label^="From"]')];
    const [all, name, corner] = [slot, ...inner].map((one) => one.getBoundingClientRect());
    if (innerWidth < 1100 && Math.abs(all.width / all.height - 16 / 9) > 0.05) found.push(`${all.width} by ${all.height}`);
    for (const one of [name, corner]) if (one.bottom > all.bottom + 1 || one.right > all.right + 1) found.push('cut off');
    const words = slot.querySelector('figcaption');
    if (words.scrollWidth > words.clientWidth) found.push(`${words.innerText} in ${words.clientWidth}`);
  }
  more.forEach((one) => one.remove());
  return found;
}"""


# Why a picture is among these stands on it where it has the width.
_WIDE, _NARROW = 240, 200
_MAKE_TILE = """(of, width) => {
  let at = of;
  while (getComputedStyle(at).containerName !== 'tile') at = at.parentElement;
  at.style.width = width === null ? '' : `${width}px`;
}"""


def and_the_minute_before(city: City, analyst: Page, camera: str, since: datetime) -> None:
    """Unasked, in the corner of what is live; each a look in the log since then. Who has a weak link has it
    no more, here and the next time.
    """
    beside = analyst.get_by_role("figure", name=f"From a minute before at {camera}")
    plays(beside.locator("video"), 0.3)
    expect(beside.get_by_text(re.compile("^[0-9]+ s (before|after)$"))).to_be_visible()
    # Why it is among these: on the picture where that has the width, else beside the pointer and for who listens.
    because = analyst.get_by_role("region", name="Video").get_by_text(
        re.compile("^It looks there from .* away")
    )
    for width, shown in ((_WIDE, True), (_NARROW, False)):
        because.evaluate(_MAKE_TILE, width)
        expect(because).to_be_visible(visible=shown)
    because.evaluate(_MAKE_TILE, None)
    large = analyst.get_by_role("button", name=f"Show {camera} large")
    expect(large).to_have_accessible_description(re.compile("^It looks there from"))
    _stand_whole(analyst)
    both = analyst.get_by_role("region", name="Video").get_by_role("button", name="Both")
    expect(both).to_have_attribute("aria-pressed", "true")
    both.click()
    expect(beside).to_have_count(0)
    incident = parse_qs(urlsplit(analyst.url).query)["incident"][0]
    asked = {"need": "camera.playback", "kind": "decision", "from": rfc3339(since)}
    played = city.get("auditor", "/audit/entries", **asked)["items"]
    ours = [one for one in played if (one["case"], one["about_name"]) == (f"incident:{incident}", camera)]
    said = {(one["result"], one["purpose"]) for one in ours}
    assert said == {("allowed", "stolen_vehicle")}, played
    analyst.reload()
    plays(analyst.get_by_role("figure", name=f"Live picture of {camera}").locator("video"))
    expect(both).to_have_attribute("aria-pressed", "false")
    expect(beside).to_have_count(0)
    both.click()
    plays(beside.locator("video"), 0.3)
    both.blur()  # its own key is the space bar, too


def _stand_whole(analyst: Page) -> None:
    """At the desk and on a phone: each picture as wide as pictures are, its name in sight, and nothing cut off in its corner."""
    for width, height in (DESK, PHONE):
        analyst.set_viewport_size({"width": width, "height": height})
        if width == PHONE[0]:
            analyst.get_by_role("tab", name="Video").click()
        figures = analyst.get_by_role("figure", name="From a minute before at")
        expect(figures.first).to_be_visible()
        for figure in figures.all():
            expect(figure).to_be_visible()
        # Four where the test has fewer: that is as full as a dock is.
        wrong = analyst.evaluate(CUT_OFF)
        assert wrong == [], wrong
    analyst.get_by_role("tab", name="Queue").click()
    analyst.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def from_a_minute_before(analyst: Page, camera: str) -> None:
    """What the same cameras recorded from 60 s before it happened, in the place of what is live; large it goes on where it is."""
    video = analyst.get_by_role("region", name="Video")
    recorded = video.get_by_role("figure", name=f"Recorded picture of {camera}")
    video.get_by_role("button", name="From 60 s before").click()
    expect(video.get_by_text(re.compile(r"(before|after) it happened$"))).to_be_visible()
    plays(recorded.locator("video"), 0.3)
    assert barriers(analyst) == []
    recorded.get_by_role("button", name=f"Show {camera} large").click()
    large = video.get_by_role("group", name=f"{camera}, large")
    plays(large.get_by_role("figure", name=f"Recorded picture of {camera}").locator("video"), 0.3)
    analyst.keyboard.press("Escape")
    expect(recorded).to_be_visible()
    video.get_by_role("button", name="Live", exact=True).click()
    expect(video.get_by_role("figure", name=f"Live picture of {camera}")).to_be_visible()


def half_a_minute_before(city: City, analyst: Page, chosen: str, camera: str) -> None:
    """Of any alert, before anybody confirmed it: what was recorded of its place, for its purpose and for it alone."""
    since, happened = (
        CLOCK.now(),
        next(
            parse_rfc3339(one["at"]) for one in city.get("analyst", "/alerts")["items"] if one["id"] == chosen
        ),
    )
    analyst.get_by_role("link", name="30 s before the alert").click()
    # Others that see the place may have nothing of then, or not be allowed.
    expect(analyst.get_by_role("button", name=f"Take {camera} away")).to_be_visible()
    others = analyst.get_by_role("button", name=re.compile(rf"^Take (?!{re.escape(camera)} away).* away$"))
    while others.count():
        others.first.click()
    bar = analyst.get_by_label("Moment shown")
    expect(bar).to_be_visible()
    query = parse_qs(urlsplit(analyst.url).query)
    mark = parse_rfc3339(query["mark"][0])
    assert abs(mark - happened) < timedelta(milliseconds=2)
    shown = float(bar.input_value()) / 1000
    assert happened.timestamp() - 31 < shown < happened.timestamp() - 28, (shown, happened)
    # The bar says when it happened: as the alert, or as what one came for.
    marks = analyst.locator("details time")

    def marked() -> list[str]:
        told: list[str] = marks.evaluate_all("(all) => all.map((one) => one.dateTime)")
        return [one for one in told if abs(parse_rfc3339(one) - happened) < timedelta(seconds=1)]

    until(marked, "the alert on the bar")
    asked = {"need": "camera.playback", "kind": "decision", "from": rfc3339(since)}
    (look, *_) = until(lambda: city.get("auditor", "/audit/entries", **asked)["items"], "the look in the log")
    said = (look["result"], look["purpose"], look["case"], look["about_name"])
    assert said == ("allowed", "stolen_vehicle", f"alert:{chosen}", camera)
