"""What a person is told of a trailer: one level, one or two words, a sentence, and each thing to be warned of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchfloor.governance.model import Allowed, Denied
from watchfloor.trailers.model import Limits, Trailer, TrailerStanding


@dataclass(frozen=True, slots=True)
class Shown:
    """How a trailer is: `since` is when it became so, where that is known."""

    level: str
    word: str
    reason: str
    since: datetime | None


def is_stale(trailer: Trailer, limits: Limits, now: datetime) -> bool:
    """Whether what it says of itself is too old to rely on; False of one that was never heard."""
    heard = trailer.told.heard_at
    return heard is not None and now - heard > limits.stale_after


def warnings(trailer: Trailer, limits: Limits, now: datetime) -> list[tuple[str, str]]:
    """What somebody has to see to, each with its word: battery, link, a receiver or a clock that is off."""
    told, found = trailer.told, []
    if told.heard_at is not None and is_stale(trailer, limits, now):
        minutes = int((now - told.heard_at).total_seconds() // 60)
        found.append(
            ("not heard", f"Nothing was heard from it for {minutes} minutes; what it said is as old as that.")
        )
    if told.battery_pct is not None and told.battery_pct < limits.battery_low_pct:
        sun = "" if told.solar_w is None else f", and the sun gives {told.solar_w:.0f} W"
        found.append(("battery low", f"Its battery is at {told.battery_pct:.0f} %{sun}."))
    if told.signal_dbm is not None and told.signal_dbm < limits.signal_low_dbm:
        by = f" by {told.carrier}" if told.carrier else ""
        found.append(("link weak", f"Its link{by} is at {told.signal_dbm:.0f} dBm."))
    if told.doubt is not None:
        found.append(("position doubtful", told.doubt))
    if told.clock_suspect:
        found.append(("clock off", "Its clock is off; its positions carry the time of receipt."))
    if told.away_since is not None and told.moved_at is None:
        found.append(("may be away", "Its last position is not where it was placed; the next one decides."))
    return found


def in_short(trailer: Trailer, limits: Limits, now: datetime) -> str:
    """How its battery and its link are, in a few words, and whether that is old; for who asks which trailer to send."""
    told, parts = trailer.told, []
    if told.battery_pct is not None:
        parts.append(f"battery {told.battery_pct:.0f} %")
    if told.signal_dbm is not None:
        parts.append(f"link {told.signal_dbm:.0f} dBm")
    if told.heard_at is None or is_stale(trailer, limits, now):
        parts.append("not heard lately")
    return ", ".join(parts)


def shown(trailer: Trailer, leave: Allowed | Denied | None, limits: Limits, now: datetime) -> Shown:
    """The one thing to know of a trailer: that it was taken, that it may not record there, then what is warned of."""
    told, placement = trailer.told, trailer.placement
    if told.moved_at is not None:
        return Shown(
            "critical",
            "moved without a placement",
            "It is not where it was placed, and nobody said that it would be moved.",
            told.moved_at,
        )
    if isinstance(leave, Denied) and trailer.place is not None:
        outside = leave.reason == "place"
        since = placement.placed_at if placement is not None else told.position_at
        return Shown(
            "serious" if outside else "off",
            "outside its area" if outside else "not authorised",
            f"It records and reads nothing. {leave.sentence}",
            since,
        )
    warned = warnings(trailer, limits, now)
    if warned:
        word, sentence = warned[0]
        return Shown("caution", word, sentence, told.heard_at)
    match trailer.standing:
        case TrailerStanding.PLACED:
            return Shown(
                "normal",
                "stands",
                "It stands where it was placed.",
                placement.placed_at if placement else None,
            )
        case TrailerStanding.UNDER_WAY:
            return Shown("standby", "under way", "It was taken away and stands nowhere yet.", None)
        case _:
            return Shown("standby", "not placed", "Nobody has said yet where it stands.", None)
