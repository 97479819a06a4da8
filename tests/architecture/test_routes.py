"""Who may call a route without signing in is one exact list, and every route says what it is for."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.staticfiles import StaticFiles

from tests.architecture.tree import ROOT
from tools.route_table import ANYBODY, GUARDS, Way, application, ways
from watchfloor.governance.asks import asks
from watchfloor.governance.needs import Need
from watchfloor.identity.api import signed_in

_LIST = ROOT / "tests/architecture/public_routes.txt"


def listed(text: str) -> set[str]:
    """`METHOD path` of each line; what follows is the reason. Raises ValueError for a line without one."""
    found = set()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, path, *why = line.split()
        if not why:
            raise ValueError(f"{line!r} gives no reason")
        found.add(f"{method} {path}")
    return found


def unguarded(app: FastAPI) -> set[str]:
    return {way.name for way in ways(app) if way.who == ANYBODY}


def _application() -> FastAPI:
    return application()


def test_the_public_routes_are_exactly_those_listed() -> None:
    assert unguarded(_application()) == listed(_LIST.read_text())


def test_every_route_says_what_it_is_for() -> None:
    assert [way.name for way in ways(_application()) if way.in_document and not way.words.endswith(".")] == []


def test_every_route_that_knows_its_caller_says_what_it_asks_of_the_door() -> None:
    known = {need.word for need in Need}
    for way in ways(_application()):
        if way.in_document and way.who != ANYBODY:
            assert way.needs is not None, f"{way.name} says nothing: give it `openapi_extra=asks(...)`"
            assert {word for either in way.needs for word in either} <= known, way.name
        else:
            assert way.needs is None, f"{way.name} says needs and knows nobody who could have them"


def test_every_guard_is_there() -> None:
    """A guard that was renamed must be renamed here, before its routes look public."""
    assert [name for name in GUARDS if not callable(getattr(import_module(name[0]), name[1], None))] == []


def _sample() -> FastAPI:
    router = APIRouter()
    local = signed_in

    @router.get("/cameras", openapi_extra=asks(Need.CAMERAS_VIEW, (Need.UNITS_VIEW, Need.UNITS_LIST)))
    async def cameras(actor: Annotated[object, Depends(signed_in)]) -> None:
        """Every camera."""

    @router.post("/cameras")
    async def add() -> None:
        pass

    @router.get("/lost")
    async def lost(actor: Annotated[object, Depends(local)]) -> None:
        """FastAPI cannot see a name of this function, and quietly takes the guard for a query parameter."""

    @router.websocket("/events")
    async def events(socket: WebSocket) -> None: ...

    @router.get("/hidden", include_in_schema=False)
    async def hidden() -> None: ...

    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/api/v1")
    app.mount("/files", StaticFiles(directory=ROOT / "docs"))
    return app


def test_a_way_in_that_asks_nothing_is_found_however_it_is_added() -> None:
    assert unguarded(_sample()) == {
        "POST /api/v1/cameras",
        "GET /api/v1/lost",
        "SOCKET /api/v1/events",
        "GET /api/v1/hidden",
        "MOUNT /files",
    }


def test_a_guarded_route_says_whom_it_lets_in_and_what_it_does() -> None:
    needs = (("cameras.view",), ("units.view", "units.list"))
    assert Way("/api/v1/cameras", "GET", "a person signed in", "Every camera.", True, needs) in ways(
        _sample()
    )


def test_a_listed_route_gives_its_reason() -> None:
    assert listed("# words\nGET /health so that a balancer can ask\n") == {"GET /health"}
    with pytest.raises(ValueError, match="no reason"):
        listed("GET /health\n")
