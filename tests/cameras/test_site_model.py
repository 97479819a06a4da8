"""Where a site's cameras are, made of templates and channels: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from watchfloor.cameras.address import Login
from watchfloor.cameras.sites.model import Site, SiteEntry, SiteKind, channels_of, columns
from watchfloor.kit.errors import Invalid


def site_of(**changes: Any) -> Site:
    entry = SiteEntry(
        "A", SiteKind.NVR, "there", None, changes.pop("address", "rtsp://h"), changes.pop("stream", "/{channel}"),
        changes.pop("sub_stream", None), changes.pop("replay", None), None,
    )  # fmt: skip
    fields, _, _ = columns(entry)
    sub_stream, replay = (str(fields[name]) if fields[name] else None for name in ("sub_stream", "replay"))
    return Site(
        UUID(int=1), "A", SiteKind.NVR, "there", None, str(fields["address"]), str(fields["stream"]), sub_stream, replay,
        False, 0, 1,
    )  # fmt: skip


def test_a_replay_address_says_moments_as_the_site_wants_them() -> None:
    begin = datetime(2026, 11, 29, 5, 31, tzinfo=UTC)
    for form, said in (
        ("{from}..{to}", "20261129T053100Z..20261129T053200Z"),
        ("{from:iso}..{to:iso}", "2026-11-29T05:31:00Z..2026-11-29T05:32:00Z"),
        ("{from:unix}..{to:unix}", "1795930260..1795930320"),
        ("{from:local}..{to:local}", "2026_11_28_23_31_00..2026_11_28_23_32_00"),
        ("all", "all"),
    ):
        site = site_of(replay=f"/r/{{channel}}?{form}")
        end = begin + timedelta(minutes=1)
        assert site.replay_of("7", begin, end, ZoneInfo("America/Chicago")) == f"rtsp://h/r/7?{said}"
    assert site_of().replay_of("7", begin, begin, UTC) is None


def test_a_whole_address_as_the_stream_says_where_the_site_is_and_a_login_in_it_is_taken_out() -> None:
    entry = SiteEntry(
        "A", SiteKind.VMS, "x", None, None, "rtsp://u:p%40w@[fd00::1]:8554/{channel}/main", None, None, None
    )
    fields, login, _ = columns(entry)
    assert (fields["address"], fields["stream"], login) == (
        "rtsp://[fd00::1]:8554", "/{channel}/main", Login("u", "p@w"),
    )  # fmt: skip


def test_channels_are_told_as_runs_and_keep_their_zeros() -> None:
    assert channels_of("1-3, 3, gate-2, 08-10") == ["1", "2", "3", "gate-2", "08", "09", "10"]
    with pytest.raises(Invalid, match="A channel is"):
        channels_of("a b")
