"""A center where people offer cameras, and what became of the letters to them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.envelope import Envelope
from watchfloor.owners import api, own_pages, pages
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.letters import Letter
from watchfloor.owners.sign_up import Owners
from watchfloor.settings import OwnerSettings

ENVELOPE = Envelope(b"m" * 32)
OFFER = {
    "kind": "business",
    "name": "Mill Street Hardware",
    "email": "shop@example.org",
    "address": "12 Mill St",
    "lat": "38.63",
    "lon": "-90.19",
    "cameras": "2",
    "shares": "stream",
    "terms": "yes",
}


@dataclass
class Shop:
    """The center, and its letters."""

    web: CenterWeb
    owners: Owners
    visitor: httpx.AsyncClient

    async def offers(self, **said: str) -> httpx.Response:
        """Somebody fills in the public form."""
        return await self.visitor.post("/owners/sign-up", data=OFFER | said)

    async def letters(self) -> list[tuple[str, Letter]]:
        """To whom what was written, the newest last, as the outbox keeps it."""
        ask = Ask(process_actor(self.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
        async with self.web.parts.door.open(ask) as tx:
            rows = await tx.fetch(
                "select m.*, o.email from mail m join owner o on o.id = m.owner_id where m.sealed is not null order by m.id"
            )
        return [
            (
                row["email"],
                msgspec.json.decode(ENVELOPE.open(bytes(row["sealed"]), row["id"].bytes), type=Letter),
            )
            for row in rows
        ]

    async def link(self, kind: str, number: int = 0) -> str:
        """The path of a link in the newest letter of a kind."""
        (*_, text) = (letter.text for _, letter in await self.letters() if letter.kind == kind)
        found = re.findall(r"https?://[^/\s]+(/\S+)", text)
        assert len(found) > number, text
        return str(found[number])

    async def follow(self, path: str, **said: str) -> httpx.Response:
        """Open a link, see the page, press its button."""
        shown = await self.visitor.get(path)
        assert shown.status_code == 200, shown.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
        return await self.visitor.post(path.partition("?")[0], data=hidden | said)

    async def proved(self, **said: str) -> dict[str, Any]:
        """Somebody offered a camera and proved their address; the owner as staff see them."""
        assert (await self.offers(**said)).status_code == 200
        assert (await self.follow(await self.link("verify"))).status_code == 200
        email = (OFFER | said)["email"]
        listed = (await (await self.web.person("technician")).get("/api/v1/owners")).json()["items"]
        return next(one for one in listed if one["email"] == email)


def of_owners(owners: Owners) -> list[APIRouter]:
    """The routes of owners, without those of their agreements."""
    own = own_pages.OwnPages(owners, Path("/nowhere"))
    return [api.routes(owners), pages.routes(owners), own_pages.routes(own)]


ShopMaker = Callable[..., AbstractAsyncContextManager[Shop]]


@pytest.fixture
def shop(center: CenterMaker) -> ShopMaker:
    @asynccontextmanager
    async def start(*, mails: bool = True, settings: OwnerSettings | None = None) -> AsyncIterator[Shop]:
        made: list[Owners] = []

        def owners(parts: CenterParts) -> Owners:
            if not made:
                given = settings or OwnerSettings()
                allowance = Allowance(parts.clock, given.most_each_hour, given.most_together_hour)
                url, agencies = "https://center.example.org", (parts.agency,)
                made.append(Owners(parts.door, parts.clock, ENVELOPE, url, given, allowance, agencies, mails))
            return made[0]

        async with AsyncExitStack() as stack:
            web = await stack.enter_async_context(center(routers=lambda parts: of_owners(owners(parts))))
            # A form of a browser has no key of its own.
            visitor = httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url})
            yield Shop(web, made[0], await stack.enter_async_context(visitor))

    return start
