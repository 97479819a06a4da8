"""The closed lists of governance: roles, technologies, purposes. Adding a word here is a change of policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import ClassVar, Final


class Role(StrEnum):
    """What a person, or a machine, is to the center."""

    ANALYST = "analyst"
    DETECTIVE = "detective"
    SUPERVISOR = "supervisor"
    OFFICER = "officer"
    OWNER = "owner"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"
    CLERK = "clerk"
    AUDITOR = "auditor"
    PARTNER = "partner"
    MACHINE = "machine"


class TechnologyKind(StrEnum):
    """What a community approves or does not."""

    FIXED_CAMERA = "fixed_camera"
    MOBILE_TRAILER = "mobile_trailer"
    PRIVATE_CAMERA_LINK = "private_camera_link"
    BODY_CAMERA = "body_camera"
    PLATE_READER = "plate_reader"
    PLATE_READING_ON_VIDEO = "plate_reading_on_video"
    ACOUSTIC_ARRAY = "acoustic_array"
    AUDIO = "audio"
    OBJECT_SEARCH = "object_search"

    @property
    def words(self) -> str:
        """The technology as sentences name it: its devices, many of them."""
        return _TECHNOLOGIES[self]


_TECHNOLOGIES = {
    TechnologyKind.FIXED_CAMERA: "fixed cameras",
    TechnologyKind.MOBILE_TRAILER: "mobile trailers",
    TechnologyKind.PRIVATE_CAMERA_LINK: "private camera links",
    TechnologyKind.BODY_CAMERA: "body cameras",
    TechnologyKind.PLATE_READER: "plate readers",
    TechnologyKind.PLATE_READING_ON_VIDEO: "plate reading on video",
    TechnologyKind.ACOUSTIC_ARRAY: "acoustic arrays",
    TechnologyKind.AUDIO: "audio",
    TechnologyKind.OBJECT_SEARCH: "object search",
}


class CaseKind(StrEnum):
    """What a use can belong to."""

    CASE = "case"
    CALL = "call"
    INCIDENT = "incident"
    ALERT = "alert"


class Purpose(Enum):
    """Why somebody looks: by offence class and community-safety need. `prohibited` is refused to everyone."""

    VIOLENT_CRIME = ("violent_crime", "Violent crime", True, False)
    SHOTS_FIRED = ("shots_fired", "Shots fired", True, False)
    STOLEN_VEHICLE = ("stolen_vehicle", "Stolen vehicle", True, False)
    BURGLARY_THEFT = ("burglary_theft", "Burglary or theft", True, False)
    HIT_AND_RUN = ("hit_and_run", "Crash with injury, hit and run", True, False)
    MISSING_PERSON = ("missing_person", "Missing or endangered person", True, False)
    OFFICER_EMERGENCY = ("officer_emergency", "Officer in danger", True, False)
    RESCUE = ("rescue", "Fire, medical or rescue", True, False)
    COURT_ORDER = ("court_order", "Court order, disclosure or complaint", True, False)
    PATROL_MONITORING = ("patrol_monitoring", "Patrol monitoring of public cameras", False, False)
    EQUIPMENT_CARE = ("equipment_care", "Care of the equipment", False, False)
    OVERSIGHT = ("oversight", "Oversight and audit", False, False)
    IMMIGRATION_ENFORCEMENT = ("immigration_enforcement", "Immigration enforcement", False, True)
    REPRODUCTIVE_HEALTH = ("reproductive_health", "Reproductive health care", False, True)
    LAWFUL_PROTEST = ("lawful_protest", "Lawful protest, religion, press or assembly", False, True)
    PERSONAL_INTEREST = ("personal_interest", "Personal interest", False, True)

    def __init__(self, word: str, title: str, needs_case: bool, prohibited: bool) -> None:
        self.word = word
        self.title = title
        self.needs_case = needs_case
        self.prohibited = prohibited

    @classmethod
    def of(cls, word: str) -> Purpose:
        """The purpose called `word`. Raises KeyError when the list has none."""
        return _BY_WORD[word]


_BY_WORD = {purpose.word: purpose for purpose in Purpose}
_LONGEST_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class UnknownPurpose:
    """A word that was named as a purpose and is none of the list: the door refuses it, and keeps what `word` has of it."""

    word: str
    title: ClassVar[str] = "Something else"
    needs_case: ClassVar[bool] = False
    prohibited: ClassVar[bool] = False


def named(word: str) -> Purpose | UnknownPurpose:
    """The purpose that somebody names. Of what is none no more is taken than 40 characters that can be printed."""
    known = _BY_WORD.get(word)
    return known or UnknownPurpose("".join(c if c.isprintable() else "?" for c in word[:_LONGEST_WORD]))
