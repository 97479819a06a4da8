"""Outside forms of governance's words: ids with prefixes, a case as `kind:id`, a purpose by its word."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from watchfloor.governance.model import Case, Why
from watchfloor.governance.words import CaseKind, named
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import BadId, decode, encode

_LONGEST_ASKED_FOR: Final = 100
CASE_PREFIX: Final = {
    CaseKind.CASE: "case",
    CaseKind.CALL: "call",
    CaseKind.INCIDENT: "inc",
    CaseKind.ALERT: "alt",
}

# The outside prefix of each kind of thing a log entry can be about.
PREFIX: Final = {
    "agency": "agy",
    "person": "per",
    "authorisation": "auth",
    "proposal": "prop",
    "case": "case",
    "call": "call",
    "camera": "cam",
    "reader": "rdr",
    "microphone": "mic",
    "read": "read",
    "hot_list": "hl",
    "hot_list_import": "imp",
    "hot_list_entry": "hle",
    "hot_list_file_kind": "hlk",
    "plate_watch": "wat",
    "plate_hit": "hit",
    "alert": "alt",
    "incident": "inc",
    "unit": "unt",
    "trailer": "trl",
    "placement": "plc",
    "body_issue": "bis",
    "assignment": "asg",
    "outcome": "out",
    "sound": "snd",
    "sound_outcome": "sno",
    "message": "msg",
    "segment": "seg",
    "maintenance": "mnt",
    "mask": "msk",
    "site": "site",
    "wall": "wal",
    "bookmark": "bmk",
    "finding": "fnd",
    "co_travel": "cot",
    "sighting": "sgt",
    "edge_box": "box",
    "camera_import": "cim",
    "entry": "ent",
    "worker": "wrk",
    "workstation": "wks",
    "street_map": "map",
    "basemap": "bmp",
    "building_map": "bld",
    "hold": "hold",
    "owner": "own",
    "export": "exp",
    "agreement": "agr",
    "sharing_request": "shr",
    "use_seal": "seal",
    "lending": "lnd",
    "borrowing": "brw",
    "evidence_request": "evr",
    "received_file": "rcv",
    "look_up_review": "lur",
    "sound_clip": "clp",
}


def outside(kind: str, value: UUID) -> str:
    """The outside id of a thing of this kind."""
    return encode(PREFIX[kind], value)


def inside(kind: str, text: str) -> UUID:
    """The UUID behind an outside id. Raises Invalid."""
    try:
        return decode(PREFIX[kind], text)
    except BadId as error:
        raise Invalid(f"{error}.", reason="id") from error


def case_text(case: Case) -> str:
    """A case as `kind:id`."""
    return f"{case.kind.value}:{encode(CASE_PREFIX[case.kind], case.id)}"


def case_text_of(kept: object) -> str | None:
    """The case of a leaf, which has the bare id, as `kind:id` with the id that people and routes know."""
    if not isinstance(kept, str):
        return None
    kind, _, thing = kept.partition(":")
    return f"{kind}:{outside(kind, UUID(thing))}"


def case_of(text: str) -> Case:
    """The case that `kind:id` names. Raises Invalid."""
    kind_text, _, id_text = text.partition(":")
    try:
        kind = CaseKind(kind_text)
        return Case(kind, decode(CASE_PREFIX[kind], id_text))
    except ValueError as error:
        known = ", ".join(CaseKind)
        raise Invalid(
            f"{text[:60]!r} is not a case; write kind:id with a kind of {known}.", reason="case"
        ) from error


def why_of(purpose: str | None, case: str | None, asked_for: str | None = None) -> Why | None:
    """The purpose and case as sent; None when no purpose was. Whether it is one of the list the door says."""
    return why_given(purpose, case, asked_for) if purpose else None


def why_given(purpose: str, case: str | None, asked_for: str | None = None) -> Why:
    """The purpose and case of what always names one, and for whom a partner asks, as it says."""
    said = "".join(c for c in asked_for or "" if c.isprintable())[:_LONGEST_ASKED_FOR]
    return Why(named(purpose), case_of(case) if case else None, said)
