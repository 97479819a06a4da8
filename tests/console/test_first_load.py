"""What the first look at the floor costs somebody whose browser has nothing of it yet."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Page, Response, expect

from tests.console.test_floor import drawn
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MOST_BYTES: Final = 400_000
MOST_SHIFT: Final = 0.02  # cumulative layout shift; "good" ends at 0.1
CODE: Final = ("document", "script", "stylesheet")
FETCHED: Final = """() => performance.getEntriesByType('resource')
  .filter((one) => one.name.includes('/assets/') && one.transferSize > 0).map((one) => one.name)"""
FIRST_PAINT_MS: Final = 1_500
PAINTED: Final = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
MOVED: Final = """() => new Promise((say) => {
  let sum = 0;
  new PerformanceObserver((seen) => { for (const one of seen.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => say(sum), 200));
})"""


def test_the_floor_comes_packed_small_once_and_nothing_of_it_jumps(city: City, room: Room) -> None:
    page, answers = _first_look(room)
    own = [one for one in answers if "/api/" not in one.url]
    code = [one for one in own if one.request.resource_type in CODE]
    sizes = {one.url.rpartition("/")[2]: _length(one) for one in code if "worker" not in one.url}
    assert any(name.startswith("Floor-") for name in sizes) and any(
        name.startswith("engine-") for name in sizes
    )
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda item: -item[1])

    assert [one.url for one in own if one.status != 200] == []
    urls = [one.url for one in own]
    assert sorted(urls) == sorted(set(urls)), "something was fetched twice"
    assert all(one.url.startswith(city.base) for one in answers), "nothing comes from another machine"
    for one in code:
        assert one.headers["content-encoding"] == "gzip", one.url
        kept = "immutable" in one.headers["cache-control"]
        assert kept is ("/assets/" in one.url), f"{one.url}: {one.headers['cache-control']}"
    assert page.evaluate(MOVED) <= MOST_SHIFT


def test_a_second_look_fetches_no_code_and_the_floor_is_painted_soon(city: City, room: Room) -> None:
    page, _ = _first_look(room)
    first: list[float] = [page.evaluate(PAINTED)]
    page.reload()
    drawn(page)
    fetched: list[Any] = page.evaluate(FETCHED)
    assert fetched == []
    # A machine that is busy may hold one of two first looks up; each is one with nothing kept.
    another, _ = _first_look(room)
    first.append(another.evaluate(PAINTED))
    assert min(first) <= FIRST_PAINT_MS, first


def _first_look(room: Room) -> tuple[Page, list[Response]]:
    signed = room.sits("analyst", "/cameras").context.storage_state()
    page = room.page(state=signed)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/floor")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    drawn(page)
    return page, answers


def _length(answer: Response) -> int:
    return int(answer.headers["content-length"])
