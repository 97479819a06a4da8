"""Nothing is watched before two persons wrote down what the community approved, and everything ends when one takes it back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import opens_live, plays
from tests.console.test_every_page import barriers
from tests.fixtures.browser import CLOCK, City, Room
from watchfloor.kit.clock import rfc3339

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_clerk_proposes_and_only_another_person_brings_it_into_force(city: City, room: Room) -> None:
    title = f"Microphones on the north side {city.number()}"
    clerk = room.sits("clerk", "/authorisations")
    clerk.get_by_role("button", name="Propose an authorisation").click()
    clerk.get_by_role("button", name="Propose", exact=True).click()
    expect(clerk.get_by_text("Choose a technology.")).to_be_visible()  # nothing was sent
    fill_in(clerk, title)
    clerk.get_by_role("button", name="Propose", exact=True).click()

    waits = clerk.get_by_role("article").filter(has_text=title)
    expect(waits).to_be_visible()
    approve = waits.get_by_role("button", name="Approve…")
    expect(approve).to_be_disabled()
    expect(approve).to_have_accessible_description("You proposed it: another person decides.")

    supervisor = room.sits("supervisor", "/authorisations")
    supervisor.get_by_role("article").filter(has_text=title).get_by_role("button", name="Approve…").click()
    dialog = supervisor.get_by_role("dialog")
    dialog.get_by_label("Note").fill("The ordinance lies before me.")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    row = supervisor.get_by_role("listitem").filter(has=supervisor.get_by_role("link", name=title))
    expect(row.get_by_text("In force")).to_be_visible()
    expect(waits).to_have_count(0)  # at the clerk's too, by itself


def test_each_class_of_data_is_given_its_own_length_and_read_back_as_approved(city: City, room: Room) -> None:
    title = f"Readers that keep no reads {city.number()}"
    clerk = room.sits("clerk", "/authorisations/new")
    fill_in(clerk, title)
    clerk.get_by_label("Technology").select_option("fixed_camera")
    expect(clerk.get_by_role("group", name="Kept otherwise")).to_have_count(0)  # its footage is all it keeps
    clerk.get_by_label("Technology").select_option("plate_reader")
    lengths = clerk.get_by_role("group", name="Kept otherwise")
    in_minutes = lengths.get_by_label("in minutes").first
    in_minutes.check()
    clerk.get_by_role("button", name="Propose", exact=True).click()
    expect(lengths.get_by_text("Plate reads: say how many minutes.")).to_be_visible()
    in_minutes.uncheck()
    lengths.get_by_label("Plate reads").fill("7")
    lengths.get_by_label("Pictures of plates").fill("8")
    clerk.get_by_role("button", name="Propose", exact=True).click()
    expect(lengths.get_by_text("A picture is not kept longer than the read it shows.")).to_be_visible()
    lengths.get_by_label("Plate reads").fill("0")
    lengths.get_by_label("Pictures of plates").fill("")
    lengths.get_by_label("Hits with their pictures and alerts").fill("365")
    expect(
        clerk.get_by_text(
            "kept 30 days; plate reads are matched and never stored; pictures of plates are matched and never stored;"
            " hits with their pictures and alerts 365 days."
        )
    ).to_be_visible()
    clerk.get_by_role("button", name="Propose", exact=True).click()

    waits = clerk.get_by_role("article").filter(has_text=title)
    expect(waits).to_contain_text("hits with their pictures and alerts 365 days")
    proposal = next(p for p in city.get("supervisor", "/proposals")["items"] if p["title"] == title)
    approved = city.post("supervisor", f"/proposals/{proposal['id']}/approve", {"note": ""})
    auditor = room.sits("auditor", f"/authorisations/{approved['subject']}")
    for line in (
        "Plate reads: never stored",
        "Pictures of plates: never stored",
        "Hits with their pictures and alerts: 365 days",
    ):
        expect(auditor.get_by_role("main").get_by_text(line)).to_be_visible()
    city.post("supervisor", f"/authorisations/{approved['subject']}/suspend", {"reason": "A test is over."})


def test_an_authorisation_says_for_whom_it_waits_and_is_in_force_with_that_bodys_yes(
    city: City, room: Room
) -> None:
    title = f"Trailers of two bodies {city.number()}"
    form = _form(title)
    form["bodies"] = [
        *form["bodies"],
        {"body": "State Board", "instrument": "A hearing to come", "approved_at": None},
    ]  # type: ignore[misc]  # a list: `_form` makes it
    proposed = city.post("supervisor", "/authorisations", form)
    made = city.post("clerk", f"/proposals/{proposed['id']}/approve", {"note": ""})["subject"]
    clerk = room.sits("clerk", f"/authorisations/{made}")
    expect(clerk.get_by_text("waiting for: State Board")).to_be_visible()
    expect(clerk.get_by_text("Not authorised now, by this or any other:")).to_contain_text("Object search")

    clerk.get_by_role("button", name="Record an approval…").click()
    dialog = clerk.get_by_role("dialog")
    dialog.get_by_label("Instrument").fill("Resolution 3")
    dialog.get_by_label("Approved on").fill(f"{CLOCK.now() + timedelta(days=2):%Y-%m-%d}")
    dialog.get_by_role("button", name="Propose").click()
    expect(dialog.get_by_role("alert")).to_contain_text("State Board cannot have approved it in the future")
    dialog.get_by_label("Approved on").fill(f"{CLOCK.now() - timedelta(days=2):%Y-%m-%d}")
    dialog.get_by_role("button", name="Propose").click()
    row = clerk.get_by_role("listitem").filter(has=clerk.get_by_role("link", name=title))
    expect(row.get_by_text("waiting for: State Board")).to_be_visible()
    approval = next(
        p for p in city.get("supervisor", "/proposals", state="open")["items"] if p["title"] == title
    )
    city.post("supervisor", f"/proposals/{approval['id']}/approve", {"note": ""})
    clerk.goto(f"/authorisations/{made}")
    expect(clerk.get_by_text("The approval of State Board, recorded by")).to_be_visible()
    expect(clerk.get_by_text("In force", exact=True)).to_be_visible()
    city.post("supervisor", f"/authorisations/{made}/suspend", {"reason": "A test is over."})


def test_the_same_person_cannot_approve_even_past_the_disabled_button(city: City, room: Room) -> None:
    proposed = city.post("supervisor", "/authorisations", _form("Trailers of one person"))
    supervisor = room.sits("supervisor", "/authorisations")
    answer = supervisor.evaluate(
        """async (id) => {
            const answer = await fetch(`/api/v1/proposals/${id}/approve`, {
                method: 'POST', body: JSON.stringify({note: ''}),
                headers: {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()},
            });
            return [answer.status, await answer.json()];
        }""",
        proposed["id"],
    )
    assert answer[0] == 403 and answer[1]["reason"] == "same_person", answer


def test_suspending_closes_the_open_picture_within_seconds_and_says_so(city: City, room: Room) -> None:
    authorisation = _trailer_in_force(city)
    camera = _trailer(city)
    analyst = room.sits("analyst", f"/cameras/{camera}")
    opens_live(analyst)
    video = analyst.get_by_role("figure", name="Live picture of Trailer").locator("video")
    plays(video)

    supervisor = room.sits("supervisor", f"/authorisations/{authorisation}")
    supervisor.get_by_role("button", name="Suspend…").click()
    supervisor.get_by_role("dialog").get_by_label("Reason").fill("The council asked for a pause.")
    supervisor.get_by_role("dialog").get_by_role("button", name="Suspend now").click()
    expect(supervisor.get_by_role("main").get_by_text("The council asked for a pause.").first).to_be_visible()
    pressed = CLOCK.monotonic()
    ended = analyst.get_by_text("The picture was ended")
    expect(ended).to_be_visible(timeout=10_000)
    assert CLOCK.monotonic() - pressed < 10
    expect(analyst.get_by_role("status").filter(has_text="suspended")).to_be_visible()
    # What was recorded, and what of it this browser already had, goes with it.
    expect(analyst.get_by_role("figure", name=re.compile("^Recorded picture"))).to_have_count(0)
    expect(analyst.get_by_text(re.compile("^Recorded video: .*suspended"))).to_be_visible()

    analyst.get_by_role("button", name="Ask again").click()
    expect(analyst.get_by_text("Not allowed")).to_be_visible()

    _lifts(city, room, supervisor, authorisation)


def _lifts(city: City, room: Room, supervisor: Page, authorisation: str) -> None:
    """The suspension ends by two persons; who may not lift it reads why."""
    reader = room.sits("analyst", f"/authorisations/{authorisation}")
    expect(reader.get_by_text("Why you cannot lift the suspension:")).to_be_visible()
    lift = supervisor.get_by_role("button", name="Lift the suspension…")
    for theme in ("dark", "light"):
        supervisor.emulate_media(color_scheme=theme)
        assert barriers(supervisor) == []
    lift.click()
    dialog = supervisor.get_by_role("dialog", name=re.compile("Lift the suspension"))
    dialog.get_by_label("Reason").fill("The council has seen the report.")
    dialog.get_by_role("button", name="Propose").click()
    card = supervisor.get_by_role("article").filter(has_text="The suspension of").first
    expect(card).to_contain_text("You proposed it: another person decides.")
    (proposal,) = [
        one["id"]
        for one in city.get("clerk", "/proposals", state="open")["items"]
        if one["kind"] == "suspension_lift"
    ]
    city.post("clerk", f"/proposals/{proposal}/approve", {"note": ""})
    supervisor.goto(f"/authorisations/{authorisation}")
    expect(supervisor.get_by_role("button", name="Suspend…")).to_be_visible()
    expect(supervisor.get_by_text("The suspension was lifted, as S. Penn proposed")).to_be_visible()
    city.post("supervisor", f"/authorisations/{authorisation}/suspend", {"reason": "A test is over."})


def fill_in(clerk: Page, title: str) -> None:
    """What a clerk writes of an authorisation for microphones."""
    clerk.get_by_label("Technology").select_option("acoustic_array")
    clerk.get_by_label("Title").fill(title)
    clerk.get_by_label("Body", exact=True).fill("River City Council")
    clerk.get_by_label("Instrument").fill("Resolution 26-044")
    clerk.get_by_label("Approved on").fill("2026-03-02")
    clerk.get_by_label("Shots fired").check()
    clerk.get_by_label("Analyst").check()
    expect(clerk.get_by_text("It will read")).to_be_visible()


def _form(title: str) -> dict[str, object]:
    at = CLOCK.now()
    return {
        "technology": "mobile_trailer",
        "title": title,
        "bodies": [{"body": "River City Council", "instrument": "Resolution 26-045",
                    "approved_at": rfc3339(at - timedelta(days=3)), "hearing_at": None, "comment_until": None}],
        "effective_at": rfc3339(at - timedelta(days=1)),
        "expires_at": rfc3339(at + timedelta(days=30)),
        "purposes": ["stolen_vehicle", "patrol_monitoring"],
        "roles": ["analyst", "supervisor", "technician"],
        "area": [],
        "keep_for_days": 30,
        "audio": False,
        "note": "",
    }  # fmt: skip


def _trailer_in_force(city: City) -> str:
    proposed = city.post("clerk", "/authorisations", _form(f"Trailers {city.number()}"))
    approved = city.post("supervisor", f"/proposals/{proposed['id']}/approve", {"note": ""})
    return str(approved["subject"])


def _trailer(city: City) -> str:
    made = city.post(
        "technician",
        "/cameras",
        {"name": "Trailer", "technology": "mobile_trailer", "place": "Ferry landing", "lat": 38.63, "lon": -90.19,
         "heading_deg": None, "url": city.block.camera_url, "user": city.block.camera_user,
         "password": city.block.camera_password},
    )  # fmt: skip
    return str(made["id"])
