"""What a partner center sends is another's word: judged, bounded, cut to what was asked for, and told under its own name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from watchfloor.cameras import wire
from watchfloor.cameras.address import Login
from watchfloor.cameras.details import NOT_SAID, FootageKept
from watchfloor.cameras.model import Camera, CameraId
from watchfloor.cameras.partners.live import MOST_SAMPLES, is_fragment, judged
from watchfloor.cameras.partners.model import (
    OTHER_VERSION,
    Partner,
    called,
    far_of,
    is_offered,
    page_of,
    refusal,
    same_word,
)
from watchfloor.cameras.partners.taking import by_list
from watchfloor.cameras.partners.trust import trust
from watchfloor.cameras.sites.model import Site, SiteEntry, SiteKind, columns
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import Frame
from watchfloor.cameras.vault import Vault
from watchfloor.cameras.wire import EndNote, Kind, StateNote
from watchfloor.governance.forms import inside, why_given
from watchfloor.governance.model import Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable
from watchfloor.kit.geo import Point
from watchfloor.recordings.fmp4 import Timed, fragment
from watchfloor.recordings.from_partner import Boxes, head_of, told_of
from watchfloor.recordings.model import us

CAM = "cam_00000000000000000000000001"
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "id": CAM, "name": "County Gate", "technology": "fixed_camera", "place": {"text": "Gate", "lat": 38.6, "lon": -90.2},
    "heading_deg": 90, "field_deg": None, "range_m": None, "unknown": [1],
    "state": {"level": "normal", "word": "live", "reason": "Pictures arrive.", "since": "x", "last_frame_at": None},
}  # fmt: skip


def page(*items: object, following: str | None = None) -> bytes:
    return json.dumps({"items": items, "next": following}).encode()


def camera(**changes: Any) -> Camera:
    made: dict[str, Any] = {
        "id": CameraId(UUID(int=1)), "agency": UUID(int=2), "name": "A", "technology": TechnologyKind.FIXED_CAMERA,
        "address": "rtsp://10.0.0.1/x", "place_text": "Gate", "place": Point(38.6, -90.2), "heading_deg": 90.0, "enabled": True,
        "has_login": True, "version": 1, "created_at": NOON, "said": None,
    }  # fmt: skip
    return Camera(**(made | changes))


def test_what_is_offered_is_read_and_what_cannot_be_is_left_out() -> None:
    bad: tuple[dict[str, Any], ...] = (
        {"id": "cam_1"},
        {"id": "../../etc"},
        {"technology": "private_camera_link"},
        {"technology": "mind_reader"},
        {"place": {"text": "x", "lat": 91, "lon": 0}},
        {"place": {"text": "x", "lat": None, "lon": None}},
        {"name": " \u200b "},
        {"state": None},
    )
    items = [GOOD, *({**GOOD, **one} for one in bad), 7, None]
    (one,), following = page_of(page(*items, following="more"))
    assert (one.channel, one.name, one.place, one.heading_deg, following) == (
        CAM, "County Gate", Point(38.6, -90.2), 90.0, "more",
    )  # fmt: skip
    assert one.status[0] is CameraStatus.AT_SITE
    odd = {**GOOD, "name": "a\x1b[31m\nb" + "x" * 200, "heading_deg": 720, "range_m": 1e9}
    ((shown,), _) = page_of(
        page({**odd, "state": {**GOOD["state"], "level": "serious", "word": "no picture"}})
    )
    assert (shown.name[:7], len(shown.name), shown.heading_deg, shown.range_m) == ("a[31m b", 80, None, None)
    assert shown.status == (CameraStatus.SILENT, "Its center says “no picture”: Pictures arrive.")
    for nonsense in (b"<html>", b"[]", b"{}", page({"id": 1}), b"[" * 100_000, page(following=None)[:-1]):
        with pytest.raises(Unavailable, match="not understood here"):
            page_of(nonsense)


def test_a_no_of_a_partner_is_told_in_its_words_under_its_name() -> None:
    said = {"kind": "refused", "reason": "expired", "detail": "“Use”\nexpired.", "next_step": "Ask."}
    told = refusal(403, json.dumps(said).encode(), "County")
    assert (type(told), told.reason, told.detail, told.next_step) == (
        Unavailable, "expired", "County says: “Use” expired.", "Ask.",
    )  # fmt: skip
    for status, kind, reason, words in (
        (302, Unavailable, "redirect", "County sends us to another address; that is not followed."),
        (
            401,
            Unavailable,
            "login_refused",
            "County refuses the name and password that it gave us: “Use” expired.",
        ),
        (404, NotFound, "expired", "County says: “Use” expired."),
        (429, Full, "expired", "County says: “Use” expired."),
    ):
        one = refusal(status, json.dumps(said).encode(), "County")
        assert (type(one), one.reason, one.detail) == (kind, reason, words)
    for data in (b"<html>Bad gateway", b"[]", b"{}"):
        one = refusal(502, data, "County")
        assert one.detail == "County answered 502, and nothing that a watchfloor says."


def test_a_partners_frame_is_handed_on_only_when_it_is_what_it_says() -> None:
    whole = fragment(
        1, [Timed(Frame(b"12345", True, 0, 0, 0), 3000), Timed(Frame(b"678", False, 3000, 3000, 0), 3000)]
    )
    picture = wire.frame(Kind.FRAGMENT, 1, 1, us(NOON), whole, key=True)
    init = wire.init(1, us(NOON), "avc1.640015", b"\0\0\0\x08ftyp")
    assert judged(picture, "County") == picture and judged(init, "County") == init
    assert judged(wire.note(Kind.DROP, wire.DropNote(3, "slow")), "County") is None
    state = judged(wire.note(Kind.STATE, StateNote("purple", "w" * 99, "a\nb")), "County")
    assert state is not None and wire.state_of(state) == StateNote("caution", "w" * 40, "a b")
    with pytest.raises(Unavailable, match="County says: It is over"):
        judged(wire.note(Kind.END, EndNote("grant_ended", "It is over.")), "County")
    cut = [whole[:size] for size in (0, 7, 60, 80, len(whole) - 1)]
    lies = [whole + b"x", whole.replace(b"trun", b"tfun"), whole[:80] + b"\xff\xff\xff\xff" + whole[84:]]
    assert not any(is_fragment(one) for one in (*cut, *lies))
    picture_of = {size: Timed(Frame(b"1" * size, False, 0, 0, 0), 1) for size in (0, 1)}
    assert is_fragment(fragment(1, [picture_of[1]] * MOST_SAMPLES))
    for many in ([1] * (MOST_SAMPLES + 1), [1, 0, 1], [0]):
        assert not is_fragment(fragment(1, [picture_of[size] for size in many]))
    for data in (
        "text", b"", wire.frame(Kind.FRAGMENT, 1, 1, 0, whole[:90]), wire.frame(Kind.RUN, 1, 1, 0, b""), b"\xff" * 40,
        wire.init(1, 0, "avc1\x00", b"\0\0\0\x08ftyp"), wire.init(1, 0, "avc1.640015", b"nothing"), init[: wire.HEAD_SIZE],
        wire.frame(Kind.STATE, 0, 0, 0, b"[" * 50),
    ):  # fmt: skip
        with pytest.raises(Unavailable, match="no live picture as we know it"):
            judged(data, "County")


def test_recorded_video_is_made_whole_and_anything_else_ends_it() -> None:
    ftyp, moov = b"\0\0\0\x0cftypiso5", b"\0\0\0\x08moov"
    whole = fragment(1, [Timed(Frame(b"12345", True, 0, 0, 0), 3000)])
    data, boxes, found = ftyp + moov + whole + whole, Boxes(), list[bytes]()
    for at in range(0, len(data), 7):
        found += boxes.take(data[at : at + 7])
    assert found == [ftyp + moov, whole, whole]
    for nonsense in (b"<!doctype html>", moov, ftyp + ftyp, ftyp + moov + b"\0\0\0\x08mdat", b"\xff" * 9):
        with pytest.raises(Unavailable, match=OTHER_VERSION[:20]):
            Boxes().take(nonsense)


def test_the_video_is_of_the_time_that_was_asked_for() -> None:
    begin = us(NOON)
    head = {
        "content-type": 'video/mp4; codecs="avc1.640015"', "wf-from": "2026-11-29T11:59:59.000000Z",
        "wf-to": "2026-11-29T12:00:30.000000Z",
    }  # fmt: skip
    mime, from_us, to_us = head_of(httpx.Headers(head), begin, begin + 60_000_000)
    assert (mime, from_us, to_us) == ("avc1.640015", begin - 1_000_000, begin + 30_000_000)
    for changed in (
        {"content-type": "text/html"},
        {"content-type": 'video/mp4; codecs="x\\"y"'},
        {"wf-from": "yesterday"},
        {"wf-from": "2026-11-29T12:00:00"},
        {"wf-from": "2026-11-29T10:00:00Z"},
        {"wf-from": "2026-11-29T12:05:00Z", "wf-to": "2026-11-29T12:06:00Z"},
        {"wf-to": "2026-11-29T11:00:00Z"},
    ):
        with pytest.raises(Unavailable, match="not understood"):
            head_of(httpx.Headers(head | changed), begin, begin + 60_000_000)


def test_what_a_partner_has_of_a_time_is_cut_to_it_and_rises() -> None:
    def span(a: int, b: int, **more: str) -> dict[str, str]:
        at = [(NOON + timedelta(seconds=s)).isoformat() for s in (a, b)]
        return {"from": at[0], "to": at[1], **more}

    told = {
        "ranges": [span(20, 90), span(-10, 10, run="1"), span(5, 15), span(200, 300)],
        "gaps": [span(10, 20, reason="The camera\ndoes not answer."), span(70, 70)],
        "filled": "whatever",
    }
    begin = us(NOON)
    ranges, gaps = told_of(json.dumps(told).encode(), begin, begin + 60_000_000)
    assert ranges == [(begin, begin + 10_000_000), (begin + 20_000_000, begin + 60_000_000)]
    assert gaps == [(begin + 10_000_000, begin + 20_000_000, "The camera does not answer.")]
    for nonsense in (b"{}", b"[]", json.dumps({"ranges": [{"from": "x", "to": "y"}], "gaps": []}).encode()):
        with pytest.raises(Unavailable, match="not understood"):
            told_of(nonsense, begin, begin + 1)


def test_a_look_is_told_by_purpose_case_and_role_and_by_no_name() -> None:
    actor = Actor(
        UUID(int=9),
        ActorKind.PERSON,
        AgencyId(UUID(int=2)),
        frozenset({Role.DETECTIVE, Role.CLERK}),
        name="J. Doe",
    )
    why = why_given("stolen_vehicle", "case:case_00000000000000000000000001")
    partner = Partner(UUID(int=5), "County", "https://county", Login("city", "secret"))
    far = far_of(partner, camera(), Ask(actor, Need.CAMERA_PLAYBACK, why))
    assert far.told == {
        "Wf-Purpose": "stolen_vehicle", "Wf-Asked-For": "detective", "Wf-Case": "case:case_00000000000000000000000001",
    }  # fmt: skip
    assert "secret" not in repr(far)


def test_what_is_anothers_or_an_owners_is_offered_to_nobody() -> None:
    assert is_offered(camera())
    assert not is_offered(camera(address="https://county/api/v1/live/cam_1"))
    for technology in (TechnologyKind.PRIVATE_CAMERA_LINK, TechnologyKind.BODY_CAMERA):
        assert not is_offered(camera(technology=technology))


def test_a_list_may_leave_a_partners_camera_as_it_is_recorded_and_put_no_other_in_its_place() -> None:
    county = Site(
        UUID(int=5), "County", SiteKind.WATCHFLOOR, "Clayton", None, "https://county.example", "/api/v1/live/{channel}", None, None,
        True, 1, 1,
    )  # fmt: skip
    said = replace(NOT_SAID, site_id=county.id, channel=CAM, footage_kept=FootageKept.HERE)
    before = camera(address=f"https://county.example/api/v1/live/{CAM}", details=said)
    by_list(county, said, before)
    by_list(county, replace(said, footage_kept=FootageKept.AT_SITE), None)
    for other, entry, was in (
        (county, said, None),
        (county, replace(said, channel=f"{CAM[:-1]}2"), before),
        (replace(county, id=UUID(int=6)), replace(said, site_id=UUID(int=6)), before),
        (county, said, replace(before, details=replace(said, footage_kept=FootageKept.AT_SITE))),
    ):
        with pytest.raises(Invalid, match="A list does not ask whether County lends"):
            by_list(other, entry, was)


def test_an_offered_camera_is_known_again_and_keeps_a_name_of_its_own() -> None:
    ((one,), _) = page_of(page(GOOD))
    assert same_word(camera(), one) and not same_word(camera(heading_deg=10.0), one)
    assert called(one, "County", set()) == "County Gate"
    assert called(one, "County", {"County Gate"}) == "County Gate (County)"


ENTRY = SiteEntry(
    "County", SiteKind.WATCHFLOOR, "Clayton", None, "https://County.example:8443/", "", None, None, None
)


def test_another_center_is_an_https_address_and_nothing_else() -> None:
    fields, _, _ = columns(ENTRY)
    assert (fields["address"], fields["stream"], fields["replay"]) == (
        "https://county.example:8443", "/api/v1/live/{channel}", "/api/v1/cameras/{channel}/video",
    )  # fmt: skip
    for address in (
        "http://county",
        "rtsp://county",
        "https://county/api",
        "https://a:b@county",
        "https://",
        "",
        "county",
    ):
        with pytest.raises(Invalid):
            columns(SiteEntry("C", SiteKind.WATCHFLOOR, "x", None, address, "", None, None, None))
    with pytest.raises(Invalid, match="no certificate of an authority"):
        trust("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----")


def test_a_login_is_sealed_with_the_authority_that_it_is_shown_under() -> None:
    vault, site = Vault(b"v" * 32), UUID(int=7)
    for login in (Login("city", "p", "PEM"), Login("viewer", "p")):
        assert vault.open_of_site(site, vault.seal_of_site(site, login)) == login
    assert inside("camera", CAM) == UUID(int=1)
