"""Sealed footage opens where it belongs and nowhere else; any changed bit is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.recordings.model import Label
from watchfloor.recordings.seal import HEAD_SIZE, Altered, ChunkKind, Head, open_sealed, read_head, seal

KEY = b"k" * 32
LABEL = Label(UUID(int=5), 3, date(2026, 11, 22), 1_795_000_000)
HEAD = Head(ChunkKind.KEY, 9, 0, 1_795_000_000_000_000, 12_345, 180_000, 50)


def sealed(plain: bytes = b"a picture") -> bytes:
    return b"".join(seal(KEY, LABEL, HEAD, plain))


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    chunk = sealed(plain)
    head, opened = open_sealed(KEY, LABEL, chunk)
    assert opened == plain
    assert head == replace(HEAD, length=len(plain) + 16)
    assert read_head(chunk).size == len(chunk)


@settings(deadline=None)
@given(st.data())
def test_one_changed_bit_anywhere_is_found(data: st.DataObject) -> None:
    chunk = bytearray(sealed())
    bit = data.draw(st.integers(0, len(chunk) * 8 - 1))
    chunk[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Altered):
        open_sealed(KEY, LABEL, bytes(chunk))


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(LABEL, camera=UUID(int=6)),
        replace(LABEL, rule=4),
        replace(LABEL, day=date(2026, 11, 23)),
        replace(LABEL, run=LABEL.run + 1),
    ],
)
def test_a_chunk_put_under_another_camera_rule_day_or_run_does_not_open(elsewhere: Label) -> None:
    with pytest.raises(Altered):
        open_sealed(KEY, elsewhere, sealed())


def test_a_chunk_put_in_another_place_of_the_run_does_not_open() -> None:
    other = b"".join(seal(KEY, LABEL, replace(HEAD, number=10), b"another!!"))
    # The head of one before the sealed bytes of the other, and its nonce with it.
    swapped = sealed()[: HEAD_SIZE - 12] + other[HEAD_SIZE - 12 :]
    with pytest.raises(Altered):
        open_sealed(KEY, LABEL, swapped)


def test_the_same_picture_never_looks_the_same_twice() -> None:
    assert sealed()[HEAD_SIZE:] != sealed()[HEAD_SIZE:]
