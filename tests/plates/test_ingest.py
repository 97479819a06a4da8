"""What readers send, and what becomes of it: the good read is kept, the bad one is refused with what is wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.make import jpeg, reads_json
from watchfloor.plates import picture
from watchfloor.plates.ingest import openalpr, plain
from watchfloor.plates.ingest.adapters import ADAPTERS
from watchfloor.plates.ingest.claim import MOST_READS, Claim, Rejected
from watchfloor.plates.model import Plate, Vehicle

TESTDATA = Path(__file__).parent / "testdata"
AT = "2026-11-22T21:00:00.250Z"
SEEN: dict[str, object] = {"plate": "ABC123", "at": AT}
ZONED = "a time is RFC 3339 with a zone, like 2026-11-22T21:00:00.000Z"
NAMED = "a picture is named by its SHA-256 in lower-case hex, and put before the read"


def one(parsed: tuple[Claim | Rejected, ...] | Rejected) -> Claim | Rejected:
    assert isinstance(parsed, tuple), parsed
    assert len(parsed) == 1
    return parsed[0]


def claim(parsed: tuple[Claim | Rejected, ...] | Rejected) -> Claim:
    taken = one(parsed)
    assert isinstance(taken, Claim), taken
    return taken


def test_a_read_says_plate_state_time_and_how_sure_it_is() -> None:
    body = reads_json(
        {
            "id": "r-1", "plate": "abc 123", "state": "us-mo", "confidence": 0.97, "at": AT, "picture": "a" * 64,
            "lane": "2", "heading_deg": 360, "vehicle": {"colour": "red\u0000\n car", "make": "m" * 500},
            "alternatives": [{"plate": "A8C123", "confidence": 0.5}], "something_new": {"x": 1},
        }
    )  # fmt: skip
    taken = claim(plain.parse(body, {}))
    assert (taken.source_key, taken.plate, taken.state, taken.confidence) == (
        "id:r-1",
        Plate("ABC123"),
        "MO",
        0.97,
    )
    assert taken.device_at == datetime(2026, 11, 22, 21, 0, 0, 250_000, tzinfo=UTC)
    assert (taken.picture, taken.lane, taken.heading_deg) == ("a" * 64, "2", 0.0)
    assert taken.vehicle == Vehicle(colour="red car", make="m" * 60)
    assert [a.plate.text for a in taken.alternatives] == ["A8C123"]


def test_one_bad_read_does_not_cost_the_others_and_each_is_named_by_its_place() -> None:
    parsed = plain.parse(
        reads_json(SEEN, {"plate": "♦♦♦", "at": AT}, {"plate": 7, "at": AT}, {**SEEN, "id": "2"}), {}
    )
    assert isinstance(parsed, tuple)
    assert [type(x).__name__ for x in parsed] == ["Claim", "Rejected", "Rejected", "Claim"]
    second, third = parsed[1], parsed[2]
    assert isinstance(second, Rejected)
    assert (second.index, second.field, second.detail) == (
        1,
        "plate",
        "a plate has letters A-Z and digits, not black diamond suit",
    )
    assert isinstance(third, Rejected)
    assert third.index == 2
    assert "Expected `str`, got `int` - at `$.plate`" in third.detail


def test_the_same_read_written_differently_has_one_key_and_another_read_has_another() -> None:
    first = claim(plain.parse(b'{"reads":[{"plate":"ABC123","at":"2026-11-22T21:00:00Z","lane":"1"}]}', {}))
    again = claim(
        plain.parse(b'{"reads": [ {"lane": "1", "at":"2026-11-22T21:00:00Z", "plate":"ABC123"} ]}', {})
    )
    other = claim(plain.parse(b'{"reads":[{"plate":"ABC123","at":"2026-11-22T21:00:01Z","lane":"1"}]}', {}))
    assert first.source_key == again.source_key != other.source_key
    assert first.source_key.startswith("sha256:")


@pytest.mark.parametrize(
    ("read", "field", "says"),
    [
        ({"plate": "ABC123"}, "id", "a read needs an id or a time"),
        ({**SEEN, "id": ""}, "id", "1 to 200 printable characters"),
        ({**SEEN, "id": "x" * 201}, "id", "1 to 200 printable characters"),
        ({**SEEN, "id": "a\u0000b"}, "id", "1 to 200 printable characters"),
        ({**SEEN, "plate": ""}, "plate", "at least one letter or digit"),
        ({**SEEN, "plate": "A" * 4000}, "plate", "at most 12 characters"),
        ({**SEEN, "plate": "١٢٣"}, "plate", "not arabic-indic digit one"),
        ({**SEEN, "state": "Missouri"}, "state", "two or three letters"),
        ({**SEEN, "confidence": 97}, "confidence", "a confidence is 0 to 1"),
        ({**SEEN, "confidence": -0.1}, "confidence", "a confidence is 0 to 1"),
        ({**SEEN, "heading_deg": 1e300}, "heading_deg", "0 to 360 degrees"),
        ({**SEEN, "at": "2026-11-22T21:00:00"}, "at", ZONED),
        ({**SEEN, "at": "yesterday"}, "at", ZONED),
        ({**SEEN, "at": "0000-00-00T00:00:00Z"}, "at", ZONED),
        ({**SEEN, "at": "9999-12-31T23:59:59-23:59"}, "at", ZONED),
        ({**SEEN, "at": "2" * 100_000}, "at", ZONED),
        ({**SEEN, "picture": "../../etc/passwd"}, "picture", NAMED),
        ({**SEEN, "picture": "A" * 64}, "picture", NAMED),
        ({**SEEN, "alternatives": [{"plate": "💥"}]}, "plate", "not collision symbol"),
    ],
)
def test_a_value_that_is_none_is_named_with_its_field(read: dict[str, object], field: str, says: str) -> None:
    refused = one(plain.parse(reads_json(read), {}))
    assert isinstance(refused, Rejected)
    assert (refused.index, refused.field) == (0, field)
    assert says in refused.detail
    assert len(refused.detail) < 300


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "truncated"),
        (b"null", "Expected `object`"),
        (b"{}", "missing required field `reads`"),
        (b'{"reads":{}}', "Expected `array`"),
        (b'{"reads":[{"plate":"A","confidence":NaN,"at":"x"}]}', "malformed"),
        (b'{"reads\xff":[]}', "missing required field `reads`"),
        (b'\xef\xbb\xbf{"reads":[]}', "malformed"),
        (b'{"reads":[],"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (b"reads=ABC123", "malformed"),
        (reads_json(*[SEEN] * (MOST_READS + 1)), "at most 500 reads, this has 501"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(body: bytes, says: str) -> None:
    refused = plain.parse(body, {})
    assert isinstance(refused, Rejected)
    assert refused.index is None
    assert says in refused.detail


@pytest.mark.parametrize(
    "inner",
    [
        b'{"plate":"A","confidence":1e999,"at":"x"}',
        b'{"plate":"\\ud800"}',
        b'{"plate":"A","v":' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    ],
)
def test_a_read_that_cannot_be_read_leaves_its_neighbours(inner: bytes) -> None:
    parsed = plain.parse(b'{"reads":[' + inner + b"," + json.dumps(SEEN).encode() + b"]}", {})
    if isinstance(parsed, Rejected):
        assert parsed.reason == "malformed"
    else:
        assert [type(x).__name__ for x in parsed] == ["Rejected", "Claim"]


@given(st.binary(max_size=200))
def test_no_bytes_break_an_adapter(noise: bytes) -> None:
    for adapter in ADAPTERS.values():
        parsed = adapter.parse(noise, {})
        assert isinstance(parsed, (tuple, Rejected))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["plate", "best_plate", "name", "confidence"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "data_type",
                "best_plate_number",
                "best_plate",
                "epoch_start",
                "best_uuid",
                "vehicle",
                "candidates",
                "group",
                "results",
                "uuid",
            ]
        ),
        JSON,
    )
)
def test_no_json_breaks_the_webhook(message: dict[str, object]) -> None:
    for kind in ("alpr_group", "alpr_results", "alpr_alert"):
        parsed = openalpr.parse(json.dumps(message | {"data_type": kind}).encode(), {})
        assert isinstance(parsed, (tuple, Rejected))


def scout(change: Callable[[dict[str, object]], object] = lambda group: None) -> bytes:
    group = json.loads((TESTDATA / "rekor-scout-alpr_group.json").read_text())
    change(group)
    return json.dumps(group).encode()


def test_a_scout_group_is_one_read_with_its_state_direction_and_vehicle() -> None:
    taken = claim(openalpr.parse(scout(), {}))
    assert taken.source_key == "id:TESTAGENT-610071606-1795381200123"
    assert (taken.plate.text, taken.state) == ("ZZ9Q4K", "MO")
    assert taken.confidence == pytest.approx(0.934)
    assert taken.device_at == datetime.fromtimestamp(1795381200, UTC) + timedelta(milliseconds=123)
    assert (taken.lane, taken.heading_deg) == ("camera 610071606", 271.5)
    assert taken.vehicle == Vehicle("silver-gray", "toyota", "toyota camry", "sedan-standard")
    assert [a.plate.text for a in taken.alternatives] == ["ZZ9Q4K", "ZZ904K"]
    assert taken.notes == ()


@pytest.mark.parametrize(("sure", "state"), [(80.0, "MO"), (79.9, None), (0, None), (None, None)])
def test_a_state_that_the_agent_guessed_counts_as_unread(sure: float | None, state: str | None) -> None:
    def doubt(group: dict[str, object]) -> None:
        group["best_region_confidence"] = sure
        best = group["best_plate"]
        assert isinstance(best, dict)
        best["region_confidence"] = sure

    assert claim(openalpr.parse(scout(doubt), {})).state == state


def test_a_german_plate_is_not_from_delaware() -> None:
    assert claim(openalpr.parse(scout(lambda g: g.update(best_region="eu-de")), {})).state == "EU-DE"


def test_the_wide_picture_is_preferred_and_the_plate_crop_is_the_second_choice() -> None:
    wide, crop = jpeg(400, 400, tail=b"wide"), jpeg(tail=b"crop")

    def both(group: dict[str, object]) -> None:
        group["vehicle_crop_jpeg"] = base64.b64encode(wide).decode()
        best = group["best_plate"]
        assert isinstance(best, dict)
        best["plate_crop_jpeg"] = base64.b64encode(crop).decode()

    assert claim(openalpr.parse(scout(both), {})).crop == wide
    assert claim(openalpr.parse(scout(both), {})).plate_box == (159 / 400, 150 / 400, 103 / 400, 52 / 400)

    def broken(group: dict[str, object]) -> None:
        both(group)
        group["vehicle_crop_jpeg"] = "not base64 at all"

    taken = claim(openalpr.parse(scout(broken), {}))
    assert taken.crop == crop
    assert taken.notes == ("picture left out: it is not base64",)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (base64.b64encode(b"GIF89a not ours").decode(), "picture left out: the picture is not a JPEG"),
        (
            base64.b64encode(b"\xff\xd8\xff\xe0junk").decode(),
            "picture left out: the JPEG is broken: it has no frame",
        ),
        ("A" * (picture.MOST_BYTES * 2), "picture left out: a picture has at most 2097152 bytes"),
    ],
)
def test_a_bad_picture_costs_itself_and_not_the_read(text: str, note: str) -> None:
    taken = claim(openalpr.parse(scout(lambda g: g.update(vehicle_crop_jpeg=text)), {}))
    assert taken.crop is None
    assert taken.notes == (note,)


def test_a_field_that_is_off_costs_itself_and_not_the_read() -> None:
    off = {
        "travel_direction": 1e9,
        "best_confidence": 900,
        "best_uuid_epoch_ms": 1e40,
        "candidates": None,
        "is_preview": 0,
    }
    taken = claim(openalpr.parse(scout(lambda g: g.update(off)), {}))
    assert (taken.plate.text, taken.heading_deg, taken.confidence, taken.device_at) == (
        "ZZ9Q4K",
        None,
        None,
        None,
    )
    assert taken.notes == (
        "best_confidence left out: a confidence is 0 to 100",
        "epoch_start left out: the time is out of range",
        "travel_direction left out: a heading is 0 to 360 degrees",
    )


def test_a_preview_waits_for_its_group_and_a_heartbeat_is_only_heard() -> None:
    assert openalpr.parse(scout(lambda g: g.update(is_preview=True)), {}) == ()
    assert openalpr.parse((TESTDATA / "openalpr-agent-heartbeat.json").read_bytes(), {}) == ()


def test_the_vendors_own_alert_is_the_same_read_as_its_group() -> None:
    alert = b'{"data_type":"alpr_alert","alert_list":"x","group":' + scout() + b"}"
    assert claim(openalpr.parse(alert, {})).source_key == claim(openalpr.parse(scout(), {})).source_key


def test_the_older_agents_results_are_one_read_a_plate_with_seconds_for_time() -> None:
    parsed = openalpr.parse((TESTDATA / "openalpr-agent-alpr_results.json").read_bytes(), {})
    assert isinstance(parsed, tuple)
    assert [c.plate.text for c in parsed if isinstance(c, Claim)] == ["ZZ11FR", "QQJLES"]
    assert len({c.source_key for c in parsed if isinstance(c, Claim)}) == 2
    assert {c.device_at for c in parsed if isinstance(c, Claim)} == {datetime.fromtimestamp(1795381200, UTC)}
    assert {c.state for c in parsed if isinstance(c, Claim)} == {None}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"data_type":"alpr_face"}', "unknown_data_type"),
        (b"[]", "malformed"),
        (b"<xml/>", "malformed"),
        (b'{"data_type":"alpr_group","best_plate":7}', "malformed"),
        (b'{"data_type":"alpr_group","vehicle":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "malformed"),
        (b'{"data_type":"alpr_results","results":[{"plate":"ABC"}]}', "bad_value"),
    ],
)
def test_a_message_of_no_known_form_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    refused = openalpr.parse(body, {})
    assert isinstance(refused, Rejected)
    assert refused.reason == reason


def test_a_group_without_number_or_time_is_refused_because_a_second_sending_could_not_be_told() -> None:
    refused = one(
        openalpr.parse(
            scout(lambda g: g.update(best_uuid=None, best_uuid_epoch_ms=None, epoch_start=None)), {}
        )
    )
    assert isinstance(refused, Rejected)
    assert refused.field == "best_uuid"


@pytest.mark.parametrize(
    ("given_bytes", "fault"),
    [
        (jpeg(), None),
        (jpeg(16_384, 1), None),
        (jpeg(0, 10), "pixels a side"),
        (jpeg(16_385, 10), "pixels a side"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "not a JPEG"),
        (b"", "not a JPEG"),
        (b"\xff\xd8\xff", "no frame"),
        (jpeg()[:25], "no frame"),
        (b"\xff\xd8\xff\xe0\x00\x01" + b"0" * 40, "no frame"),
        (b"\xff\xd8\xff\xda" + b"0" * 40, "no frame"),
        (b"\xff\xd8" + b"\xff" * 1000, "no frame"),
        (jpeg() + b"\0" * picture.MOST_BYTES, "at most"),
        (b"<html>\xff\xd8\xff", "not a JPEG"),
    ],
)
def test_a_picture_is_a_jpeg_by_its_own_bytes(given_bytes: bytes, fault: str | None) -> None:
    found = picture.fault_of(given_bytes)
    assert (found is None) if fault is None else (found is not None and fault in found)
