"""Every way into the assembled application, and who is let in: read from the dependencies that guard each route.

It looks at the application and calls none of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from watchfloor.governance.asks import EXTENSION

# The dependencies that refuse whoever they do not know, by module and name, and whom they let in.
_IDENTITY = "watchfloor.identity.api"
GUARDS = {
    (_IDENTITY, "session"): "a person signed in",
    (_IDENTITY, "signed_in"): "a person signed in",
    (_IDENTITY, "device"): "a device",
    (_IDENTITY, "person_or_device"): "a person signed in, or a device",
    ("watchfloor.governance.asker", "asker"): "a person signed in",
}
ANYBODY = "anybody"
# The module whose `openapi_app()` gives the application with every slice's routes, for looking at and not for serving.
APPLICATION = "watchfloor.wiring.serve"


@dataclass(frozen=True, order=True)
class Way:
    """One method of one path. Sockets have the method SOCKET, mounted applications and folders MOUNT.

    `needs` are all asked of the door; of those beside each other, one. None where the route says nothing of needs.
    """

    path: str
    method: str
    who: str
    words: str
    in_document: bool
    needs: tuple[tuple[str, ...], ...] | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def application() -> FastAPI:
    """The assembled application, for looking at."""
    app = import_module(APPLICATION).openapi_app()
    if not isinstance(app, FastAPI):
        raise TypeError(f"{APPLICATION}.openapi_app() gives a {type(app).__name__}")
    return app


def ways(app: FastAPI) -> list[Way]:
    """Every way in, by path and method; HEAD goes with its GET."""
    return sorted(way for context in iter_route_contexts(app.routes) for way in _ways(context))


def _ways(context: RouteContext) -> Iterator[Way]:
    dependant: Dependant | None = getattr(context, "dependant", None)
    methods = (context.methods or set()) - {"HEAD"}
    if not methods:
        methods = {"SOCKET" if "WebSocket" in type(context.original_route).__name__ else "MOUNT"}
    who = _who(dependant) if dependant else ANYBODY
    shown = bool(dependant) and bool(getattr(context, "include_in_schema", False))
    for method in sorted(methods):
        yield Way(context.path or "/", method, who, _words(context.endpoint), shown, _needs(context))


def _needs(context: RouteContext) -> tuple[tuple[str, ...], ...] | None:
    said = (getattr(context, "openapi_extra", None) or {}).get(EXTENSION)
    return tuple(tuple(either) for either in said) if said is not None else None


def _who(dependant: Dependant) -> str:
    """The outermost guard says whom it lets in."""
    for call in _calls(dependant):
        guard = (getattr(call, "__module__", ""), getattr(call, "__name__", ""))
        if guard in GUARDS:
            return GUARDS[guard]
    return ANYBODY


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def _words(endpoint: Callable[..., Any] | None) -> str:
    return (
        " ".join((inspect.getdoc(endpoint) or "").split("\n\n")[0].split())
        if inspect.isroutine(endpoint)
        else ""
    )
