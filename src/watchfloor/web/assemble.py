"""The web application: the slices' routes, in one guard, with one form of error. It decides nothing itself."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response, WebSocket
from msgspec import Struct
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from watchfloor import __version__
from watchfloor.engines.tls import is_loopback
from watchfloor.identity.api import person
from watchfloor.identity.sign_in import Identity
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Kind, WatchfloorError
from watchfloor.kit.remember import Remembered
from watchfloor.kit.route import BASE, Beside, Stated
from watchfloor.web import errors, forms, static
from watchfloor.web.counts import Counts, Figure
from watchfloor.web.document import Documented
from watchfloor.web.events import Feeds, serve_events
from watchfloor.web.guard import Guard
from watchfloor.web.idempotency import Once
from watchfloor.web.quick import Quick

MIB: Final = 1024 * 1024
# Files that people and devices hand in; everything else is small.
LARGER: Final = (
    ("/staff-plates/imports", 2 * MIB),  # before the next, which ends alike
    ("/sounds/imports", 64 * MIB),
    ("/sounds/imports/look", 64 * MIB),
    ("/imports", 512 * MIB),
    ("/plate-reads/csv", 16 * MIB),
    ("/camera-imports", 32 * MIB),
    ("/street-maps", 256 * MIB),
    ("/map/basemap", 256 * MIB),
    ("/map/buildings", 256 * MIB),
    ("/map/districts", 64 * MIB),
)
# Asked for each read where readers send read by read. One that takes more than the request and its device starts no server.
QUICK: Final = (f"{BASE}/plate-reads", f"{BASE}/plate-reads/openalpr")

_READY_FOR_S: Final = 1.0
_FIGURES_FOR_S: Final = 2.0
_ENGINES: Final = {"postgres": "PostgreSQL", "nats": "NATS"}
_NOT_READY: Final = (
    "On the center's machine, `watchfloor check --data DIR` says what is wrong and what to do."
)
Ready = Callable[[], Awaitable[Mapping[str, bool]]]
Gathers = Callable[[], Awaitable[Sequence[Figure]]]


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the application needs: who asks, the feeds, whether each engine answers, the ledger's published folder.

    `figures` gathers those of all processes; `live` and `playback` are what these sockets say in JSON, for the OpenAPI document.
    """

    identity: Identity
    clock: Clock
    feeds: Feeds
    counts: Counts
    ready: Ready
    figures: Gathers
    ledger: Path
    public_url: str
    live: Mapping[str, type[Struct]] = field(default_factory=dict)
    playback: Mapping[str, type[Struct]] = field(default_factory=dict)


def assemble(parts: WebParts, routers: Sequence[APIRouter]) -> FastAPI:
    """The application."""
    app = Documented(
        title="watchfloor",
        version=__version__,
        description="The API that the console uses; there is no other door.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.topics, app.live, app.playback = parts.feeds.topics, parts.live, parts.playback
    app.state.identity = parts.identity
    app.state.who = person
    errors.install(app)
    _add(app, [*routers, _of_the_process(parts)])
    _add_own(app, parts)
    identity = parts.identity
    app.add_middleware(Once, door=identity.door, clock=identity.clock, who=person, envelope=identity.envelope)
    guarded = partial(
        Guard, clock=parts.clock, counts=parts.counts, larger=LARGER, public_url=parts.public_url
    )
    app.add_middleware(guarded)
    app.quick = _quick(routers, guarded)
    return app


def _quick(
    routers: Sequence[APIRouter], guarded: Callable[[ASGIApp], ASGIApp]
) -> dict[tuple[str, str], ASGIApp]:
    """The routes of `QUICK`, where they are served, each in the guard."""
    return {
        (method, route.path): guarded(Quick(route))
        for route in chain.from_iterable(map(_routes, routers))
        if isinstance(route, Stated) and route.path in QUICK
        for method in route.methods or ()
    }


def _add(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Routes that know where they lie as they are: the framework would make each anew that is included under another path."""
    others = APIRouter()
    for route in chain.from_iterable(map(_routes, routers)):
        (app if isinstance(route, Stated | Beside) else others).routes.append(route)
    app.include_router(others, prefix=BASE)


def _routes(router: APIRouter) -> Iterator[BaseRoute]:
    """All of a router, those of a router in it too."""
    for route in router.routes:
        inner: APIRouter | None = getattr(route, "original_router", None)
        yield from (route,) if inner is None else _routes(inner)


def _add_own(app: Documented, parts: WebParts) -> None:
    @app.websocket(f"{BASE}/events")
    async def events(socket: WebSocket) -> None:
        parts.counts.sockets.inc()
        try:
            await serve_events(socket, parts.feeds, parts.clock)
        finally:
            parts.counts.sockets.dec()

    document: Remembered[bytes] = Remembered(math.inf)

    @app.get(f"{BASE}/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        """What every route takes and answers."""
        # Half a second of CPU, once, for whoever asks: not on the loop that live pictures pass.
        made = await document.of(lambda: asyncio.to_thread(app.written), parts.clock)
        return Response(made, media_type="application/json")

    app.mount(f"{BASE}/ledger", StaticFiles(directory=parts.ledger, check_dir=False), name="ledger")

    @app.get(BASE + "/{rest:path}", include_in_schema=False)
    async def nothing(rest: str) -> Response:
        raise _NotThere()

    app.router.routes.append(Route("/{path:path}", static.page))


def _of_the_process(parts: WebParts) -> APIRouter:
    """What machines ask that look after the center."""
    router = APIRouter(tags=["web"], route_class=Stated)
    remembered: Remembered[Mapping[str, bool]] = Remembered(_READY_FOR_S)
    figures: Remembered[Sequence[Figure]] = Remembered(_FIGURES_FOR_S)

    @router.get("/health")
    async def health() -> forms.Health:
        """This process answers."""
        return {"ok": True, "version": __version__, "at": parts.clock.now()}

    @router.get("/ready", responses={503: {"model": forms.Ready}})
    async def ready(response: Response) -> forms.Ready:
        """Whether each engine answers: 503 while one does not. Asked of them once a second at most."""
        engines = await remembered.of(parts.ready, parts.clock)
        away = [_ENGINES.get(name, name) for name, answers in engines.items() if not answers]
        said: forms.Ready = {"ready": not away, "engines": dict(engines)}
        if away:
            response.status_code = 503
            said["detail"] = f"{' and '.join(away)} {'do' if len(away) > 1 else 'does'} not answer."
            said["next_step"] = _NOT_READY
        return said

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics(request: Request) -> Response:
        """Figures of every process, for a collector on this machine."""
        # Through a proxy on this machine everybody comes from loopback; those say for whom they ask.
        passed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via"))
        if request.client is None or not is_loopback(request.client.host) or passed_on:
            raise _NotThere()
        gathered = await figures.of(parts.figures, parts.clock)
        return Response(parts.counts.text(gathered), media_type="text/plain; version=0.0.4")

    return router


class _NotThere(WatchfloorError):
    kind = Kind.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("There is nothing under this address.")
