"""The public page of what came of sounds, as plain HTML that works without JavaScript. Pure: it says what the figures say, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode

from watchfloor.dispatch.sounds.model import LearntBy
from watchfloor.owners import html
from watchfloor.owners.html import Html
from watchfloor.reports.sounds import forms
from watchfloor.reports.sounds.small import FEWEST
from watchfloor.reports.sounds.store import CALLED_WITHIN_M

TITLE: Final = "What came of sounds"
_HOW: Final = {
    LearntBy.CALL: "a call",
    LearntBy.VICTIM: "somebody was hit",
    LearntBy.EVIDENCE: "evidence that was found",
    LearntBy.OFFICER: "an officer",
    LearntBy.VIDEO: "video",
    LearntBy.OTHER_SYSTEM: "another system",
}
_LATENCY: Final = (
    ("travel", "the sound’s way to the microphones"),
    ("network", "to the center"),
    ("machine", "until it was told"),
    ("told", "these three, from the last shot"),
    ("person", "until a person decided"),
)
_OUTCOMES: Final = {
    "evidence_found": "Evidence found",
    "victim": "Somebody hit",
    "nothing_found": "Nothing found",
    "confirmed_false": "No gunfire",
    "undetermined": "Not known",
    "nothing_said": "Nothing said yet",
}


def figures_page(agency: str, form: forms.SoundFigures, query: str) -> Html:
    """The whole page; `query` asks for the same figures as JSON or CSV."""
    total = form["total"]
    parts = [
        html.p(
            "Microphones tell of sounds that may be gunfire, and a person decides. Here is what was found of them, what was missed, and"
            " how far off they were. A sound names a place, never a person."
        ),
        _months(form),
    ]
    if total["alerts"] + total["missed"] == 0:
        parts.append(
            html.note("Nothing was alerted in these months, and no gunfire is known that was missed.")
        )
    else:
        parts += [
            _shares(total),
            _undetermined(form),
            _missed(form),
            _calls(form),
            _places(form),
            _latency(form),
            _spent(form),
        ]
        parts += [_rows("By month", form["by_month"]), _districts(form)]
    parts += [_uptime(form), _how_counted(form, query)]
    return html.page(TITLE, agency, *parts)


def _months(form: forms.SoundFigures) -> Html:
    vendor = (
        "" if form["source"] == "own" else f" Told by {form['source']}, not by this center’s own microphones."
    )
    return html.p(
        f"{form['first_month']} to {form['last_month']}, as of {form['made_at']:%Y-%m-%d %H:%M} UTC.{vendor}",
        look="soft",
    )


def _shares(total: forms.SoundSums) -> Html:
    of = total["alerts"]
    rows = [
        (name, str(count), share(count, of))
        for name, count in (
            ("Confirmed: evidence was found, or somebody hit", total["confirmed"]),
            ("False: it is known that it was something else", total["false"]),
            ("Undetermined: neither", total["undetermined"]),
        )
    ]
    return _table(
        f"Of {of} alert{'' if of == 1 else 's'}", ("What came of them", "Alerts", f"Of all {of}"), rows
    )


def _undetermined(form: forms.SoundFigures) -> Html:
    total = form["total"]
    # Another's alerts are reviewed by nobody here.
    reviewed = f" Reviewers took {total['reviewed_confirmed']} for gunfire and dismissed {total['reviewed_dismissed']}."
    return html.p(
        f"Of those undetermined, nothing was found of {total['nothing_found']}, of {total['said_undetermined']} it was said that it is"
        f" not known, and of {total['nothing_said']} nobody said anything that stands; of {total['waiting']} a second person has to look."
        + (reviewed if form["source"] == "own" else "")
    )


def _missed(form: forms.SoundFigures) -> Html:
    if form["source"] != "own":  # whoever enters what was missed says it of our own microphones
        return Html("")
    count = form["total"]["missed"]
    rows = [(_HOW[how], str(found)) for how, found in form["missed_by_how"].items() if found]
    said = html.p(
        f"{count} times gunfire became known that was not alerted. Nobody knows how much more was missed."
    )
    return _both(html.h2("Missed"), said, _table("", ("Learnt of by", "Times"), rows) if rows else Html(""))


def _calls(form: forms.SoundFigures) -> Html:
    every, confirmed = form["calls"]["all"], form["calls"]["confirmed"]
    rows = [
        (
            words,
            str(one["alerts"]),
            share(one["not_called"], one["alerts"]),
            f"{one['told_first']} of {one['leads']}",
            seconds(one["lead_s"]),
        )
        for words, one in (("All", every), ("Confirmed", confirmed))
    ]
    head = (
        "Alerts",
        "How many",
        "Nobody called",
        "Told before the first call, of those known",
        "Before it by, at the median",
    )
    return _table("Calls", head, rows)


def _places(form: forms.SoundFigures) -> Html:
    places = form["places"]
    if not places["known"]:
        return _both(html.h2("How far off"), html.p("Of no alert it became known exactly where it was."))
    last, first = places["error_m"], places["first_error_m"]
    rows = [
        (words, str(one["count"]), metres(one["median"]), metres(one["p90"]), metres(one["most"]))
        for words, one in (("As it was told last", last), ("As it was told first", first))
    ]
    table = _table("How far off", ("Place", "Known", "Median", "Nine of ten within", "Most"), rows)
    said = html.p(
        f"Within 15 m: {places['within_15_m']} of {last['count']}; within 25 m: {places['within_25_m']}. What was said to hold the place"
        f" in 50 of 100 cases did in {share(places['in_half'], places['half_of'])}, in 95 of 100 in"
        f" {share(places['in_most'], places['most_of'])}."
    )
    return _both(table, said)


def _latency(form: forms.SoundFigures) -> Html:
    spreads = form["latency"]
    of = {
        "travel": spreads["travel"],
        "network": spreads["network"],
        "machine": spreads["machine"],
        "told": spreads["told"],
        "person": spreads["person"],
    }
    rows = [
        (words, str(of[part]["count"]), seconds(of[part]["median"]), seconds(of[part]["p95"]))
        for part, words in _LATENCY
    ]
    return _table("How soon", ("What took it", "Known", "Median", "Nineteen of twenty within"), rows)


def _spent(form: forms.SoundFigures) -> Html:
    if form["source"] != "own":  # nobody is sent on another's alerts here
        return Html("")
    rows = [
        (_OUTCOMES[one["outcome"]], str(one["alerts"]), str(one["sent"]), f"{one['officer_minutes']:.0f}")
        for one in form["spent"]
        if one["alerts"]
    ]
    return _table(
        "What officers were sent for", ("Outcome", "Alerts", "Officers sent to", "Minutes of officers"), rows
    )


def _rows(title: str, rows: Sequence[forms.SoundRow]) -> Html:
    shown = [
        (
            " · ".join(part for part in (row["month"], _district(row)) if part),
            str(row["alerts"]),
            _part(row["confirmed"], row),
            _part(row["false"], row),
            _part(row["undetermined"], row),
            str(row["missed"]),
        )
        for row in rows
    ]
    return _table(title, ("", "Alerts", "Confirmed", "False", "Undetermined", "Missed"), shown)


def _districts(form: forms.SoundFigures) -> Html:
    said = html.p(
        f"In a month, districts with fewer than {FEWEST} sounds are told together, and all districts until the month is over, so that no"
        " figure is of a handful of them. Of a district these are the months in which it is told apart.",
        look="soft",
    )
    both = _rows("By district and month", form["by_district_and_month"])
    return _both(_rows("By district", form["by_district"]), said, both)


def _uptime(form: forms.SoundFigures) -> Html:
    rows = [
        (
            up["month"],
            share(up["heard_minutes"], up["registered_minutes"]),
            f"{up['registered_minutes'] / 1440:.0f}",
        )
        for up in form["uptime"]
    ]
    if not rows:
        return _both(
            html.h2("Microphones"), html.p("None was in service in these months, or it was not counted yet.")
        )
    return _table("Microphones", ("Month", "There", "Of so many days of microphones"), rows)


def _how_counted(form: forms.SoundFigures, query: str) -> Html:
    others = [name for name in form["sources"] if name != form["source"]]
    asked = dict(parse_qsl(query.removeprefix("?")))
    told = [
        html.p(
            "Confirmed and false have to be shown: by what was found, and for “false” by a second person. Nothing found is neither. An"
            " outcome that is said anew keeps the old one and its reason. Gunfire that was missed is entered by staff, as it becomes known."
        ),
        html.p(
            f"A call counts for a sound if it was about shots fired, within {CALLED_WITHIN_M:.0f} m, from a minute before until a quarter"
            " of an hour after. Months are those of the agency’s time zone. The figures change as more becomes known."
        ),
        html.block(
            html.link("As JSON", f"/figures/sounds.json{query}"),
            html.link("As CSV", f"/figures/sounds.csv{query}"),
            look="row",
        ),
    ]
    if others:
        links = [
            html.link(
                "this center’s own" if name == "own" else name,
                f"/figures/sounds?{urlencode({**asked, 'source': name})}",
            )
            for name in others
        ]
        told.append(html.block(html.text("Of other sources:"), *links, look="row"))
    return _both(html.h2("How it is counted"), *told)


def share(part: int, of: int) -> str:
    """“12 of 40 (30.0 %)”, or of none just that."""
    return f"{part} of {of} ({100 * part / of:.1f} %)" if of else "0 of 0"


def seconds(value: float | None) -> str:
    """“3.2 s”, “4 min”, or a dash."""
    if value is None:
        return "–"
    return f"{value:.1f} s" if abs(value) < 120 else f"{value / 60:.0f} min"


def metres(value: float | None) -> str:
    """“12.5 m”, or a dash."""
    return "–" if value is None else f"{value:.1f} m"


def _part(count: int, row: forms.SoundRow) -> str:
    return f"{count} ({100 * count / row['alerts']:.0f} %)" if row["alerts"] else "0"


def _district(row: forms.SoundRow) -> str | None:
    return "in no district" if row["district"] == "" else row["district"]


def _both(*parts: Html) -> Html:
    return Html("".join(parts))


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    heads = "".join(f'<th scope="col">{html.text(one)}</th>' for one in head)
    body = "".join("<tr>" + "".join(f"<td>{html.text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    titled = html.h2(title) if title else Html("")
    named = html.text(title or head[0])
    return Html(
        f'{titled}<div class="scroll" tabindex="0" role="region" aria-label="{named}"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
