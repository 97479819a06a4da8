"""What a route asks of the door, said in its OpenAPI entry as `x-needs`: who may do what is read there, never decided."""

from __future__ import annotations

from typing import Final

from watchfloor.governance.needs import Need

EXTENSION: Final = "x-needs"


def asks(*needs: Need | tuple[Need, ...]) -> dict[str, list[list[str]]]:
    """The `openapi_extra` of a route that asks for each of these; of those in a tuple, for one.

    Which one depends on the asker's roles or on what it is about. A route that asks for nothing of its caller but to
    be signed in says so with `asks()`.
    """
    return {EXTENSION: [[n.word for n in (need if isinstance(need, tuple) else (need,))] for need in needs]}
