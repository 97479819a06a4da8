"""What of a CAP message is understood: its plates, its vehicle, its kind, and what is refused. All of it is invented."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.test_cap import BOMB, CAE, NOW, PROSE, SENDER, cap, sent_at
from watchfloor.kit.errors import Invalid
from watchfloor.plates.cap import MOST_PARAMETER, MOST_WORDS, CapMessage, message_of
from watchfloor.plates.cap_words import named_in, vehicle_of


def plates(message: CapMessage) -> list[tuple[str, str | None, bool]]:
    return [(one.plate.text, one.state, one.sure) for one in named_in(message)]


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (PROSE, [("ZQ4X7T", "MO")]),
        (
            "LAST SEEN IN A WHITE HONDA CIVIC MO LICENSE PLATE ZQ4X7T LAST SEEN NEAR MILL ST",
            [("ZQ4X7T", "MO")],
        ),
        ("License plate number: ZQX-107 (IL).", [("ZQX107", "IL")]),
        ("a tan van, tag number ZQX 107, New Mexico", [("ZQX107", "NM")]),
        ("last seen, plate ZQ4X7T", [("ZQ4X7T", None)]),
        ("at the weekend with friends,\nlicense\n  plate   ZQ4X7T", [("ZQ4X7T", None)]),
        ("with Kansas tag 107 ZQ2 or plate ZQX108", [("107ZQ2", "KS"), ("ZQX108", None)]),
        # A part of a plate is none, nor is a number that no word calls a plate.
        ("a partial plate of ZQX1", []),
        ("a license plate beginning with ZQX1", []),
        ("the last four digits of the license plate: ZQX1", []),
        ("a tag SEDAN 2014", []),
        ("plate ZQX1**", []),
        ("plate unknown. Call 555 0107. Case 26-1201", []),
        ("license plate zqx107", []),
        ("she weighs 107 pounds; the plate is missing", []),
    ],
)
def test_plates_are_found_in_prose_where_a_word_says_so_and_are_never_sure(
    description: str, found: list[tuple[str, str | None]]
) -> None:
    message = message_of(cap(description=description), NOW)
    assert plates(message) == [(plate, state, False) for plate, state in found]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"licensePlate": "ZQ4 X7T", "licensePlateState": "Missouri"}, ("ZQ4X7T", "MO", True)),
        ({"License Plate Number": "ZQ4X7T"}, ("ZQ4X7T", None, True)),
        ({"plate": "unknown"}, ("UNKNOWN", None, False)),
        ({"plate": "MO 4QX7T"}, ("MO4QX7T", None, False)),
        ({"plate": "ZQ4X7T", "plateState": "somewhere"}, ("ZQ4X7T", None, False)),
    ],
)
def test_a_plate_that_a_parameter_says_plainly_is_sure(
    parameters: dict[str, str], found: tuple[str, str | None, bool]
) -> None:
    assert plates(message_of(cap(description="", says=parameters), NOW)) == [found]


@pytest.mark.parametrize(
    "long", [f"plate{' ' * 200_000}x", "TAG " * 250_000, "blue " * 100_000, "A1" * 200_000]
)
@pytest.mark.parametrize("in_parameter", [False, True])
def test_however_long_the_words_are_only_so_much_of_them_is_looked_at(long: str, in_parameter: bool) -> None:
    document = cap(description="", says={"plate": long}) if in_parameter else cap(description=long)
    message = message_of(document, NOW)
    assert len(message.prose) <= MOST_WORDS and all(
        len(said) <= MOST_PARAMETER for said in message.parameters[0].values()
    )
    assert (
        all("PLATE" in one.plate.text and not one.sure for one in named_in(message))
        and len(vehicle_of(message) or "") <= 200
    )
    # No word is cut in two at the end: half a plate would be another one.
    end = message_of(cap(description=f"{'a ' * (MOST_WORDS // 2 - 25)}plate ZQ4X7T9 {'b ' * 99}"), NOW)
    assert all(one.plate.text == "ZQ4X7T9" for one in named_in(end))


def test_every_part_in_english_is_read_and_what_lasts_longest_counts() -> None:
    spanish = cap(description="Placa", says={"plate": "ZQX100"}).replace(
        b"<info>", b"<info><language>es-US</language>"
    )
    first, second = (
        cap(description="", hours=-1, says={"plate": "ZQX107"}),
        cap(description="", says={"plate": "ZQX108"}),
    )
    parts = [one[one.index(b"<info>") : one.index(b"</alert>")] for one in (spanish, second)]
    message = message_of(first.replace(b"</alert>", b"".join(parts) + b"</alert>"), NOW)
    assert plates(message) == [("ZQX107", None, True), ("ZQX108", None, True)]
    assert message.empty is None and message.expires_at == NOW + timedelta(hours=6)


def test_the_vehicle_is_described_by_parameters_or_by_the_prose() -> None:
    said = {"vehicleYear": "2014", "vehicleColor": "blue", "vehicleMake": "Ford", "vehicleModel": "Focus"}
    assert vehicle_of(message_of(cap(says=said), NOW)) == "2014 blue Ford Focus"
    assert vehicle_of(message_of(cap(), NOW)) == "2014 blue Ford Focus"
    assert vehicle_of(message_of(cap(description="on foot"), NOW)) is None


def test_amber_and_silver_are_told_by_their_code_or_their_name_and_others_are_none() -> None:
    silver = message_of(cap(code="", event="Silver Alert"), NOW)
    coded = message_of(cap(code=CAE.replace("CAE", "MEP"), event="Missing"), NOW)
    other = message_of(cap(code=CAE.replace("CAE", "TOR"), event="Tornado Warning"), NOW)
    assert (silver.kind, coded.kind, message_of(cap(), NOW).kind) == ("silver", "silver", "amber")
    assert other.kind is None and other.empty is not None
    assert message_of(cap(hours=-0.01), NOW).empty == "It has expired."
    for status in ("Exercise", "System", "Test", "Draft"):
        assert status in (message_of(cap(status=status), NOW).ignored or "")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (cap().replace(b'<?xml version="1.0" encoding="UTF-8"?>', BOMB), "xml"),
        (cap()[:-20], "xml"),
        (b"", "xml"),
        (cap().replace(b"cap:1.2", b"cap:1.1"), "alert"),
        (cap(identifier="MO 1"), "identifier"),
        (cap(sender="a,b"), "sender"),
        (cap(sent="2026-11-29T20:00:00"), "sent"),
        (cap(sent="2026-11-29T21:00:00+00:00"), "sent"),
        (cap(status="Real"), "status"),
        (cap(msg_type="Alarm"), "msgType"),
        (cap(msg_type="Cancel"), "references"),
        (cap(msg_type="Update", references="MO-1"), "references"),
        (cap(msg_type="Cancel", references=f"{SENDER},{'9' * 3000},{sent_at(NOW)}"), "references"),
        (cap(msg_type="Cancel", references=f"other@x.example,MO-1,{sent_at(NOW)}"), "references"),
        (cap().replace(b"</alert>", b"<info/>" * 20 + b"</alert>"), "info"),
        (b"<a>" * 30_000, "xml"),
        (b"x" * (2**20 + 1), "alert"),
    ],
)
def test_what_is_no_cap_or_not_wholly_understood_is_refused_with_the_field(
    document: bytes, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        message_of(document, NOW)
    assert refused.value.reason == field


@given(st.integers(0, len(cap()) - 1), st.binary(max_size=3))
def test_no_damage_is_a_fault_of_ours(at: int, put: bytes) -> None:
    document = cap()
    try:
        message = message_of(document[:at] + put + document[at + len(put) :], NOW)
    except Invalid:
        return
    assert len(named_in(message)) <= 5
