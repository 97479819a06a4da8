"""The routes of plates: readers, lists, searches, what becomes of searches that should not have been, and vehicles that are followed.

It builds what they need from the process's parts, and decides nothing.
"""

from __future__ import annotations

from fastapi import APIRouter

from watchfloor.identity.store import names_of
from watchfloor.investigations.following import api as follow_api
from watchfloor.investigations.following.see import Seer
from watchfloor.investigations.following.start import Following
from watchfloor.kit.envelope import key_from_file
from watchfloor.places.atlas import Atlas
from watchfloor.places.skyline import Skyline
from watchfloor.plates import api as plates_api
from watchfloor.plates import co_travel, watches
from watchfloor.plates.misuse import api as misuse_api
from watchfloor.plates.misuse.fingerprints import KEY_FILE
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.misuse.parts import look_ups_of, tell_of
from watchfloor.plates.misuse.review import Reviews
from watchfloor.plates.misuse.staff import StaffPlates
from watchfloor.plates.take import Intake
from watchfloor.reports.store import called
from watchfloor.wiring.parts import Parts


def of_plates(parts: Parts, intake: Intake) -> list[APIRouter]:
    """Readers, hot lists, searches, and what becomes of searches that should not have been."""
    look_ups = _look_ups(parts)
    limits = watches.limits_of(parts.settings.watches)
    reviews = Reviews(parts.door, names_of, called, tell_of(parts.settings.look_ups))
    allowed = co_travel.allowed_of(parts.settings.co_travel)
    return [
        plates_api.routes(plates_api.PlatesParts(intake, parts.layout.spool, look_ups, limits, allowed)),
        misuse_api.routes(reviews, StaffPlates(parts.door, look_ups.fingerprints), parts.clock),
    ]


def of_following(parts: Parts, atlas: Atlas, skyline: Skyline) -> APIRouter:
    """The vehicle that is followed under an incident."""
    following = Following(parts.door, parts.news)
    return follow_api.routes(
        follow_api.FollowRoutes(following, _look_ups(parts), Seer(atlas, skyline), parts.objects)
    )


def _look_ups(parts: Parts) -> LookUps:
    return look_ups_of(parts.settings.look_ups, key_from_file(parts.layout.keys / KEY_FILE))
