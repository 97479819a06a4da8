"""Every page in both themes, at a desk, on a wide screen and on a phone: nothing breaks or runs off, nobody meets a barrier."""

from __future__ import annotations

from typing import Any, Final, Literal

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.fixtures.browser import DESK, PHONE, ROOT, WIDE, City, Room, leave_out

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
AXE: Final = ROOT / "console/node_modules/axe-core/axe.min.js"

Look = tuple[Literal["dark", "light"], tuple[int, int]]
LOOKS: Final[tuple[Look, ...]] = (
    ("dark", DESK),
    ("light", DESK),
    ("dark", PHONE),
    ("light", PHONE),
    ("dark", WIDE),
    ("light", WIDE),
)
LIGHT: Final = "matchMedia('(prefers-color-scheme: light)').matches"
BY_COLOUR: Final = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
# Controls that begin or end beside the screen, where nothing around them scrolls to them.
CUT_OFF: Final = """() => [...document.querySelectorAll('button, a[href], input, select, textarea, [role=tab]')].filter((one) => {
    const box = one.getBoundingClientRect();
    if (!one.checkVisibility({visibilityProperty: true}) || box.width < 2) return false;
    if (box.left > -1 && box.right < innerWidth + 1) return false;
    for (let out = one.parentElement; out !== null; out = out.parentElement)
        if (out.scrollWidth > out.clientWidth && /auto|scroll/.test(getComputedStyle(out).overflowX)) return false;
    return true;
}).map((one) => `cut off by the edge: ${one.outerHTML.slice(0, 120)}`)"""

# Who looks at what; the places of a night that is under way.
PAGES: Final = (
    (
        "analyst",
        (
            "/floor",
            "/incidents",
            "/cameras",
            "/cameras/{camera}",
            "/plates",
            "/plates/scenes",
            "/dispatch",
            "/readers",
            "/hot-lists",
            "/watches",
            "/possible-hits",
            "/cases",
            "/evidence-requests",
        ),
    ),
    ("clerk", ("/authorisations", "/authorisations/new")),
    (
        "auditor",
        ("/audit", "/audit?result=refused", "/audit/sight", "/audit/dwellings", "/co-travel", "/outcomes"),
    ),
    ("technician", ("/readers/{reader}", "/microphones")),
    ("administrator", ("/people", "/settings", "/setup?step=map", "/cameras/new")),
    ("supervisor", ("/units", "/authorisations", "/cases", "/alert-budget")),
    ("officer", ("/field",)),
)
# Of these, what somebody's errand comes to and is seen in every look there: test_journeys.py.
ON_ERRANDS: Final = {
    "analyst": ("/floor", "/cameras", "/cameras/{camera}", "/plates", "/hot-lists"),
    "clerk": ("/authorisations", "/authorisations/new"),
    "auditor": ("/audit",),
    "administrator": ("/cameras/new",),
    "officer": ("/field",),
}
REST: Final = [
    (name, rest) for name, paths in PAGES if (rest := [p for p in paths if p not in ON_ERRANDS.get(name, ())])
]


@pytest.mark.parametrize(("name", "paths"), REST, ids=[name for name, _ in REST])
def test_every_page_stands_without_a_barrier(city: City, room: Room, name: str, paths: list[str]) -> None:
    found: list[str] = []
    page = room.sits(name)
    for path in paths:
        goes(page, path.format(camera=city.night.camera, reader=city.night.reader))
        found += [*faults(page), *(f"{page.url}: {what}" for what in beyond_keys(page))]
    assert not found, "\n".join(found)


def test_the_sign_in_stands_without_a_barrier(city: City, room: Room) -> None:
    page = room.page()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    stands(page)


def test_the_place_one_is_at_stays_in_sight_when_the_screen_shrinks(city: City, room: Room) -> None:
    page = room.sits("analyst", "/hot-lists")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    here = page.get_by_role("navigation", name="Views").locator("[aria-current=page]")
    expect(here).to_have_text("Hot lists")
    expect(here).to_be_in_viewport(ratio=0.99)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    expect(here).to_be_in_viewport(ratio=0.99)  # so that it was drawn in between
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    expect(here).to_be_in_viewport(ratio=0.99)


def goes(page: Page, path: str) -> None:
    """Go there as by a link, and wait until what the page asks for has come, or the reason why not."""
    page.evaluate(
        "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }", path
    )
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_text("Loading ")).to_have_count(0)


