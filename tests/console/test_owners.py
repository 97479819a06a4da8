"""A shop offers its camera on a phone, without JavaScript; staff ask it something and accept it."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import opens_live, plays
from tests.console.test_every_page import barriers, runs_off, stands
from tests.console.test_playback import points_at_it
from tests.fixtures.browser import DESK, PHONE, City, Room, until
from tests.fixtures.counts import Counted
from watchfloor.governance.checkpoint import VerifierKey
from watchfloor.governance.extract import Extract, faults, fields_of
from watchfloor_sim import story

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def plain(room: Room, theme: str) -> Page:
    """Somebody's phone whose browser runs no programs of pages."""
    context = room.browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        base_url=room.city.base,
        color_scheme="light" if theme == "light" else "dark",
        java_script_enabled=False,
        has_touch=True,
    )
    room._open.append(context)
    return room.hears(context.new_page())


def test_a_shop_offers_its_camera_and_staff_decide(city: City, room: Room) -> None:
    name = f"Mill Street Hardware {city.number()}"
    page = plain(room, "light")
    page.goto("/owners/sign-up")
    page.get_by_label("A business or another body").check()
    page.get_by_label("Your name, or that of the business").fill(name)
    page.get_by_role("button", name="Offer the camera").click()
    expect(page.get_by_role("alert")).to_contain_text("Write an e-mail address")
    assert page.get_by_label("Your name, or that of the business").input_value() == name  # nothing is lost
    page.get_by_label("E-mail").fill(f"shop{city.number()}@example.org")
    page.get_by_label("Where the camera is").fill("12 Mill St")
    page.get_by_label("Pictures of it, by an agreement").check()
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Offer the camera").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("No mail server is set here")).to_be_visible()

    staff = room.sits("supervisor", "/cameras")
    staff.get_by_role("link", name="Owners").click()
    row = staff.get_by_role("listitem", name=name)
    expect(row).to_contain_text("address not proved")
    accept = row.get_by_role("button", name=f"Accept {name}")
    expect(accept).to_have_accessible_description("The e-mail address is not proved yet.")
    row.get_by_role("button", name=f"Link for {name}").click()
    link = staff.get_by_role("dialog", name="One-time link").locator("code").inner_text()
    staff.get_by_role("button", name="I have it").click()

    page.goto(link)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Your address is proved.")).to_be_visible()
    staff.reload()
    row.get_by_role("button", name=f"Ask {name}").click()
    staff.get_by_label("Question").fill("Which way does it look?")
    staff.get_by_role("button", name="Send the question").click()
    expect(row).to_contain_text("Asked: Which way does it look?")
    stands(staff)
    accept.press("Enter")
    expect(row).to_contain_text(re.compile(r"· accepted \("))
    is_put_on_the_map(staff, name)


def is_put_on_the_map(staff: Page, name: str) -> None:
    """A shop knows its address and no degrees: staff find it on the map, or no canvass ever asks it."""
    row = staff.get_by_role("listitem", name=name)
    expect(row).to_contain_text("Not on the map: no canvass finds them to ask.")
    row.get_by_role("button", name=f"Place {name} on the map").press("Enter")
    where = staff.get_by_role("dialog", name=f"Where {name} is")
    expect(where.get_by_text("They wrote: 12 Mill St.")).to_be_visible()
    where.get_by_label("Latitude").fill("38.6279")
    where.get_by_label("Longitude").fill("-90.1986")
    stands(staff)
    where.get_by_role("button", name="Keep the place").click()
    expect(row).to_contain_text("12 Mill St (38.62790, -90.19860)")
    expect(row.get_by_text("Not on the map")).to_have_count(0)


def test_the_sign_up_stands_without_a_barrier_and_asks_for_no_program(city: City, room: Room) -> None:
    found: list[str] = []
    for theme in ("dark", "light"):
        for size in (DESK, PHONE):
            page = room.page(size=size, theme=theme)
            page.goto("/owners/sign-up")
            page.get_by_role("button", name="Offer the camera").click()
            expect(page.get_by_role("alert")).to_be_visible()
            found += [f"{theme} {size[0]}: {what}" for what in (*barriers(page), *runs_off(page))]
            assert page.evaluate("document.scripts.length") == 0
            weight: int = page.evaluate(
                "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
                ".reduce((sum, one) => sum + one.transferSize, 0)"
            )
            assert weight < 20_000
            page.context.close()
    assert not found, "\n".join(found)


