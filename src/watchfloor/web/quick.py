"""A short way to the routes that machines ask hundreds of times a second: the device's token, the route's own function, its answer.

The framework takes more CPU to find a route, to read its arguments and to put its layers around it than taking a read does. What is
allowed is decided where it always is; only routes that take the request and the device, and nothing else, go this way.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from watchfloor.identity.api import device
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.route import Stated
from watchfloor.web.errors import not_served


class Quick:
    """An ASGI application that is one such route."""

    def __init__(self, route: Stated) -> None:
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self._route
        request = Request(scope, receive, send)
        try:
            answer = await self._route.answer(request=request, actor=await device(request))
        except WatchfloorError as error:
            answer = not_served(request, error)
        await answer(scope, receive, send)
