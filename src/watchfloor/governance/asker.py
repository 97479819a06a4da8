"""Who asks, for the routes of governance itself: identity stands above and is handed in when the web is assembled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from watchfloor.governance.model import Actor

# Where the web puts the act of a request that carries an idempotency key.
ACT: Final = "wf_act"
Who = Callable[[HTTPConnection], Awaitable[Actor]]


async def asker(connection: HTTPConnection) -> Actor:
    """The person of the session. Raises Unauthenticated."""
    who: Who = connection.app.state.who
    return await who(connection)


Asker = Annotated[Actor, Depends(asker)]
