"""Who may call a route without signing in is one exact list, and every route says what it is for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tools import docs_tables

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


def public(document: Any) -> set[str]:
    return {
        f"{verb} {path}"
        for verb, path, operation in docs_tables.operations(document)
        if docs_tables.is_public(operation)
    }


def unlisted(routes: list[Any], prefix: str = "") -> set[str]:
    """Routes that OpenAPI does not show, mounts and sockets among them: those must be listed as well."""
    found: set[str] = set()
    for route in routes:
        path = prefix + getattr(route, "path", "")
        if getattr(route, "include_in_schema", False) and getattr(route, "methods", None):
            continue
        methods = getattr(route, "methods", None) or {
            "SOCKET" if "WebSocket" in type(route).__name__ else "MOUNT"
        }
        found |= {f"{method} {path or '/'}" for method in methods if method != "HEAD"}
    return found


def _application() -> Any:
    if not docs_tables.exists("watchfloor.web.assemble"):
        pytest.skip("watchfloor.web.assemble does not exist yet")
    return import_module("watchfloor.web.assemble").openapi_app()


def test_the_public_routes_are_exactly_those_listed() -> None:
    app = _application()
    assert public(app.openapi()) | unlisted(app.routes) == listed(_LIST.read_text())


def test_every_route_says_what_it_is_for() -> None:
    document = _application().openapi()
    silent = [
        f"{v} {p}" for v, p, o in docs_tables.operations(document) if not (o.get("description") or "").strip()
    ]
    assert silent == []


def test_a_route_that_asks_nothing_is_found() -> None:
    document = {
        "paths": {
            "/a": {"get": {}, "post": {"security": [{"session": []}]}},
            "/b": {"get": {"security": []}, "parameters": [], "delete": {"security": [{"session": []}, {}]}},
        }
    }
    assert public(document) == {"GET /a", "GET /b", "DELETE /b"}


def test_a_route_outside_openapi_is_found() -> None:
    from fastapi import FastAPI, WebSocket
    from fastapi.staticfiles import StaticFiles

    app = FastAPI(openapi_url=None)

    @app.websocket("/events")
    async def events(socket: WebSocket) -> None: ...

    @app.get("/hidden", include_in_schema=False)
    async def hidden() -> None: ...

    app.mount("/files", StaticFiles(directory=ROOT / "docs"))
    assert unlisted(app.routes) == {"SOCKET /events", "GET /hidden", "MOUNT /files"}


def test_a_listed_route_gives_its_reason() -> None:
    assert listed("# words\nGET /health so that a balancer can ask\n") == {"GET /health"}
    with pytest.raises(ValueError, match="no reason"):
        listed("GET /health\n")
