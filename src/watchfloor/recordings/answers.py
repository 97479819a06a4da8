"""Who answers for a time of which there is no footage: no gap is without a cause and an owner. Pure; it writes to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from watchfloor.cameras.model import SITE_DOWN, Camera, of_status
from watchfloor.recordings.model import GAP_OF_STATE, GapReason


class Whose(StrEnum):
    """Whose a gap is. What nobody knows the cause of is the center's: it promised to know."""

    CENTER = "center"
    KEEPER = "keeper"
    SITE = "site"
    BOX = "box"
    APPROVAL = "approval"
    OWNER = "owner"
    REGISTRY = "registry"
    WORK = "work"


WHOSE: Final[Mapping[GapReason, Whose]] = {
    GapReason.CAMERA_UNREACHABLE: Whose.KEEPER,
    GapReason.CAMERA_SILENT: Whose.KEEPER,
    GapReason.BOX_AWAY: Whose.BOX,
    GapReason.CREDENTIALS_REFUSED: Whose.KEEPER,
    GapReason.CERTIFICATE_REFUSED: Whose.KEEPER,
    GapReason.NO_AUTHORISATION: Whose.APPROVAL,
    GapReason.BY_AGREEMENT: Whose.OWNER,
    GapReason.NOT_LENT: Whose.SITE,
    GapReason.OUTSIDE_AREA: Whose.APPROVAL,
    GapReason.SWITCHED_OFF: Whose.REGISTRY,
    GapReason.TAKEN_OVER: Whose.CENTER,
    GapReason.RECORDER_DOWN: Whose.CENTER,
    GapReason.NO_ROOM: Whose.CENTER,
    GapReason.BAD_STREAM: Whose.KEEPER,
    GapReason.LEFT_OUT: Whose.SITE,
    GapReason.GAVE_WAY: Whose.CENTER,
    GapReason.AT_SITE: Whose.SITE,
    GapReason.CLOCK_SET: Whose.CENTER,
}
_OF_WORD: Final[Mapping[str, Whose]] = {
    of_status(status, "", datetime(1970, 1, 1, tzinfo=UTC)).word: WHOSE[reason]
    for status, reason in GAP_OF_STATE.items()
} | {SITE_DOWN: Whose.SITE}


def of_state(word: str) -> Whose:
    """Whose a gap is that is not over, by the word for how its camera is."""
    return _OF_WORD.get(word, Whose.CENTER)


def answers(whose: Whose, camera: Camera) -> str:
    """Who that is of this camera, in words that end a sentence."""
    keeper = camera.details.owner_text or "the agency’s technicians"
    at_site = f"the site {camera.site_name}" if camera.site_name else keeper
    said: Mapping[Whose, str] = {
        Whose.CENTER: "who runs this center",
        Whose.KEEPER: at_site,
        Whose.SITE: at_site,
        Whose.BOX: f"who has the edge box {camera.box}" if camera.box else keeper,
        Whose.APPROVAL: "the bodies that approve its technology",
        Whose.OWNER: "its owner, by agreement",
        Whose.REGISTRY: "the technician who switched it off",
        Whose.WORK: "who planned the work",
    }
    return said[whose]
