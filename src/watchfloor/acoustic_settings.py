"""Settings of sounds, which `settings.py` reads and hands out; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from watchfloor.kit.errors import Invalid
from watchfloor.kit.setting import setting


@dataclass(frozen=True, slots=True)
class AcousticSettings:
    """Alerts of sounds that microphones locate."""

    false_alerts_per_shift: float = setting(
        -1.0,
        "How many false alerts of sounds a shift of eight hours may bring, 0 to 100: what is less likely gunfire than that lets be raised"
        " is kept back, listed and counted. Below 0: every sound is raised.",
    )

    def __post_init__(self) -> None:
        """Raises Invalid for more than a room can look at, or what is no number."""
        if not self.false_alerts_per_shift <= 100:
            raise Invalid("[acoustics] false_alerts_per_shift is 0 to 100, or below 0 to raise every sound.")

    @property
    def allowed_per_shift(self) -> float | None:
        """How many; None where every sound is raised."""
        return self.false_alerts_per_shift if self.false_alerts_per_shift >= 0 else None
