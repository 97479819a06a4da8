"""What the demo costs is counted with all it started, and what has ended of it; starting it is for the bench itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from watchfloor.bench.demo import Cost, cost, idle

BUSY: Final = "import time\nwhile time.process_time() < 0.3: pass"


def test_what_has_ended_and_what_it_started_itself_is_counted_with_the_center() -> None:
    before = cost(os.getpid())
    subprocess.run(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"],
        check=True,
    )
    after = cost(os.getpid())
    assert after.center_s - before.center_s >= 0.3
    assert after.city_s - before.city_s < 0.3


def test_idle_is_a_share_of_one_core() -> None:
    assert idle(Cost(10.0, 1.0, 2.0), Cost(20.0, 2.0, 6.0)) == {
        "idle_percent_of_a_core": 50.0,
        "idle_percent_center": 40.0,
        "idle_percent_simulated_city": 10.0,
    }
