"""The routes of what came of sounds, of the figures of that, which are everybody's, and of districts. It wires, no more."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter

from watchfloor.dispatch.sounds import api as sounds_api
from watchfloor.dispatch.sounds import vendor_api
from watchfloor.dispatch.sounds.record import Sounds
from watchfloor.exchange import api as exchange_api
from watchfloor.owners.sign_up import Owners, agency_of
from watchfloor.places import district_api
from watchfloor.reports.sounds import api as figures_api
from watchfloor.reports.sounds.api import SoundFigureRoutes
from watchfloor.wiring.parts import Parts


def of_sounds(parts: Parts, owners: Owners) -> list[APIRouter]:
    """These routes; `owners` know which agencies there are."""
    sounds = Sounds(parts.door, parts.news)
    figures = SoundFigureRoutes(parts.door, parts.clock, partial(agency_of, owners))
    return [
        district_api.routes(parts.door),
        sounds_api.routes(sounds),
        vendor_api.routes(sounds),
        exchange_api.routes(parts.door, parts.public_url),
        figures_api.routes(figures),
        figures_api.pages(figures),
    ]
