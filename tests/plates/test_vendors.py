"""What each vendor's reader sends is the same read in our words, and whatever is wrong with it is refused in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plates.make import jpeg
from watchfloor.plates.ingest.adapters import ADAPTERS
from watchfloor.plates.ingest.claim import Claim, Rejected, Unfit, said_at
from watchfloor.plates.ingest.envelope import MOST_ELEMENTS, MOST_PARTS
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.model import Vehicle

TESTDATA = Path(__file__).parent / "testdata"
AT = datetime(2026, 11, 22, 21, 0, 0, 250_000, tzinfo=UTC)
ON_THE_WALL = AT.replace(hour=15, tzinfo=None)
RECORDED = {
    "axis": ("axis-lpv-new.json", "axis-lpv-update.json", "axis-lpv-lost.json"),
    "dahua": ("dahua-itsapi-tollgateinfo.json", "dahua-httpapi-events.txt", "dahua-itsapi-keepalive.json"),
    "genetec": ("genetec-sharpv-http.xml", "genetec-exporter-hit.xml", "genetec-exporter-reads.json"),
    "hikvision": ("hikvision-isapi-anpr.xml",),
    "milesight": ("milesight-lpr.json",),
    "openalpr": ("rekor-scout-alpr_group.json", "openalpr-agent-alpr_results.json"),
    "platerecognizer": ("platerecognizer-stream.json", "platerecognizer-stream-props.json"),
}
EVERY = [(form, name) for form, names in RECORDED.items() for name in names]


def recorded(name: str) -> bytes:
    return (TESTDATA / name).read_bytes()


def claims(form: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[Claim | Rejected, ...]:
    parsed = ADAPTERS[form].parse(body, headers or {})
    assert isinstance(parsed, tuple), parsed
    return parsed


def only(form: str, body: bytes, headers: Mapping[str, str] | None = None) -> Claim:
    (claim,) = claims(form, body, headers)
    assert isinstance(claim, Claim), claim
    return claim


def refused(form: str, body: bytes, headers: Mapping[str, str] | None = None) -> Rejected:
    parsed = ADAPTERS[form].parse(body, headers or {})
    found = parsed if isinstance(parsed, Rejected) else parsed[0]
    assert isinstance(found, Rejected), found
    return found


def multipart(*parts: tuple[str, str, bytes]) -> tuple[bytes, dict[str, str]]:
    """A body of parts (name, kind, content) as cameras write it, and its header."""
    body = b"".join(
        b'--frontier\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
        % (name.encode(), name.encode(), kind.encode(), content)
        for name, kind, content in parts
    )
    return body + b"--frontier--\r\n", {"content-type": "multipart/form-data; boundary=frontier"}


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("axis", "axis-lpv-update.json"),
        ("dahua", "dahua-itsapi-tollgateinfo.json"),
        ("dahua", "dahua-httpapi-events.txt"),
        ("genetec", "genetec-sharpv-http.xml"),
        ("genetec", "genetec-exporter-hit.xml"),
        ("hikvision", "hikvision-isapi-anpr.xml"),
        ("milesight", "milesight-lpr.json"),
        ("platerecognizer", "platerecognizer-stream-props.json"),
    ],
)
def test_every_vendors_words_for_one_car_are_one_read(form: str, name: str) -> None:
    claim = only(form, recorded(name))
    assert claim.plate.text == "ZQX107"
    assert claim.state in ("MO", None) and (claim.state == "MO" or name == "dahua-httpapi-events.txt")
    assert claim.confidence is None or 0.9 <= claim.confidence <= 1.0
    shown = claim.device_at or claim.local_at
    assert shown is not None and abs(shown.timestamp() % 60 - 0.25) < 1.0
    assert (claim.device_at is None) == (name in ("dahua-itsapi-tollgateinfo.json", "milesight-lpr.json"))
    assert claim.notes == ()


def test_the_tellings_of_one_passing_have_one_key_and_each_its_own_revision() -> None:
    told = [only("axis", recorded(f"axis-lpv-{state}.json")) for state in ("new", "update", "lost")]
    assert {claim.source_key for claim in told} == {"id:car 102"}
    assert len({claim.revision for claim in told}) == 3
    assert [claim.plate.text for claim in told] == ["ZQX1O7", "ZQX107", "ZQX107"]
    assert told[0].device_at == AT
    assert (told[0].position, told[0].lane) == ((38.6441, -90.1872), "Lane 1")
    assert told[0].vehicle == Vehicle(colour="black", body="car")
    assert told[0].crop is not None
    again = only("axis", recorded("axis-lpv-new.json"))
    assert again.revision == told[0].revision
    assert "LOST" in refused("axis", b'{"plateText":"ZQX107","carID":"1","carState":"parked"}').detail


def test_a_hikvision_alert_comes_with_its_pictures_and_the_plates_own_is_kept() -> None:
    wide, plate = jpeg(tail=b"wide"), jpeg(40, 10, tail=b"plate")
    body, headers = multipart(
        ("anpr.xml", "text/xml; charset=UTF-8", recorded("hikvision-isapi-anpr.xml")),
        ("licensePlatePicture.jpg", "image/jpeg", plate),
        ("detectionPicture.jpg", "image/jpeg", wide),
    )
    claim = only("hikvision", body, headers)
    assert (claim.crop, claim.plate_box) == (plate, None)
    assert claim.source_key == "id:a0fe72d4-3652-464a-aebd-000000000236"
    assert claim.position is not None
    assert (round(claim.position[0], 4), round(claim.position[1], 4)) == (38.6441, -90.1872)
    assert claim.vehicle == Vehicle(colour="green", body="SUVMPV")
    assert claim.lane == "lane 2"
    first = only("hikvision", recorded("hikvision-isapi-anpr.xml"))
    assert first.source_key == claim.source_key and first.crop is None
    other = b"<EventNotificationAlert><eventType>VMD</eventType></EventNotificationAlert>"
    assert claims("hikvision", other) == ()
    assert refused("hikvision", other.replace(b"VMD", b"fight")).reason == "unknown_event"


def test_a_dahua_car_by_the_clock_on_the_wall_and_one_by_the_stream_of_events() -> None:
    pushed = only("dahua", recorded("dahua-itsapi-tollgateinfo.json"))
    assert (pushed.local_at, pushed.lane) == (ON_THE_WALL, "lane 2")
    assert pushed.vehicle == Vehicle("Black", "Maker", "Test", "SaloonCar")
    assert pushed.crop is not None and b"\x01\xe0\x02\x80" in pushed.crop, (
        "the whole picture, to be cut about the plate"
    )
    assert pushed.plate_box == (3104 / 8192, 5752 / 8192, 528 / 8192, 392 / 8192)
    shown = jpeg(tail=b"street")
    body, headers = multipart(
        ("event", "text/plain", recorded("dahua-httpapi-events.txt")), ("picture", "image/jpeg", shown)
    )
    streamed = only("dahua", body, headers)
    assert (streamed.device_at, streamed.crop, streamed.lane) == (AT, None, "lane 1")
    assert claims("dahua", recorded("dahua-itsapi-keepalive.json")) == ()
    assert refused("dahua", b'{"Picture":{"Plate":{"IsExist":false}}}').field == "IsExist"


def test_a_vendors_hit_is_the_read_inside_it_and_its_list_says_nothing_here() -> None:
    hit = only("genetec", recorded("genetec-exporter-hit.xml"))
    assert (hit.plate.text, hit.state, hit.source_key) == ("ZQX107", "MO", "id:6942bb945e0b")
    assert hit.vehicle == Vehicle(make="Maker")
    assert hit.position == (38.6441, -90.1872)
    first, second = claims("genetec", recorded("genetec-exporter-reads.json"))
    assert isinstance(first, Claim) and isinstance(second, Claim)
    assert (first.device_at, first.confidence) == (AT, 0.97)
    assert second.device_at == datetime(2026, 11, 22, 21, 0, 5, tzinfo=UTC)
    sharp = only("genetec", recorded("genetec-sharpv-http.xml"))
    assert (sharp.device_at, sharp.lane, sharp.state) == (AT, "Camera 2", "MO"), (
        "a token left unfilled is nothing"
    )


def test_a_guessed_region_is_unread_and_other_readings_come_along() -> None:
    first, second = claims("platerecognizer", recorded("platerecognizer-stream.json"))
    assert isinstance(first, Claim) and isinstance(second, Claim)
    assert (first.state, second.state) == ("MO", None)
    assert [other.plate.text for other in first.alternatives] == ["ZQX107", "ZQXLO7"]
    assert first.source_key != second.source_key
    photo = jpeg(tail=b"upload")
    body, headers = multipart(
        ("json", "application/json", recorded("platerecognizer-stream-props.json")),
        ("upload", "image/jpeg", photo),
    )
    assert only("platerecognizer", body, headers).crop == photo
    assert claims("platerecognizer", b'{"hook":{"event":"heartbeat"}}') == ()


@pytest.mark.parametrize(
    ("said", "state"),
    [("MO", "MO"), ("us-mo", "MO"), ("Missouri", "MO"), (" new  york ", "NY"), ("USA", None), ("EU-DE", "EU-DE"), ("65", None),
     ("", None), (None, None), ("a-b-c-d", None)],
)  # fmt: skip
def test_a_country_is_no_state(said: str | None, state: str | None) -> None:
    assert issuer(said) == state


@pytest.mark.parametrize(
    "said",
    ["2026-11-22T21:00:00.250Z", "2026-11-22 15:00:00.250-06:00", "2026-11-22T15:00:00.250-0600", "1795381200250", "1795381200.25"],
)  # fmt: skip
def test_a_time_with_its_zone_is_one_moment_however_it_is_written(said: str) -> None:
    assert said_at(said, "at").at == AT


@pytest.mark.parametrize("said", ["20261122 150000250", "2026-11-22T15:00:00.250", "20261122150000250"])
def test_a_time_without_a_zone_is_the_one_on_the_wall(said: str) -> None:
    assert said_at(said, "at").local == ON_THE_WALL


@pytest.mark.parametrize("said", ["yesterday", "9" * 50, "2026-13-45 99:99:99", "99999999999999"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(Unfit, match="time"):
        said_at(said, "at")


XML = ("hikvision", "genetec")
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><AutoVu><Plate>&c;</Plate></AutoVu>'


@pytest.mark.parametrize("form", XML)
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (LAUGHS, "the XML cannot be read: a document type is not taken"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><AutoVu/>', "a document type is not taken"),
        (b"<AutoVu><Plate>ZQX107", "no element found"),
        (b"<AutoVu>" + b"<a/>" * (MOST_ELEMENTS + 1) + b"</AutoVu>", "it has more than 20000 elements"),
        (b'<?xml version="1.0" encoding="no-such"?><AutoVu/>', "cannot be read"),
        (b"<AutoVu>\xff\xfe</AutoVu>", "cannot be read"),
    ],
)
def test_xml_that_is_broken_or_hostile_is_refused_in_words(form: str, body: bytes, says: str) -> None:
    assert says in refused(form, body).detail


@pytest.mark.parametrize("form", sorted(set(RECORDED) - {"openalpr"}))
def test_a_body_of_another_kind_or_a_broken_multipart_is_refused_in_words(form: str) -> None:
    whole, headers = multipart(("x.jpg", "image/jpeg", jpeg()))
    assert refused(form, b"x", {"content-type": "video/mp4"}).reason == "content_type"
    assert "no part that says what was read" in refused(form, whole, headers).detail
    assert "boundary" in refused(form, whole, {"content-type": "multipart/form-data"}).detail
    broken = "the multipart body is broken off, or has not the boundary that it names"
    assert refused(form, whole[:-30], headers).detail == broken
    assert "broken off" in refused(form, b"", headers).detail
    many, headers = multipart(*[("x", "text/plain", b"{}")] * (MOST_PARTS + 1))
    assert refused(form, many, headers).reason == "too_many_parts"


@pytest.mark.parametrize(
    ("pictured", "says"),
    [
        (jpeg() + b"\0" * 3_000_000, "at most"),
        (jpeg(60_000, 60_000), "pixels a side"),
        (b"\xff\xd8\xff\xe0", "no frame"),
        (b"GIF89a", "not a JPEG"),
    ],
)
def test_a_picture_too_large_a_bomb_or_none_costs_itself_and_not_the_read(pictured: bytes, says: str) -> None:
    body, headers = multipart(
        ("anpr.xml", "text/xml", recorded("hikvision-isapi-anpr.xml")),
        ("licensePlatePicture.jpg", "image/jpeg", pictured),
    )
    claim = only("hikvision", body, headers)
    assert claim.crop is None
    (note,) = claim.notes
    assert note.startswith("picture left out: ") and says in note


def test_a_position_that_is_none_costs_itself_and_not_the_read() -> None:
    far = json.loads(recorded("axis-lpv-new.json")) | {"geotag": {"lat": 238.6, "lon": -90.2}}
    claim = only("axis", json.dumps(far).encode())
    assert claim.position is None
    assert claim.notes[0].startswith("geotag left out: a position is a latitude of -90 to 90")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    which=st.sampled_from(EVERY),
    at=st.integers(0, 4000),
    noise=st.binary(max_size=12),
    cut=st.integers(0, 4000),
    wrap=st.booleans(),
)
def test_whatever_is_cut_or_changed_is_a_read_or_refused_and_never_an_exception(
    which: tuple[str, str], at: int, noise: bytes, cut: int, wrap: bool
) -> None:  # fmt: skip
    form, name = which
    whole, headers = recorded(name), dict[str, str]()
    if wrap:
        whole, headers = multipart(("document", "", whole), ("picture.jpg", "image/jpeg", jpeg()))
    place = at % len(whole)
    for body in (whole[:place] + noise + whole[place + len(noise) :], whole[: cut % len(whole)], noise):
        parsed = ADAPTERS[form].parse(body, headers)
        for one in (parsed,) if isinstance(parsed, Rejected) else parsed:
            assert isinstance(one, Claim | Rejected)
            if isinstance(one, Rejected):
                assert one.reason and 0 < len(one.detail) < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(which=st.sampled_from([pair for pair in EVERY if pair[1].endswith(".json")]), data=st.data())
def test_any_value_in_any_place_of_the_json_is_a_read_or_refused(
    which: tuple[str, str], data: st.DataObject
) -> None:
    form, name = which
    document = json.loads(recorded(name))
    place: object = document
    for _ in range(data.draw(st.integers(0, 4))):
        if not isinstance(place, dict) or not place:
            break
        key = data.draw(st.sampled_from(sorted(place)))
        if data.draw(st.booleans()) or not isinstance(place[key], dict | list):
            place[key] = data.draw(JSON)
            break
        place = place[key] if isinstance(place[key], dict) else place[key][0]
    parsed = ADAPTERS[form].parse(json.dumps(document).encode(), {})
    for one in (parsed,) if isinstance(parsed, Rejected) else parsed:
        assert isinstance(one, Claim | Rejected)
