"""An owner's page as HTML: the sentence, who asks, each camera with its buttons, each use with its proof. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.governance.agreement import Agreement, Covered, Mode, agreement_allows, hours_words
from watchfloor.governance.forms import outside
from watchfloor.kit.said import day, moment, time_of_day
from watchfloor.owners import html
from watchfloor.owners.agree import Own
from watchfloor.owners.agreement_store import Request, Shared
from watchfloor.owners.html import Fields, Html
from watchfloor.owners.look import Held, Looked
from watchfloor.owners.terms import DAYS
from watchfloor.owners.uses import SEALING, Use, UseWay, case_words, length, role_words, why_words

_DONE: Final = {
    "agree": "You have said yes. The agreement holds from now on.",
    "change": "The agreement is changed from now on.",
    "suspend": "Dark. Nobody sees your camera, and nothing of it is recorded, until you share it again.",
    "resume": "Your camera is shared again, as agreed.",
    "revoke": "Dark, for good. What was recorded is being deleted; below is what stays, and why.",
    "yes": "You have said yes. It ends by itself.",
    "no": "You have said no. Your camera stays dark.",
}
_WAYS: Final = {
    UseWay.LIVE: "watched live",
    UseWay.PLAYBACK: "recording played",
    UseWay.EXPORT: "exported",
    UseWay.SNAPSHOT: "picture saved",
    UseWay.AIMING: "coarse picture shown",
}
_LASTS: Final = (UseWay.LIVE, UseWay.PLAYBACK, UseWay.EXPORT)
_MODES: Final = {
    Mode.ALWAYS: "always",
    Mode.INCIDENT: "only during an incident nearby",
    Mode.ASKED: "only when I say yes",
}


def page(agency: str, own: Own, found: Looked, held: Mapping[UUID, Held], zone: tzinfo, *, done: str) -> Html:
    """The whole page."""
    told = html.note(_DONE[done], level="good") if done in _DONE else Html("")
    waiting = [one for one in own.asked if one.answered_at is None and one.expires_at > own.now]
    newest = {one.agreement.camera: one for one in reversed(own.shared)}
    cards = {
        one.agreement.id: _camera(one, own.now, held.get(one.agreement.camera, [])) for one in own.shared
    }
    # What was revoked long ago would push what holds now out of sight.
    over = [one for one in own.shared if one.agreement.revoked_at and newest[one.agreement.camera] is not one]
    earlier = [cards.pop(one.agreement.id) for one in over]
    cameras = [*cards.values(), *([_earlier(earlier)] if earlier else [])]
    nothing = html.p(
        "No agreement about a camera of yours has been offered yet. You are written when there is one."
    )
    leave = html.form("/owners/leave", html.button("Sign out"))
    end = html.form(
        "/owners/me", html.button("Stop being an owner", name="act", value="withdraw", look="serious")
    )
    means = html.p(
        "To stop revokes every agreement, deletes as above, and forgets who you are after 30 days.",
        look="soft",
    )
    return html.page(
        "Your cameras",
        agency,
        told,
        html.p(found.sentence, look="lead"),
        html.p(SEALING, look="soft"),
        *(_asked(one, zone) for one in waiting),
        *(cameras or [nothing]),
        _uses(found, zone),
        leave,
        Html(f"<details><summary>Stop being an owner</summary>{means}{end}</details>"),
    )


def _asked(one: Request, zone: tzinfo) -> Html:
    said = (
        f"We ask to see “{one.camera_name}” for {one.minutes} minutes: {case_words(one.purpose)}."
        f" Asked {moment(one.asked_at, zone)}."
    )
    lengths = sorted({15, 30, 60, 240, one.minutes})
    options = "".join(
        f'<option value="{n}"{" selected" if n == one.minutes else ""}>{n} minutes</option>' for n in lengths
    )
    select = Html(
        f'<label for="minutes-{one.id}">Yes, for</label><select id="minutes-{one.id}" name="minutes">{options}</select>'
    )
    return html.block(
        html.h2("May we look?"),
        html.p(said),
        html.form(
            "/owners/me",
            html.hidden("request", outside("sharing_request", one.id)),
            select,
            html.block(
                html.button("Yes", name="act", value="yes", look="first"),
                html.button("No", name="act", value="no"),
                look="row",
            ),
        ),
        look="card",
    )


def _camera(one: Shared, now: datetime, held: Held) -> Html:
    agreement = one.agreement
    parts = [html.h2(one.camera_name), _state(one, now), html.p(_words(agreement))]
    if agreement.revoked_at is not None:
        parts += [html.p(text) for text in _what_stays(one, held)]
    elif one.agreed_at is None:
        parts.append(
            _acts(agreement, html.button("Say yes to this", name="act", value="agree", look="first"))
        )
    else:
        parts += [_buttons(agreement), _change(agreement)]
    return html.block(*parts, look="card")


def _earlier(cards: Sequence[Html]) -> Html:
    return Html(
        f"<details><summary>Agreements that are over ({len(cards)})</summary>{''.join(cards)}</details>"
    )


def _state(one: Shared, now: datetime) -> Html:
    agreement = one.agreement
    if one.agreed_at is None:
        return html.note("Offered to you. Nothing is recorded or watched before you say yes.")
    said = agreement_allows(agreement, now, ())
    if isinstance(said, Covered):
        until = (
            f" until {moment(said.until, agreement.zone)}"
            if agreement.mode is Mode.ASKED and said.until
            else ""
        )
        return html.note(f"Shared now{until}.", level="good")
    if said.reason == "agreement_incident":
        return html.note(f"Dark, but during an incident within {agreement.radius_m} m.")
    return html.note(f"Dark. {_to_you(said.sentence)}")


def _to_you(sentence: str) -> str:
    """What others are told of the owner, said to the owner."""
    for theirs, yours in (
        ("The owner shares", "You share"),
        ("The owner has", "You have"),
        ("The owner's", "Your"),
    ):
        sentence = sentence.replace(theirs, yours)
    return sentence


def _words(agreement: Agreement) -> str:
    within = f" within {agreement.radius_m} m" if agreement.mode is Mode.INCIDENT else ""
    ends = f", until {day(agreement.ends_at, agreement.zone)}" if agreement.ends_at else ", without an end"
    hours = hours_words(agreement.windows)
    return f"Agreed: {_MODES[agreement.mode]}{within}, {hours} ({agreement.zone.key}){ends}."


def _acts(agreement: Agreement, *parts: Html) -> Html:
    named = html.hidden("agreement", outside("agreement", agreement.id))
    return html.form("/owners/me", named, html.block(*parts, look="row"))


def _buttons(agreement: Agreement) -> Html:
    dark = html.button("Make it dark now", name="act", value="suspend", look="first")
    on = html.button("Share it again", name="act", value="resume", look="first")
    off = html.button("Revoke and delete", name="act", value="revoke", look="serious")
    said = "Dark is at once and for everybody. To revoke also deletes what was recorded, but for what is preserved for a case."
    return Html(_acts(agreement, on if agreement.suspended_at else dark, off) + html.p(said, look="soft"))


def _change(agreement: Agreement) -> Html:
    first = agreement.windows[0] if agreement.windows else None
    typed = {
        "mode": agreement.mode.value,
        "radius_m": str(agreement.radius_m),
        "hours": "some" if agreement.windows else "all",
        "begin": _clock(first.begin_min) if first else "18:00",
        "end": _clock(first.end_min) if first else "06:00",
        "ends": agreement.ends_at.astimezone(agreement.zone).date().isoformat() if agreement.ends_at else "",
    } | {f"day_{window.day}": "yes" for window in agreement.windows}
    fields = Fields(typed, {}, of=outside("agreement", agreement.id)[-6:])
    inner = html.form(
        "/owners/me",
        html.hidden("agreement", outside("agreement", agreement.id)),
        fields.choice("mode", "Shared", [(mode.value, words) for mode, words in _MODES.items()]),
        fields.line("radius_m", "An incident counts within so many metres", most=5),
        fields.choice("hours", "Hours", [("all", "At all hours"), ("some", "On these days, in these hours")]),
        html.block(*(fields.yes(f"day_{n}", name) for n, name in enumerate(DAYS)), look="days"),
        html.block(
            fields.line("begin", "From", kind="time"),
            fields.line("end", "To, the next day where that is earlier", kind="time"),
            look="two",
        ),
        fields.line("ends", "Last day, if there is one", kind="date"),
        html.button("Change the agreement", name="act", value="change"),
    )
    return Html(f"<details><summary>Change hours, way or end</summary>{inner}</details>")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _what_stays(one: Shared, held: Held) -> list[str]:
    done, zone = one.deleted, one.agreement.zone
    preserved = [
        f"What stays: what is stored of {moment(begin, zone)} to {moment(end, zone)}, preserved for a case until {day(until, zone)} at"
        " the longest as it is held now. Nobody looks at it but by the order of a court, a disclosure or a complaint."
        for begin, end, until in held
    ]
    exported = "What was exported before stays with its case."
    if done is None or "segments" not in done:
        return ["What was recorded is being deleted.", *preserved, exported]
    if "seconds" not in done:
        # What was kept of a revocation before minutes were counted.
        return [f"Deleted: {done['segments']} recordings of a minute at most.", *preserved, exported]
    deleted = f"Deleted: {length(done['seconds'])} of recordings."
    if not done["kept"]:
        return [deleted, "What stays: nothing of what was recorded.", exported]
    kept = (
        f"Kept: {length(done['kept_seconds'])} of recordings, because a case preserves a time within them. They are stored in files"
        " of about a minute, of which each stays whole. Within about an hour after no case preserves them any more they are deleted too."
    )
    return [deleted, kept, *preserved, exported]


_HEADS: Final = ("When", "What", "By", "For", "How long", "Proof")


def _uses(found: Looked, zone: tzinfo) -> Html:
    rows = "".join(_row(one, zone) for one in found.uses.items)
    if not rows:
        return Html(html.h2("Each use") + html.p("No use of your cameras has been told yet."))
    more = ""
    if found.uses.following is not None:
        more = html.p("") + html.link("Earlier ones", f"/owners/me?after={found.uses.following}")
    heads = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in _HEADS)
    # The roles are said: on a phone each row is a block, which else would be no row to who listens.
    table = (
        '<div class="scroll uses" role="region" aria-label="Each use" tabindex="0"><table role="table"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div>'
    )
    how = html.p(
        "Each line is an entry of a log that nobody can change unseen. Its proof is a file that `watchfloor verify` checks, on any"
        " machine, with the log's public key alone.",
        look="soft",
    )
    return Html(html.h2("Each use") + table + more + how)


def _row(one: Use, zone: tzinfo) -> str:
    waits = "waits for the log" if one.index is None else ""
    proof = waits or html.link(f"entry {one.index}", f"/owners/me/proof/{outside('entry', one.entry)}")
    cells: Sequence[str] = (
        html.text(moment(one.at, zone)) + _sealed(one, zone),
        html.text(f"{one.camera_name}, {_WAYS[one.way]}") + of_words(one, zone),
        html.text(role_words(one)),
        html.text(why_words(one)),
        html.text(length(one.seconds) if one.way in _LASTS else ""),
        proof,
    )
    named = zip(_HEADS, cells, strict=True)
    told = "".join(f'<td role="cell" data-head="{head}"><div>{cell}</div></td>' for head, cell in named)
    return f'<tr role="row">{told}</tr>'


def of_words(one: Use, zone: tzinfo) -> str:
    """Within which of the recorded time it was: from the first that was shown or given to the last, not all of which need have been."""
    if one.of is None:
        return ""
    begin, end = one.of
    if begin == end:
        return html.p(f"of {day(begin, zone)}, {time_of_day(begin, zone)}", look="soft")
    days = day(begin, zone), day(end, zone)
    ends = f"{days[1]}, " if days[1] != days[0] else ""
    return html.p(
        f"within {days[0]}, {time_of_day(begin, zone)} to {ends}{time_of_day(end, zone)}", look="soft"
    )


def _sealed(one: Use, zone: tzinfo) -> str:
    if one.sealed_at is None or one.sealed_until is None:
        return ""
    return html.p(
        f"Was sealed for a case from {day(one.sealed_at, zone)} to {day(one.sealed_until, zone)}.",
        look="soft",
    )