def test_an_owner_darkens_the_room_and_takes_the_proof_home(city: City, room: Room, counted: Counted) -> None:
    name, camera = has_camera(city)
    owner, page = is_accepted(city, room)
    staff = room.sits("supervisor", "/owners")
    row = staff.get_by_role("listitem", name=owner)
    row.get_by_role("button", name=f"Offer {owner} an agreement").click()
    staff.get_by_label("Camera").select_option(label=name)
    staff.get_by_role("button", name="Offer it").click()
    expect(staff.get_by_role("dialog")).to_have_count(0)

    analyst = room.sits("analyst", f"/cameras/{camera}")
    says_yes(page, analyst)
    opens_live(analyst)
    video = analyst.get_by_label(f"Live picture of {name}").locator("video")
    plays(video)
    drawing = draws_a_mask(room, camera)
    recorded = plays_recorded(room, camera)
    page.get_by_role("button", name="Make it dark now").click()
    expect(analyst.get_by_text("The owner has suspended this camera.").first).to_be_visible()
    expect(video).to_be_hidden()
    took = went_dark(recorded, drawing)
    counted(f"what was recorded went dark {took:.0f} ms after the owner's tap")
    page.reload()
    expect(
        page.get_by_text(
            re.compile("viewed .* this month.* by analysts and supervisors, for one stolen vehicle")
        )
    ).to_be_visible()
    holds(city, proof(page))
    own_page_stands(room, page)
    seals_it(city, room, camera, page)
    page.get_by_role("button", name="Revoke and delete").click()
    expect(page.get_by_text("Dark, for good.")).to_be_visible()
    until(
        lambda: page.reload() and page.get_by_text(re.compile("Deleted: .+ of recordings")).count(),
        "what was recorded is deleted",
        30,
    )


def says_yes(page: Page, analyst: Page) -> None:
    """The owner does; before it nobody sees anything."""
    dark = "No agreement with the owner of this camera is in force."
    expect(analyst.get_by_text(dark).first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing is recorded or watched before you say yes.")).to_be_visible()
    page.get_by_role("button", name="Say yes to this").click()
    expect(page.get_by_text("Shared now.")).to_be_visible()


STILL = "(() => { const c = document.querySelector('.picture > canvas'); return [c.width, c.height]; })()"


def draws_a_mask(room: Room, camera: str) -> Page:
    """A supervisor who looks at the camera has begun to draw a mask over a still of it."""
    page = room.sits("supervisor", f"/cameras/{camera}")
    opens_live(page)
    plays(page.locator("figure.player video").first, 0.2)
    page.get_by_role("button", name="Mask a part of the picture").click()
    until(
        lambda: page.locator(".picture > canvas").count() and page.evaluate(STILL)[0] > 100, "a still of it"
    )
    return page


def plays_recorded(room: Room, camera: str) -> Page:
    """A second window of the analyst, in which what the camera recorded plays, seconds of it in hand."""
    page = room.sits("analyst", f"/cameras/{camera}")
    page.wait_for_timeout(2500)  # of which seconds are there to be played
    page.goto(f"/playback?cameras={camera}&at={page.evaluate('new Date(Date.now() - 2000).toISOString()')}")
    opens_live(page, act="Open what was recorded")
    picture = page.get_by_label(re.compile("^Recorded picture of ")).locator("video")
    until(lambda: picture.evaluate("(v) => v.readyState") >= 2, "a recorded picture")
    points_at_it(page)
    picture.evaluate(
        "(v) => { window.tapped = Date.now(); v.addEventListener('emptied', () => { window.dark = Date.now(); }); }"
    )
    return page


def went_dark(page: Page, drawing: Page) -> float:
    """How soon the recorded picture did, in ms: nothing of it is left on the page, the small ones over the bar neither; nor of the still
    that somebody draws masks over.
    """
    expect(drawing.get_by_text("No picture to draw on")).to_be_visible()
    assert drawing.evaluate(STILL) == [0, 0]
    expect(page.get_by_text("The owner has suspended this camera.").first).to_be_visible()
    picture = page.get_by_label(re.compile("^Recorded picture of ")).locator("video")
    assert picture.evaluate("(v) => [v.readyState, v.buffered.length, v.videoWidth]") == [0, 0, 0]
    expect(page.locator(".peek")).to_have_count(0)
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("The owner has suspended this camera.").first).to_be_visible()
    took: float = page.evaluate("window.dark - window.tapped")
    return took


