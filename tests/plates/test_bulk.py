"""Reads by the thousand: what is kept as columns is what it would be read by read, and what a message of before says is the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.conftest import Town
from watchfloor.governance.model import AgencyId, AuthorisationId
from watchfloor.kit.ids import decode
from watchfloor.plates import consume, wire
from watchfloor.plates.bulk import Under, split, together
from watchfloor.plates.heard import came_in, came_of
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import BadPlate, Plate, ReaderId, Vehicle
from watchfloor.plates.store import Rules
from watchfloor.plates.traffic import Traffic
from watchfloor.storage.nats import Delivery

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
KEEP_FOR = timedelta(days=30)
UNDER = Under(ReaderId(UUID(int=1)), NOW, Rules(1, 2, 3), AuthorisationId(UUID(int=4)))
AGENCY = AgencyId(UUID(int=9))

CLAIMS = st.lists(
    st.builds(
        Claim,
        source_key=st.text("abc:#é ", min_size=1, max_size=8).map(lambda text: f"id:{text}"),
        plate=st.text("ABO0189", min_size=1, max_size=12).map(Plate),
        state=st.sampled_from([None, "MO", "EU-DE"]),
        confidence=st.none() | st.floats(0, 1),
        device_at=st.none()
        | st.timedeltas(min_value=-2 * KEEP_FOR, max_value=timedelta(minutes=10)).map(lambda off: NOW + off),
        lane=st.sampled_from([None, None, None, "2"]),
        heading_deg=st.sampled_from([None, None, None, 0.0]),
        vehicle=st.sampled_from([Vehicle(), Vehicle(), Vehicle("red")]),
    ),
    max_size=12,
)


@given(CLAIMS)
def test_a_read_kept_as_columns_is_the_read_it_would_be_by_itself(claims: list[Claim]) -> None:
    message, _ = wire.message_of(AGENCY, UNDER.device, claims, NOW)
    batch = wire.batch_of(message)
    bulk, rest = split(batch, UNDER, keep_for=KEEP_FOR)
    apart = [wire.read_of(batch, row, keep_for=KEEP_FOR) for row in range(len(batch))]
    plain = [read for row, read in enumerate(apart) if row not in rest]
    assert [bulk.read(row).read for row in range(len(bulk))] == plain
    assert bulk.keys.tolist() == [key_of(read.plate.text) for read in plain]
    for row in rest:
        read = apart[row]
        assert (
            read.device_at is None or read.clock_suspect or read.lane or read.heading_deg == 0.0
            or read.vehicle.colour
        )  # fmt: skip
    assert bulk.days() == {(read.at.date(), UNDER.rules) for read in plain}
    both = together([bulk, bulk])
    assert [both.read(row).read for row in range(len(both))] == plain * 2
    assert came_in(bulk, np.ones(len(bulk), np.bool_)) == came_of(plain)


@given(CLAIMS)
def test_a_message_of_the_version_before_says_the_same(claims: list[Claim]) -> None:
    batch = wire.batch_of(wire.message_of(AGENCY, UNDER.device, claims, NOW, rejected=3)[0])
    before = wire.BatchForm(
        agency=AGENCY,
        device=UNDER.device,
        received_at=NOW,
        rejected=3,
        reads=tuple(
            wire.ReadForm(
                key=claim.source_key, plate=claim.plate.text, state=claim.state, confidence=claim.confidence,
                device_at=claim.device_at, lane=claim.lane, heading_deg=claim.heading_deg,
                vehicle=(claim.vehicle.colour, None, None, None) if claim.vehicle.colour else None,
            )
            for claim in claims
        ),
    )  # fmt: skip
    old = wire.batch_of(msgspec.json.encode(before))
    for row in range(len(batch)):
        assert wire.read_of(old, row, keep_for=KEEP_FOR) == wire.read_of(batch, row, keep_for=KEEP_FOR)
    assert (len(old), old.rejected) == (len(batch), 3)


def test_a_batch_taken_apart_is_all_of_it_and_what_was_rejected_counts_once() -> None:
    claims = [
        Claim(source_key=f"id:{n}", plate=Plate(f"AB{n}"), state="MO", confidence=None, device_at=NOW, lane=lane)
        for n, lane in enumerate([None, "2", None])
    ]  # fmt: skip
    batch = wire.batch_of(wire.message_of(AGENCY, UNDER.device, claims, NOW, rejected=2)[0])
    alone = [wire.batch_of(wire.alone(batch, row)[0]) for row in range(3)]
    whole = [wire.read_of(batch, row, keep_for=KEEP_FOR) for row in range(3)]
    assert [wire.read_of(one, 0, keep_for=KEEP_FOR) for one in alone] == whole
    assert [one.rejected for one in alone] == [2, 0, 0]


@pytest.mark.parametrize("plate", ["", "ABC 12", "abc12", "A" * 13, "ÄB12", "AB\n12"])
def test_one_that_is_no_plate_blames_its_batch(plate: str) -> None:
    batch = wire.ColumnsForm(
        agency=AGENCY, device=UNDER.device, received_at=NOW, keys=["id:1", "id:2"], plates=["ABC12", plate],
        states=[None, None], confidences=[None, None], at_us=[None, None],
    )  # fmt: skip
    with pytest.raises(BadPlate):
        split(batch, UNDER, keep_for=KEEP_FOR)


def test_columns_of_different_lengths_are_no_message() -> None:
    message, _ = wire.message_of(AGENCY, UNDER.device, (), NOW)
    with pytest.raises(msgspec.MsgspecError, match="one length"):
        wire.batch_of(message.replace(b'"plates":[]', b'"plates":["ABC12"]'))


@given(st.lists(st.tuples(st.sampled_from([None, "MO", "IL"]), st.text("AB01QX9", min_size=1, max_size=7))))
def test_what_passes_is_counted_alike_at_once_and_one_by_one(reads: list[tuple[str | None, str]]) -> None:
    at_once, by_one = Traffic(), Traffic()
    at_once.saw_all(reads)
    for state, text in reads:
        by_one.saw(state, text)
    for state, count in Counter(state for state, _ in reads if state).items():
        assert at_once.share(state) == by_one.share(state) and count > 0
    for form in ("LLL", "LDL", "LLDD", "L", "D"):
        assert at_once.anywhere(form) == pytest.approx(by_one.anywhere(form))
        assert at_once.within(form, "MO") == pytest.approx(by_one.within(form, "MO"))


async def test_what_came_twice_in_one_transaction_and_before_is_kept_and_counted_once(town: Town) -> None:
    await town.a_list("T0003")
    device = ReaderId(decode("rdr", (await town.reader()).id))
    came = town.now()
    claims = [
        Claim(source_key=f"id:{n}", plate=Plate(f"T{n:04d}"), state="MO", confidence=0.97, device_at=came)
        for n in range(6)
    ]
    matcher = consume.Matcher(town.consume_parts())

    async def handed_in(*batches: list[Claim]) -> None:
        messages = [wire.message_of(AgencyId(town.web.parts.agency), device, one, came)[0] for one in batches]
        await matcher.handle([Delivery(wire.subject_of(device), one, n, 1) for n, one in enumerate(messages)])

    await handed_in(claims[:3])
    await handed_in(claims[2:5], claims[3:])
    await handed_in(claims)
    assert sorted(await town.plates()) == [f"T{n:04d}" for n in range(6)]
    (state,) = await town.rows("select reads, duplicates, last_read_at from reader_state")
    assert (state["reads"], state["duplicates"], state["last_read_at"]) == (6, 9, came)
    assert [hit.answer.read.source_key for hit in town.hits] == ["id:3"]
    (row,) = await town.rows("select * from plate_read where source_key = 'id:3'")
    assert (row["state"], row["confidence"], row["at"], row["device_at"], row["clock_suspect"]) == (
        "MO", pytest.approx(0.97), came, came, False,
    )  # fmt: skip
    assert row["folded_key"] == key_of("T0003") and row["received_at"] == came