def stands(page: Page) -> None:
    """In every look: no barrier, nothing cut off. Then it is as it was, and whoever is at it goes on."""
    found = faults(page)
    assert not found, "\n".join(found)


def faults(page: Page) -> list[str]:
    """What is wrong with the page in each look; it is not read anew, only seen by another screen."""
    size = page.viewport_size
    theme: Literal["dark", "light"] = "light" if page.evaluate(LIGHT) else "dark"
    was = (theme, (size["width"], size["height"]) if size else DESK)
    screen = page.context.new_cdp_session(page)
    found: list[str] = []
    for look, judged in _turns(was):
        _turn(page, screen, look)
        barred = [] if judged is None else barriers(page, by_colour=judged == "colour")
        found += [f"{page.url}, {look[0]} {look[1][0]} wide: {what}" for what in (*barred, *runs_off(page))]
    _turn(page, screen, was)
    print("\n".join(found))  # whole, where a test fails for it
    return found


def _turns(was: Look) -> list[tuple[Look, Literal["all", "colour"] | None]]:
    """The looks to turn a page through, and what is judged in each: a desk and a phone whole, of a desk's other theme what goes by colour,
    for a theme changes colours alone. A wider screen has the desk's page on it: whether anything runs off is seen there."""
    theme, size = was
    other: Literal["dark", "light"] = "dark" if theme == "light" else "light"
    desk = WIDE if size == WIDE else DESK
    turns: list[tuple[Look, Literal["all", "colour"] | None]] = [
        ((theme, desk), "all"),
        ((other, desk), "colour"),
        ((theme if size == PHONE else other, PHONE), "all"),
    ]
    return turns if desk == WIDE else [*turns, ((other, WIDE), None)]


def _turn(page: Page, screen: CDPSession, look: Look) -> None:
    theme, (width, height) = look
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)
    # On a phone one has a thumb, and what it presses is larger.
    screen.send("Emulation.setTouchEmulationEnabled", {"enabled": (width, height) == PHONE})


def barriers(page: Page, *, by_colour: bool = False) -> list[str]:
    """Violations of WCAG A and AA, as axe-core finds them; or of those rules alone that go by colour."""
    if not AXE.is_file():
        leave_out("AXE-CORE IS NOT INSTALLED: no page was looked at for barriers (run make setup)")
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text())
    answer: dict[str, Any] = page.evaluate(
        """async (alone) => {
            const passing = (a) => Number.isFinite(a.effect?.getComputedTiming().endTime);
            const ended = Promise.all(document.getAnimations().filter(passing).map((a) => a.finished.catch(() => {})));
            await Promise.race([ended, new Promise((say) => setTimeout(say, 2000))]);
            return axe.run(document, {
                resultTypes: ['violations'],
                preload: false,
                runOnly: alone ?? {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
            });
        }""",
        BY_COLOUR if by_colour else None,
    )
    return [
        f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in answer["violations"]
    ]


def beyond_keys(page: Page) -> list[str]:
    """What can be pressed or filled in, and that no key reaches, or where nobody sees that the focus is there."""
    page.keyboard.press("Tab")  # from here on the browser shows where the focus is
    found: list[str] = page.evaluate(
        """() => {
            const shows = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
            const controls = 'button, a[href], input, select, textarea, summary, [role=slider], [role=separator], [tabindex="0"]';
            const wrong = [];
            for (const it of document.querySelectorAll(controls)) {
                const box = it.getBoundingClientRect();
                const apart = it.disabled || it.closest('[inert]') || it.matches('[role=tab][tabindex="-1"]');
                if (apart || !it.checkVisibility() || box.width < 2) continue;
                const said = it.outerHTML.slice(0, 140);
                it.focus({preventScroll: true});
                if (it.tabIndex < 0 || document.activeElement !== it) wrong.push(`no key reaches ${said}`);
                else if (![it, it.parentElement].some((one) => shows(getComputedStyle(one)))) wrong.push(`unseen at ${said}`);
            }
            document.activeElement.blur();
            return wrong;
        }"""
    )
    return found


def runs_off(page: Page) -> list[str]:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    cut_off: list[str] = page.evaluate(CUT_OFF)
    return [*([f"the page is {wide} px wider than the screen"] if wide > 0 else []), *cut_off]
