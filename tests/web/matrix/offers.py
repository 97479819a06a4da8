"""Private owners of an agency, as they come to it: by the public page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker


async def offered(maker: Maker) -> dict[str, Any]:
    """Two who offer cameras on the public page, and have proved their addresses by links that staff handed over."""
    made = {}
    session = await maker.does("officer", "GET", "/session")
    offer = {"agency": session["agency"]["id"], "kind": "person", "address": f"Mill St 7, {maker.name}"}
    offer |= {"shares": "stream", "terms": "yes"}
    async with httpx.AsyncClient(base_url=maker.web.url, headers={"Origin": maker.web.url}) as visitor:
        for field in ("owner", "owner_to_go"):
            email = f"{field}@{maker.name.lower()}.example"
            said = offer | {"name": f"{field} of {maker.name}", "email": email}
            assert (await visitor.post("/owners/sign-up", data=said)).status_code == 200
            listed = (await maker.does("technician", "GET", "/owners"))["items"]
            made[field] = next(one["id"] for one in listed if one["email"] == email)
            link = (await maker.posts("technician", f"/owners/{made[field]}/link"))["link"]
            told = dict(parse_qsl(urlsplit(link).query))
            assert (await visitor.post("/owners/verify", data=told)).status_code == 200
    return made
