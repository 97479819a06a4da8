"""A short way to the routes that machines ask hundreds of times a second: the device's token, the route's own function, its answer.

The framework takes more CPU to find a route, to read its arguments and to put its layers around it than taking a read does. What is
allowed is decided where it always is; only routes that take the request and the device, and nothing else, go this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_type_hints

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from watchfloor.identity.api import Device, device
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.route import Stated
from watchfloor.web.errors import not_served

_TAKES: Final[Mapping[str, object]] = {"request": Request, "actor": Device}


class Quick:
    """An ASGI application that is one such route."""

    def __init__(self, route: Stated) -> None:
        """Raises TypeError of a route that takes more: this way nobody would read it, or ask what it depends on."""
        hints = get_type_hints(route.endpoint, include_extras=True)
        hints.pop("return", None)
        if hints != _TAKES or route.dependencies:
            raise TypeError(f"{route.path} takes more than the request and its device; it is no quick one.")
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self._route
        request = Request(scope, receive, send)
        try:
            answer = await self._route.answer(request=request, actor=await device(request))
        except WatchfloorError as error:
            answer = not_served(request, error)
        await answer(scope, receive, send)
