"""What settings say of look-ups, as values: checked once, at the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchfloor.governance.draw import WHOLE_PPM
from watchfloor.kit.errors import Invalid
from watchfloor.plate_settings import LookUpSettings
from watchfloor.plates.misuse.fingerprints import Fingerprints
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.misuse.review import Tell
from watchfloor.plates.misuse.rules import Limits
from watchfloor.plates.misuse.watch import Reviewing

_LEAST_REPEATS: Final = 2
_WHOLE: Final = 100


def look_ups_of(settings: LookUpSettings, key: bytes) -> LookUps:
    """What keeps look-ups. Raises Invalid for a setting that makes no sense."""
    if settings.plates_required not in ("yes", "no"):
        raise Invalid("look_ups.plates_required is yes or no.")
    if settings.keep_days < settings.within_days:
        raise Invalid("look_ups.keep_days is at least look_ups.within_days.")
    return LookUps(
        Fingerprints(key),
        timedelta(days=settings.keep_days),
        plates_required=settings.plates_required == "yes",
    )


def reviewing_of(settings: LookUpSettings) -> Reviewing:
    """The rules of flags and draws. Raises Invalid for a setting that makes no sense."""
    if settings.repeats < _LEAST_REPEATS or settings.within_days < 1 or settings.sitting_min < 0:
        raise Invalid("look_ups.repeats is 2 or more, look_ups.within_days 1 or more.")
    if not 0 <= settings.review_percent <= _WHOLE:
        raise Invalid("look_ups.review_percent is from 0 to 100.")
    if settings.draw_every_h < 1 or settings.review_within_days < 1:
        raise Invalid("look_ups.draw_every_h and look_ups.review_within_days are 1 or more.")
    return Reviewing(
        Limits(
            settings.repeats, timedelta(days=settings.within_days), timedelta(minutes=settings.sitting_min)
        ),
        round(settings.review_percent * WHOLE_PPM / _WHOLE),
        timedelta(hours=settings.draw_every_h),
        timedelta(days=settings.review_within_days),
    )


def tell_of(settings: LookUpSettings) -> Tell:
    """Of which reviews people are told. Raises Invalid."""
    try:
        return Tell(settings.tell)
    except ValueError as error:
        raise Invalid("look_ups.tell is always, proper or never.") from error
