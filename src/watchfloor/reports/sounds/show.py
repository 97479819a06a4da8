"""The outside forms of the figures of sounds: JSON, and CSV with one figure a line. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from watchfloor.dispatch.sounds.model import CountsAs, LearntBy, SoundSaid
from watchfloor.reports.sounds import forms
from watchfloor.reports.sounds.count import Calls, Places, Row, Spread, Sums
from watchfloor.reports.sounds.publish import Ledger

_COLUMNS: Final = ("table", "month", "district", "figure", "value")


def figures_form(ledger: Ledger) -> forms.SoundFigures:
    """The outside form of the figures."""
    counted = ledger.figures
    return {
        "first_month": ledger.span.names[0],
        "last_month": ledger.span.names[-1],
        "made_at": ledger.made_at,
        "source": ledger.source,
        "sources": list(ledger.sources),
        "small_together": ledger.published,
        "total": sums_form(counted.total),
        "by_month": [_row_form(one) for one in counted.months],
        "by_district": [_row_form(one) for one in counted.districts],
        "by_district_and_month": [_row_form(one) for one in counted.both],
        "missed_by_how": {how: counted.missed.get(how, 0) for how in LearntBy},
        "calls": {name: _calls_form(one) for name, one in counted.calls.items()},
        "also_told": dict(sorted(counted.also_told.items())),
        "places": _places_form(counted.places),
        "latency": _latency_form(counted.latency),
        "spent": [
            {"outcome": _word(said), "alerts": one.sounds, "sent": one.sent, "officer_minutes": one.minutes}
            for said, one in counted.spent.items()
        ],
        "uptime": [
            {"month": one.month, "heard_minutes": one.heard, "registered_minutes": one.registered}
            for one in ledger.uptime
        ],
    }


def _calls_form(one: Calls) -> forms.SoundCalls:
    return {
        "alerts": one.alerts,
        "called": one.called,
        "not_called": one.alerts - one.called,
        "leads": one.leads,
        "told_first": one.told_first,
        "lead_s": one.lead_s,
    }


def _places_form(places: Places) -> forms.SoundPlaces:
    return {
        "known": places.known,
        "error_m": _spread_form(places.last),
        "first_error_m": _spread_form(places.first),
        "within_15_m": places.within_15_m,
        "within_25_m": places.within_25_m,
        "in_half": places.half[0],
        "half_of": places.half[1],
        "in_most": places.most[0],
        "most_of": places.most[1],
    }


def _latency_form(spreads: Mapping[str, Spread]) -> forms.SoundLatency:
    return {
        "travel": _spread_form(spreads["travel"]),
        "network": _spread_form(spreads["network"]),
        "machine": _spread_form(spreads["machine"]),
        "told": _spread_form(spreads["told"]),
        "person": _spread_form(spreads["person"]),
    }


def sums_form(sums: Sums) -> forms.SoundSums:
    """The outside form of sums."""
    return {
        "alerts": sums.alerts,
        "confirmed": sums.counted(CountsAs.CONFIRMED),
        "false": sums.counted(CountsAs.FALSE),
        "undetermined": sums.counted(CountsAs.UNDETERMINED),
        "evidence_found": sums.said.get(SoundSaid.EVIDENCE, 0),
        "victim": sums.said.get(SoundSaid.VICTIM, 0),
        "nothing_found": sums.said.get(SoundSaid.NOTHING, 0),
        "said_undetermined": sums.said.get(SoundSaid.UNDETERMINED, 0),
        "nothing_said": sums.said.get(None, 0),
        "waiting": sums.waits,
        "reviewed_confirmed": sums.verdicts.get("confirmed", 0),
        "reviewed_dismissed": sums.verdicts.get("dismissed", 0),
        "not_reviewed": sums.verdicts.get(None, 0),
        "missed": sums.missed,
    }


def as_csv(form: forms.SoundFigures) -> str:
    """The same figures, one a line: table, month, district, figure, value; what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for table, month, district, figure, value in _lines(form):
        # No spreadsheet takes a district's name for a formula.
        safe = f"'{district}" if district[:1] in ("=", "+", "-", "@") else district
        writer.writerow((table, month, safe, figure, "" if value is None else value))
    return out.getvalue()


_Line = tuple[str, str, str, str, object]


def _lines(form: forms.SoundFigures) -> Iterator[_Line]:
    yield ("made", "", "", "made_at", form["made_at"].isoformat())
    yield ("made", "", "", "first_month", form["first_month"])
    yield ("made", "", "", "last_month", form["last_month"])
    yield ("made", "", "", "source", form["source"])
    yield from _each("total", form["total"])
    tables = (
        ("by_month", form["by_month"]),
        ("by_district", form["by_district"]),
        ("by_district_and_month", form["by_district_and_month"]),
    )
    for table, rows in tables:
        for row in rows:
            plain = {name: value for name, value in row.items() if name not in ("month", "district")}
            yield from _each(table, plain, month=row["month"] or "", district=row["district"] or "")
    yield from _each("missed_by_how", {how.value: count for how, count in form["missed_by_how"].items()})
    for name, calls in form["calls"].items():
        yield from _each(f"calls_{name}", calls)
    yield from _each("also_told", form["also_told"])
    flat = {k: v for k, v in form["places"].items() if not isinstance(v, dict)}
    yield from _each("places", flat)
    yield from _each("places_error_m", form["places"]["error_m"])
    yield from _each("places_first_error_m", form["places"]["first_error_m"])
    for part, spread in form["latency"].items():
        if isinstance(spread, dict):
            yield from _each(f"latency_{part}_s", spread)
    for one in form["spent"]:
        yield from _each(f"spent_{one['outcome']}", {k: v for k, v in one.items() if k != "outcome"})
    for up in form["uptime"]:
        yield from _each("uptime", {k: v for k, v in up.items() if k != "month"}, month=up["month"])


def _each(
    table: str, figures: Mapping[str, object], *, month: str = "", district: str = ""
) -> Iterator[_Line]:
    for figure, value in figures.items():
        yield (table, month, district, figure, value)


def _row_form(row: Row) -> forms.SoundRow:
    return {"month": row.month, "district": row.district, **sums_form(row.sums)}


def _spread_form(spread: Spread) -> forms.SoundSpread:
    return {
        "count": spread.count,
        "median": spread.median,
        "p90": spread.p90,
        "p95": spread.p95,
        "most": spread.most,
    }


def _word(said: SoundSaid | None) -> str:
    return said.value if said is not None else "nothing_said"
