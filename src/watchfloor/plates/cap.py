"""Alerts of a missing child or elder (AMBER, Silver) as CAP 1.2 says them. Pure: it parses and judges, and stores nothing.

What is not wholly understood is refused with a sentence. XML is read without a document type, so no entity is ever expanded
(`ingest/envelope`). Signatures are not asked for: who may write the list is (OASIS CAP 1.2, 2010-07-01).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from xml.etree.ElementTree import Element

from watchfloor.kit.errors import Invalid
from watchfloor.plates.ingest.claim import Rejected, words
from watchfloor.plates.ingest.envelope import tree_of

Kind = Literal["amber", "silver"]
TITLES: Final[Mapping[Kind, str]] = {"amber": "AMBER Alert", "silver": "Silver Alert"}
MOST_BYTES: Final = 1024 * 1024
MOST_REFERENCES: Final = 50
# What an alert that names no end is kept for, and how far a sender's clock may be ahead.
USUAL_FOR: Final = timedelta(hours=24)
_AHEAD: Final = timedelta(minutes=5)
_CAP: Final = "{urn:oasis:names:tc:emergency:cap:1.2}"
_MOST_NAME: Final = 200
# What is read of the words for people, and of each parameter: no alert is near it, and looking for plates in it takes time.
MOST_WORDS: Final = 20_000
MOST_PARAMETER: Final = 300
_MOST_PARTS: Final = 20
# No spaces, commas, nor what XML reserves: what names a message stands in a list of others.
_NAME: Final = re.compile(r"[^\s,<&]+")
_CODES: Final[Mapping[str, Kind]] = {"CAE": "amber", "MEP": "silver"}
_CALLED: Final[Sequence[tuple[re.Pattern[str], Kind]]] = (
    (re.compile(r"\bamber alert\b|\bchild abduction\b", re.IGNORECASE), "amber"),
    (
        re.compile(r"\bsilver alert\b|\bmissing (and )?endangered\b|\bendangered missing\b", re.IGNORECASE),
        "silver",
    ),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a message: who sent it, what they call it, when."""

    sender: str
    identifier: str
    sent: datetime

    @property
    def text(self) -> str:
        """As a reference names it."""
        return f"{self.sender},{self.identifier},{self.sent.isoformat()}"


@dataclass(frozen=True, slots=True)
class CapMessage:
    """A message as it was sent. `ends` are those that it updates or cancels; a message that is no alert has no `kind`.

    `parameters` are those of each part of the message, by their names in lower case without anything but letters and digits; they and
    the prose have single spaces and line breaks, and end at MOST_PARAMETER and MOST_WORDS characters. `ignored` says why it changes
    nothing, `empty` why it looks for nothing itself, though it may end others.
    """

    identity: Identity
    msg_type: str
    ends: tuple[Identity, ...]
    kind: Kind | None
    headline: str
    prose: str
    parameters: tuple[Mapping[str, str], ...]
    expires_at: datetime
    ignored: str | None = None
    empty: str | None = None


def message_of(document: bytes, now: datetime) -> CapMessage:
    """The message. Raises Invalid, its reason naming the element, for what is no CAP 1.2 or not wholly understood."""
    if len(document) > MOST_BYTES:
        raise _wrong("alert", f"A message has at most {MOST_BYTES // 1024} kB.")
    root = tree_of(document)
    if isinstance(root, Rejected):
        raise _wrong("xml", f"{root.detail[:1].upper()}{root.detail[1:]}.")
    if root.tag != f"{_CAP}alert":
        raise _wrong("alert", "The document is no alert of CAP 1.2.")
    identity = Identity(_name(root, "sender"), _name(root, "identifier"), _time(root, "sent"))
    if identity.sent > now + _AHEAD:
        raise _wrong("sent", "It was sent in the future: its sender's clock is wrong.")
    status, msg_type = _said(root, "status"), _said(root, "msgType")
    ends = _references(root) if msg_type in ("Update", "Cancel") else ()
    if msg_type in ("Update", "Cancel") and not ends:
        raise _wrong("references", f"A message of type {msg_type} names those that it is about.")
    if any(one.sender != identity.sender for one in ends):
        raise _wrong("references", "It names a message of another sender: only who sent an alert changes it.")
    parts = _infos(root)
    # What one part still looks for is looked for, though another has expired.
    until = max(
        (_time(info, "expires") for info in parts if _said(info, "expires")),
        default=identity.sent + USUAL_FOR,
    )
    kind = next((found for info in parts if (found := _kind(info)) is not None), None)
    return CapMessage(
        identity, msg_type, ends, kind,
        next(filter(None, (words(_said(info, "headline")) for info in parts)), ""),
        _tidy("\n".join(map(_prose, parts)), MOST_WORDS), tuple(map(_parameters, parts)), until,
        _ignored(status, msg_type), _empty(msg_type, kind, expired=until <= now),
    )  # fmt: skip


