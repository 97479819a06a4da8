"""The first start: one agency, one administrator without a password, one one-time link. Never a default password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchfloor.governance import log_store
from watchfloor.governance import store as policy
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.identity import store
from watchfloor.identity.agency import check_agency, check_zone
from watchfloor.identity.people import make_invitation
from watchfloor.kit.errors import NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import DataClass, Mode
from watchfloor.storage.tx import Connection, Tx

ADMINISTRATOR = "administrator"
_TOUCHES = frozenset((data_class, mode) for data_class in DataClass for mode in Mode)


@dataclass(frozen=True, slots=True)
class FirstLink:
    """What the terminal shows once."""

    name: str
    token: str
    expires_at: datetime


async def first_start(
    connection: Connection, *, agency: str, time_zone: str, now: datetime
) -> FirstLink | None:
    """Create the agency and its administrator where there is none; None when the center has begun already.

    `connection` is the owner's, inside a transaction: this runs once, before any process of ours.
    """
    check_agency(agency, time_zone)
    agency_id = uuid7(now)
    actor = process_actor(agency_id, "first_start")
    tx = Tx(connection, agency_id, now, None, actor.id, _TOUCHES, "first_start", actor.machine)
    if await log_store.first_agency(tx) is not None:
        return None
    await check_zone(tx, time_zone)
    technologies = [(kind.value, title, words) for kind, (title, words) in TECHNOLOGIES.items()]
    await policy.insert_agency(tx, agency, time_zone, technologies)
    person = uuid7(now)
    await store.insert_person(
        tx, person, ADMINISTRATOR, "Administrator", frozenset({Role.ADMINISTRATOR}), actor.id
    )
    invitation = await make_invitation(tx, person)
    await effect(tx, "center.began", About("agency", agency_id), detail={"agency": agency})
    return FirstLink(ADMINISTRATOR, invitation.token, invitation.expires_at)


async def invite_from_terminal(connection: Connection, name: str, *, now: datetime) -> str:
    """A one-time token for a person, made by whoever holds the machine; the log says so. Raises NotFound."""
    actor = process_actor(NO_AGENCY, "terminal")
    anywhere = Tx(connection, NO_AGENCY, now, None, actor.id, _TOUCHES, "terminal", actor.machine)
    found = await store.person_named(anywhere, name)
    if found is None:
        raise NotFound(f"Nobody is registered as {name!r}.")
    tx = Tx(connection, found.agency, now, None, actor.id, _TOUCHES, "terminal", actor.machine)
    await store.set_agency(tx)
    invitation = await make_invitation(tx, found.id)
    await effect(tx, "person.invited_from_terminal", About("person", found.id))
    return invitation.token


TECHNOLOGIES: dict[TechnologyKind, tuple[str, str]] = {
    TechnologyKind.FIXED_CAMERA: ("Fixed cameras", "Municipal cameras at fixed places, live and recorded."),
    TechnologyKind.MOBILE_TRAILER: ("Mobile trailers", "Trailers with cameras, lights and plate readers."),
    TechnologyKind.PRIVATE_CAMERA_LINK: (
        "Private camera links",
        "Cameras of residents and businesses, within their agreement.",
    ),
    TechnologyKind.BODY_CAMERA: ("Body cameras", "Cameras that officers wear, where they send live."),
    TechnologyKind.PLATE_READER: ("Plate readers", "Fixed and mobile readers of licence plates."),
    TechnologyKind.PLATE_READING_ON_VIDEO: (
        "Plate reading on video",
        "Reading plates from ordinary cameras.",
    ),
    TechnologyKind.ACOUSTIC_ARRAY: ("Acoustic array", "Microphones that locate gunfire."),
    TechnologyKind.AUDIO: ("Audio", "Recording sound with video."),
    TechnologyKind.OBJECT_SEARCH: (
        "Object search",
        "Searching video for vehicles and objects; never for persons.",
    ),
}
