"""Settings of plates, which `settings.py` reads and hands out; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from watchfloor.kit.setting import setting


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Plates read on the video of ordinary cameras."""

    cores: float = setting(
        1.0,
        "Processor cores that looking for plates may take on the average; what comes meanwhile is dropped.",
    )
    threads: int = setting(1, "Pictures that are looked at at once; more than `cores` gains nothing.")
    pictures_a_second: float = setting(
        2.0, "Pictures of one camera that are judged in a second while something moves on it, at most."
    )
    region: str = setting("us", "Whose plates pass here: us, eu or us,eu.")


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watches: parts of plates and descriptions that coming reads are looked at for, each under a case."""

    longest_days: int = setting(14, "Days that a watch lasts at most.")
    most_per_shift: int = setting(
        25,
        "Hits that a watch may bring in eight hours: one that is expected to bring more is refused, one that does is paused.",
    )
