"""Settings of plates, which `settings.py` reads and hands out; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from watchfloor.kit.setting import setting


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watches: parts of plates and descriptions that coming reads are looked at for, each under a case."""

    longest_days: int = setting(14, "Days that a watch lasts at most.")
    most_per_shift: int = setting(
        25,
        "Hits that a watch may bring in eight hours: one that is expected to bring more is refused, one that does is paused.",
    )
