"""Owners and what they sign up with. Values and pure rules only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, TypeVar
from uuid import UUID

from watchfloor.kit.geo import Point

OwnerId = NewType("OwnerId", UUID)
K = TypeVar("K", bound=StrEnum)

VERIFY_WITHIN: Final = timedelta(hours=48)
ENTER_WITHIN: Final = timedelta(minutes=30)
# An address that nobody proved to be theirs, and somebody refused or gone, are forgotten after this.
UNPROVED_FOR: Final = timedelta(days=7)
GONE_FOR: Final = timedelta(days=30)
UNDECIDED_FOR: Final = timedelta(days=90)
MOST_CAMERAS: Final = 500
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)


class OwnerKind(StrEnum):
    """Who it is."""

    PERSON = "person"
    BUSINESS = "business"


class Shares(StrEnum):
    """What an owner offers: pictures by an agreement, or only to be asked."""

    STREAM = "stream"
    ASK_ME = "ask_me"


class OwnerState(StrEnum):
    """How far somebody who signed up is."""

    UNVERIFIED = "unverified"
    WAITING = "waiting"
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


class LinkUse(StrEnum):
    """What a one-time link to an owner is for."""

    VERIFY = "verify"
    ENTER = "enter"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody signs up with, as it will be kept."""

    kind: OwnerKind
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    place: Point | None = field(repr=False)
    make: str
    cameras: int
    shares: Shares
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who offers cameras. What names them masks itself."""

    id: OwnerId
    signed_up: SignUp
    terms: str
    terms_at: datetime
    state: OwnerState
    said: str = field(repr=False)
    """What staff asked, or why they refused."""
    person: UUID | None
    created_at: datetime
    verified_at: datetime | None
    decided_at: datetime | None
    decided_by: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class Faulty:
    """A form that cannot be taken: what is wrong, by field, in words."""

    faults: Mapping[str, str]


# As the form asks for them.
_ORDER: Final = (
    "kind", "name", "email", "phone", "address", "place", "cameras", "make", "shares", "note", "terms",
)  # fmt: skip
# Field, its words, the fewest and the most characters.
_TEXTS: Final = (
    ("name", "your name, or that of the business", 2, 120),
    ("phone", "a telephone number", 0, 40),
    ("address", "where the camera is", 0, 200),
    ("make", "the make of the camera", 0, 80),
    ("note", "what else we should know", 0, 1000),
)


def sign_up_of(form: Mapping[str, str]) -> SignUp | Faulty:
    """What a form says, or what is wrong with it field by field. Whatever is sent, it gives an answer."""
    faults: dict[str, str] = {}
    texts = {
        name: _text(form.get(name, ""), words, least, most, name, faults)
        for name, words, least, most in _TEXTS
    }
    email = form.get("email", "").strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        faults["email"] = "Write an e-mail address, as name@example.org, in plain Latin letters."
    kind = _one_of(
        OwnerKind, form.get("kind", ""), "kind", "Choose whether you are a person or a business.", faults
    )
    shares = _one_of(Shares, form.get("shares", ""), "shares", "Choose what you offer.", faults)
    place = _place(form, faults)
    if place is None and not texts["address"] and "place" not in faults and "address" not in faults:
        faults["address"] = "Write the address of the camera, or its point on a map."
    cameras = _count(form.get("cameras", "1"), faults)
    if form.get("terms") != "yes":
        faults["terms"] = "Signing up needs your yes to the terms."
    if faults or kind is None or shares is None:
        return Faulty({name: faults[name] for name in _ORDER if name in faults})
    return SignUp(
        kind, texts["name"], email, texts["phone"], texts["address"], place, texts["make"], cameras, shares, texts["note"]
    )  # fmt: skip


def _text(said: str, words: str, least: int, most: int, name: str, faults: dict[str, str]) -> str:
    kept = "\n".join(" ".join(line.split()) for line in said.strip().splitlines())
    if name != "note":
        kept = " ".join(kept.split())
    if not least <= len(kept) <= most:
        length = f"at most {most} characters" if len(kept) > most else f"at least {least} characters"
        faults[name] = f"Write {words}, {length}."
    elif any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn") and one != "\n" for one in kept):
        faults[name] = "Write letters, digits and signs that can be printed."
    return kept


def _one_of(kinds: type[K], word: str, name: str, fault: str, faults: dict[str, str]) -> K | None:
    try:
        return kinds(word)
    except ValueError:
        faults[name] = fault
        return None


def _place(form: Mapping[str, str], faults: dict[str, str]) -> Point | None:
    lat, lon = form.get("lat", "").strip(), form.get("lon", "").strip()
    if not lat and not lon:
        return None
    try:
        return Point(float(lat), float(lon))
    except ValueError:
        faults["place"] = "Write both numbers of the point, as 38.6270 and -90.1994, or neither."
        return None


def _count(said: str, faults: dict[str, str]) -> int:
    text = said.strip() or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_CAMERAS):
        faults["cameras"] = f"Write how many cameras it is, 1 to {MOST_CAMERAS}."
        return 1
    return int(text)


def may(state: OwnerState, act: str) -> str | None:
    """Why staff cannot do this to an owner in that state, as a sentence; None when they can."""
    waiting = (OwnerState.WAITING, OwnerState.ASKED)
    match act, state:
        case ("accept" | "ask", OwnerState.UNVERIFIED):
            return "The e-mail address is not proved yet."
        case ("accept" | "ask" | "refuse", OwnerState.ACCEPTED):
            return "This owner was accepted already."
        case (_, OwnerState.REFUSED | OwnerState.ENDED):
            return "This sign-up is over."
        case ("accept" | "ask", found) if found not in waiting:
            return "Nothing waits for a decision here."
    return None
