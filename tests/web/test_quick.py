"""The short way to a route: nothing that the framework would read or ask goes this way unread and unasked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from fastapi import APIRouter, Depends, Request

from watchfloor.identity.api import Device, Signed
from watchfloor.kit.route import Stated
from watchfloor.web.quick import Quick


async def plain(request: Request, actor: Device) -> None:
    """What goes the short way."""


async def with_a_word(request: Request, actor: Device, word: str = "") -> None:
    """It reads a word of the address too."""


async def of_a_person(request: Request, actor: Signed) -> None:
    """Another than a device asks."""


async def of_nobody(request: Request) -> None:
    """Nobody is asked who they are."""


def routed(endpoint: Callable[..., Awaitable[None]], *dependencies: Callable[..., object]) -> Stated:
    router = APIRouter(route_class=Stated, dependencies=[Depends(one) for one in dependencies])
    router.add_api_route("/plate-reads", endpoint, methods=["POST"], status_code=204)
    (route,) = router.routes
    assert isinstance(route, Stated)
    return route


def awake() -> None:
    """Something that a route may depend on."""


def test_a_route_that_takes_the_request_and_its_device_goes_the_short_way() -> None:
    Quick(routed(plain))


@pytest.mark.parametrize(
    "route",
    [routed(with_a_word), routed(of_a_person), routed(of_nobody), routed(plain, awake)],
    ids=["a word", "a person", "nobody", "a dependency"],
)
def test_a_route_that_takes_more_is_refused_at_the_start(route: Stated) -> None:
    with pytest.raises(TypeError, match="/plate-reads takes more than"):
        Quick(route)
