"""What a bench is asked and cannot measure is said before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from watchfloor.bench import (
    alerts,
    audit,
    edge,
    floor,
    hotlist,
    intake,
    live,
    record,
    revocation,
    seek,
    start,
    takeover,
)
from watchfloor.kit.errors import Invalid

_NOTHING = "nothing to measure below"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: record.run(cameras=0), f"--cameras is 0; there is {_NOTHING} 1"),
        (lambda: record.run(seconds=-1), f"--seconds is -1; there is {_NOTHING} 1"),
        (lambda: record.run(clip="no-such.mp4"), "Say which clip the cameras show: --clip FILE"),
        (lambda: live.run(tiles=0), f"--tiles is 0; there is {_NOTHING} 1"),
        (lambda: live.run(fps=0), f"--fps is 0; there is {_NOTHING} 1"),
        (lambda: seek.run(seconds=30), f"--seconds is 30; there is {_NOTHING} 60"),
        (lambda: start.run(times=0), f"--times is 0; there is {_NOTHING} 1"),
        (lambda: takeover.run(cameras=0), f"--cameras is 0; there is {_NOTHING} 1"),
        (lambda: takeover.run(), "Say which clip the cameras show: --clip FILE"),
        (lambda: revocation.run(viewers=0), f"--viewers is 0; there is {_NOTHING} 1"),
        (lambda: revocation.run(times=1), f"--times is 1; there is {_NOTHING} 2"),
        (lambda: alerts.run(rate=0), f"--rate is 0; there is {_NOTHING} 1"),
        (lambda: alerts.run(rate=10, seconds=10), "ask for a higher rate or more seconds"),
        (lambda: alerts.run(rate=100, seconds=2, entries=5), f"--entries is 5; there is {_NOTHING}"),
        (lambda: audit.run(requests=1), f"--requests is 1; there is {_NOTHING} 2"),
        (lambda: audit.run(at_once=0), f"--at-once is 0; there is {_NOTHING} 1"),
        (lambda: edge.run(cameras=1), f"--cameras is 1; there is {_NOTHING} 2"),
        (lambda: edge.run(core=4096), r"--core is 4096; this process may use \["),
        (lambda: edge.run(), "Say which clip the cameras show: --clip FILE"),
        (lambda: floor.run(alerts_per_minute=0), f"--alerts-per-minute is 0; there is {_NOTHING} 1"),
        (lambda: intake.run(batch=501), "--batch is 501; a reader sends at most 500 at once"),
        (lambda: intake.run(senders=0), f"--senders is 0; there is {_NOTHING} 1"),
        (lambda: hotlist.run(0, False), f"--entries is 0; there is {_NOTHING} 1"),
        (lambda: hotlist.run(1, False, reads=9), f"--reads is 9; there is {_NOTHING} 10"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_option(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        ask()


def test_a_clip_that_is_none_is_refused_before_a_center_starts(tmp_path: Path) -> None:
    clip = tmp_path / "street.mp4"
    clip.write_bytes(b"no video at all")
    with pytest.raises(Invalid, match=r"--clip: no camera can show .*street\.mp4"):
        record.run(1, 1, str(clip))