def _empty(msg_type: str, kind: Kind | None, *, expired: bool) -> str | None:
    if msg_type == "Cancel":
        return "It cancels."
    if kind is None:
        return "It is no alert of a missing child or elder (AMBER, Silver)."
    return "It has expired." if expired else None


def _ignored(status: str, msg_type: str) -> str | None:
    if status not in ("Actual", "Exercise", "System", "Test", "Draft"):
        raise _wrong("status", "The status is none that CAP 1.2 has.")
    if msg_type not in ("Alert", "Update", "Cancel", "Ack", "Error"):
        raise _wrong("msgType", "The type is none that CAP 1.2 has.")
    if status != "Actual":
        return f"Its status is {status}: only what is actual is looked for."
    if msg_type in ("Ack", "Error"):
        return f"A message of type {msg_type} is about another message and changes nothing."
    return None


def _kind(info: Element) -> Kind | None:
    for code in info.findall(f"{_CAP}eventCode"):
        if _said(code, "valueName").upper() == "SAME" and (found := _CODES.get(_said(code, "value").upper())):
            return found
    called = f"{_said(info, 'event')} {_said(info, 'headline')}"
    return next((kind for pattern, kind in _CALLED if pattern.search(called)), None)


def _infos(root: Element) -> list[Element]:
    """The parts in English, or the first."""
    every = root.findall(f"{_CAP}info")
    if len(every) > _MOST_PARTS:
        raise _wrong("info", f"A message has at most {_MOST_PARTS} parts.")
    return [one for one in every if (_said(one, "language") or "en").lower().startswith("en")] or every[:1]


def _prose(info: Element) -> str:
    """All that is written for people, as it stands."""
    return "\n".join(filter(None, (_said(info, name) for name in ("headline", "description", "instruction"))))


def _tidy(text: str, most: int) -> str:
    """Its words with single spaces between, line by line, and no word cut in two at the end."""
    whole = "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    if len(whole) <= most:
        return whole
    cut = whole[: most + 1]
    return cut[: max(cut.rfind(" "), cut.rfind("\n"), 0)]


def _parameters(info: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in info.findall(f"{_CAP}parameter"):
        name = re.sub(r"[^a-z0-9]", "", _said(one, "valueName").lower())
        value = _tidy(_said(one, "value"), MOST_PARAMETER)
        if name in found and found[name] != value:
            raise _wrong(
                "parameter",
                f"Two parameters are called {words(_said(one, 'valueName'))} and say different things.",
            )
        found[name] = value
    return found


def _references(root: Element) -> tuple[Identity, ...]:
    named = _said(root, "references").split()
    if len(named) > MOST_REFERENCES:
        raise _wrong("references", f"A message names at most {MOST_REFERENCES} others.")
    found = []
    for one in named:
        parts = one.split(",")
        at = _parsed(parts[2]) if len(parts) == 3 else None
        if at is None or not all(_is_name(part) for part in parts[:2]):
            raise _wrong("references", "A reference is sender,identifier,sent, none of them too long.")
        found.append(Identity(parts[0], parts[1], at))
    return tuple(found)


def _name(root: Element, name: str) -> str:
    said = _said(root, name)
    if not _is_name(said):
        raise _wrong(name, f"The {name} is missing, too long, or has spaces or commas.")
    return said


def _is_name(said: str) -> bool:
    return len(said) <= _MOST_NAME and _NAME.fullmatch(said) is not None


def _time(element: Element, name: str) -> datetime:
    found = _parsed(_said(element, name))
    if found is None:
        raise _wrong(name, f"“{name}” is a time with its zone, as 2026-11-29T20:15:00-06:00.")
    return found


def _parsed(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _said(element: Element, name: str) -> str:
    return (element.findtext(f"{_CAP}{name}") or "").strip()


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, reason=field)
