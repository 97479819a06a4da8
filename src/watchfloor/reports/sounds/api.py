"""Routes of the figures of sounds: for those who work here, and for everybody. Translate in, call a use case, translate out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.remember import Remembered
from watchfloor.kit.route import Beside, Stated
from watchfloor.owners.pages import choose, fault, shown
from watchfloor.owners.sign_up import Known
from watchfloor.reports.sounds import forms, publish
from watchfloor.reports.sounds.page import TITLE, figures_page
from watchfloor.reports.sounds.show import as_csv, figures_form

_PATH: Final = "/figures/sounds"
_REMEMBERED_S: Final = 60.0
_MOST_REMEMBERED: Final = 64
_ASKED: Final = ("from", "to", "source")
Month = Annotated[str | None, Query(max_length=7, description="A month as 2026-03.")]
_Key = tuple[UUID, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class SoundFigureRoutes:
    """What the routes need; `agency_of` says which agency a page is asked of."""

    door: Door
    clock: Clock
    agency_of: Callable[[str | None], Awaitable[Known | list[Known]]]
    _known: OrderedDict[_Key, Remembered[forms.SoundFigures]] = field(default_factory=OrderedDict)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def published(self, agency: UUID, asked: tuple[str | None, ...]) -> forms.SoundFigures:
        """The published figures, counted once a minute at most: anybody may ask. Raises Invalid."""
        key = agency, asked
        known = self._known.setdefault(key, Remembered[forms.SoundFigures](_REMEMBERED_S))
        self._known.move_to_end(key)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

        async def find() -> forms.SoundFigures:
            # However many months and sources strangers ask for, they have one connection of the database.
            async with self._counting:
                return figures_form(await publish.for_everybody(self.door, agency, *asked))

        return await known.of(find, self.clock)


def routes(parts: SoundFigureRoutes) -> APIRouter:
    """The routes of the figures of sounds."""
    router = APIRouter(tags=["sounds"], route_class=Stated)

    @router.get("/sound-figures", openapi_extra=asks(Need.SOUNDS_COUNT))
    async def show_sound_figures(
        actor: Signed,
        from_month: Annotated[Month, Query(alias="from")] = None,
        to_month: Annotated[Month, Query(alias="to")] = None,
        source: Annotated[str | None, Query(max_length=80)] = None,
    ) -> forms.SoundFigures:
        """What came of sounds in months (the last twelve), of our own microphones or of another source: each district apart."""
        return figures_form(await publish.for_staff(parts.door, actor, from_month, to_month, source))

    return router


def pages(parts: SoundFigureRoutes) -> APIRouter:
    """The public page, and the same figures as files."""
    router = APIRouter(include_in_schema=False, route_class=Beside)

    @router.get(_PATH)
    async def sounds_page(request: Request) -> Response:
        """What came of sounds, for everybody."""
        try:
            agency, form = await _asked(parts, request)
        except WatchfloorError as error:
            return fault(error)
        if form is None:
            return shown(choose(TITLE, _PATH, agency if isinstance(agency, list) else [agency]))
        if isinstance(agency, list):
            raise AssertionError("figures are of one agency")
        return shown(figures_page(agency.name, form, _query(request, agency)))

    @router.get(f"{_PATH}.json")
    async def sounds_json(request: Request) -> Response:
        """The same figures as JSON."""
        _, form = await _asked(parts, request)
        return _file(msgspec.json.encode(form), "application/json")

    @router.get(f"{_PATH}.csv")
    async def sounds_csv(request: Request) -> Response:
        """The same figures as CSV."""
        _, form = await _asked(parts, request)
        return _file(as_csv(form).encode() if form else b"", "text/csv; charset=utf-8")

    return router


async def _asked(
    parts: SoundFigureRoutes, request: Request
) -> tuple[Known | list[Known], forms.SoundFigures | None]:
    """Whose figures, and these; None where several agencies share the center and none is named. Raises Invalid or NotFound."""
    agency = await parts.agency_of(request.query_params.get("agency"))
    if isinstance(agency, list):
        return agency, None
    words = tuple(request.query_params.get(name) or None for name in _ASKED)
    return agency, await parts.published(agency.id, words)


def _query(request: Request, agency: Known) -> str:
    given = {name: request.query_params[name] for name in _ASKED if request.query_params.get(name)}
    if "agency" in request.query_params:
        given["agency"] = outside("agency", agency.id)
    return f"?{urlencode(given)}" if given else ""


def _file(content: bytes, media_type: str) -> Response:
    headers = {"Cache-Control": "max-age=60", "Access-Control-Allow-Origin": "*"}
    return Response(content, media_type=media_type, headers=headers)