def seals_it(city: City, room: Room, camera: str, page: Page) -> None:
    """A supervisor asks, a detective approves: the owner reads nothing of it, and nothing false."""
    asked = {"about": f"camera:{camera}", "need": "camera.live", "result": "allowed"}
    entry = city.get("auditor", "/audit/entries", **asked)["items"][0]["id"]
    desk = room.sits("supervisor", f"/audit/{entry}")
    desk.get_by_role("button", name="Seal for a case…").press("Enter")
    desk.get_by_label("Why", exact=True).fill("somebody there is suspected")
    if desk.get_by_label("Case", exact=True).input_value() == "":
        desk.get_by_label("Case", exact=True).select_option(index=1)
    assert [*barriers(desk), *runs_off(desk)] == []
    desk.get_by_role("button", name="Ask for the seal").press("Enter")
    desk.get_by_role("dialog").get_by_role("link", name="Sealed uses").click()
    mine = desk.get_by_role("button", name="Approve…")
    expect(mine).to_have_accessible_description("You proposed it: another person decides.")
    page.reload()
    # A picture that came late may have been opened twice.
    uses = page.get_by_role("row").filter(has_text="watched live")
    before = uses.count()
    assert before > 0

    second = room.sits("detective", "/audit/seals")
    second.get_by_role("button", name="Approve…").click()
    second.get_by_role("dialog").get_by_role("button", name="Approve", exact=True).click()
    row = second.get_by_role("row").filter(has_text="somebody there is suspected")
    expect(row).to_contain_text("sealed")
    assert [*barriers(second), *runs_off(second)] == []
    page.reload()
    expect(page.get_by_text("As told so far, your camera was")).to_be_visible()
    expect(uses).to_have_count(before - 1)


def own_page_stands(room: Room, page: Page) -> None:
    """The owner's page as it is now, in every look; it is read by a browser that runs programs, for the sake of axe alone."""
    found: list[str] = []
    for theme in ("dark", "light"):
        for size in (DESK, PHONE):
            other = room.page(size=size, theme=theme, state=page.context.storage_state())
            other.goto(page.url)
            expect(other.get_by_role("heading", level=1)).to_be_visible()
            found += [f"{theme} {size[0]}: {what}" for what in (*barriers(other), *runs_off(other))]
            other.context.close()
    assert not found, "\n".join(found)


def holds(city: City, extract: Extract) -> None:
    """The proof is whole by the log's key alone, and tells a role and no name."""
    key = VerifierKey.parse((city.data / "ledger" / "key.pub").read_text())
    assert faults(extract, key) == []
    said = fields_of(extract.leaf)
    assert (said["need"], said["roles"]) == ("camera.playback", "analyst") and "name" not in said


def has_camera(city: City) -> tuple[str, str]:
    """A camera that is an owner's, registered, with its technology in force; its name and id."""
    city.do(story.authorise(city.night, "private_camera_link", "Links of owners", lambda step, facts: None))
    name = f"The shop's door {city.number()}"
    body = {
        "name": name,
        "technology": "private_camera_link",
        "place": "12 Mill St",
        "lat": 38.63,
        "lon": -90.19,
    }
    body |= {
        "user": city.block.camera_user,
        "password": city.block.camera_password,
        "url": city.block.camera_url,
    }
    return name, str(city.post("technician", "/cameras", body)["id"])


def is_accepted(city: City, room: Room) -> tuple[str, Page]:
    """An owner whom staff accepted, at their page, on a phone without JavaScript."""
    name, page = f"Corner Shop {city.number()}", plain(room, "dark")
    said = {"kind": "business", "name": name, "email": f"corner{city.number()}@example.org", "address": "12 Mill St",
            "shares": "stream", "terms": "yes"}  # fmt: skip
    assert (
        httpx.post(f"{city.base}/owners/sign-up", data=said, headers={"Origin": city.base}).status_code == 200
    )
    owner = next(one for one in city.get("technician", "/owners")["items"] if one["name"] == name)
    page.goto(city.post("technician", f"/owners/{owner['id']}/link")["link"])
    page.get_by_role("button", name="Yes").click()
    city.post("technician", f"/owners/{owner['id']}/accept")
    page.goto(city.post("technician", f"/owners/{owner['id']}/link")["link"])
    page.get_by_role("button", name="Open my page").click()
    expect(page.get_by_role("heading", name="Your cameras")).to_be_visible()
    return name, page


def proof(page: Page) -> Extract:
    """The file behind the proof that the recording was played, once the log has signed it."""
    row = page.get_by_role("row").filter(has_text="recording played")
    link = row.get_by_role("link", name=re.compile("^entry ")).first
    until(lambda: link.count() or not page.reload(), "the entry has its place in the log", 30)

    def fetched() -> Extract | None:
        answer = page.context.request.get(f"{room_of(page)}{link.get_attribute('href')}")
        return Extract.parse(answer.body()) if answer.ok else None

    found = until(fetched, "the log has signed it", 30)
    assert found is not None
    return found


def room_of(page: Page) -> str:
    return page.url.partition("/owners")[0]
