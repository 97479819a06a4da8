"""Live frames and tokens: what one end writes the other reads, and a token opens one camera for one minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.cameras import wire
from watchfloor.cameras.wire import DropNote, EndNote, Kind, StateNote
from watchfloor.kit.errors import Invalid

KEY, NOW = b"t" * 32, datetime(2026, 11, 22, 12, tzinfo=UTC)
CAMERA, GRANT = UUID(int=7), UUID(int=8)


@settings(deadline=None)
@given(
    kind=st.sampled_from(Kind),
    run=st.integers(0, 2**32 - 1),
    seq=st.integers(0, 2**32 - 1),
    captured_us=st.integers(-(2**63), 2**63 - 1),
    payload=st.binary(max_size=200),
    key=st.booleans(),
)
def test_a_frame_is_read_as_it_was_written(
    kind: Kind, run: int, seq: int, captured_us: int, payload: bytes, key: bool
) -> None:
    data = wire.frame(kind, run, seq, captured_us, payload, key=key)
    head = wire.head(data)
    assert (head.kind, head.run, head.seq, head.captured_us, head.key) == (kind, run, seq, captured_us, key)
    assert data[wire.HEAD_SIZE :] == payload and wire.HEAD_SIZE == 18


def test_the_bytes_are_those_the_console_is_promised() -> None:
    data = wire.frame(Kind.FRAGMENT, 0x01020304, 5, 0x0A, b"xy", key=True)
    assert data == bytes.fromhex("02 01 01020304 00000005 000000000000000a") + b"xy"
    assert wire.init(1, 2, "avc1.64001f", b"moov")[18:] == b"\x0bavc1.64001fmoov"
    assert wire.note(Kind.DROP, DropNote(3, "slow"))[18:] == b'{"dropped":3,"reason":"slow"}'
    assert wire.note(Kind.STATE, StateNote("normal", "live", "Pictures arrive."))[18:] == (
        b'{"level":"normal","word":"live","reason":"Pictures arrive."}'
    )
    assert (
        wire.note(Kind.END, EndNote("a", "b"))[18:]
        == b'{"reason":"a","detail":"b","next_step":null,"refused":false}'
    )


@pytest.mark.parametrize("data", [b"", b"\x01" * 17, b"\xff" + b"\x00" * 17])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        wire.head(data)


def test_a_token_opens_its_camera_until_its_minute_is_over() -> None:
    token = wire.make_token(KEY, CAMERA, GRANT, NOW)
    assert wire.token_until(KEY, token, CAMERA, NOW) == NOW + timedelta(seconds=60)
    assert wire.token_until(KEY, token, CAMERA, NOW + timedelta(seconds=60)) is None
    assert wire.token_until(KEY, token, UUID(int=9), NOW) is None
    assert wire.token_until(b"u" * 32, token, CAMERA, NOW) is None


def test_a_token_signed_for_longer_than_a_minute_is_refused() -> None:
    """Whoever holds the key for a moment must not be able to keep a door open."""
    token = wire.make_token(KEY, CAMERA, GRANT, NOW + timedelta(hours=1))
    assert wire.token_until(KEY, token, CAMERA, NOW) is None


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_at_all_passes_for_a_token(text: str) -> None:
    assert wire.token_until(KEY, text, CAMERA, NOW) is None
