"""A list that is the asker's own follows what they are now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fixtures.center import PASSWORD, CenterMaker, CenterParts
from tests.web.test_events import said, socket, subscribe
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.storage.tx import Tx
from watchfloor.web.feed import Topic


async def test_ones_own_list_is_loaded_by_the_roles_one_has_now(center: CenterMaker) -> None:
    """Whatever an earlier socket of the same person holds open: it was subscribed to by the roles of before."""

    async def own(tx: Tx, actor: Actor, key: str) -> Sequence[dict[str, Any]]:
        return [{"id": role.value} for role in sorted(actor.roles)]

    def mine(parts: CenterParts) -> dict[str, Topic]:
        return {"mine": Topic("mine", lambda actor, key: Ask(actor, Need.CASES_VIEW), own, (), personal=True)}

    async with center(topics=mine) as web:
        analyst, admin = await web.person("analyst"), await web.administrator()
        me = (await analyst.get("/api/v1/session")).json()["person"]
        names = {one["id"]: one["name"] for one in (await admin.get("/api/v1/people")).json()["items"]}
        async with socket(web, analyst) as before:
            await subscribe(before, "mine")
            assert (await said(before, "snapshot"))["items"] == [{"id": "analyst"}]
            changed = await admin.put(f"/api/v1/people/{me['id']}/roles", json={"roles": ["officer"]})
            assert changed.status_code == 200, changed.text
            again = web.client()
            back = await again.post("/api/v1/session", json={"name": names[me["id"]], "password": PASSWORD})
            assert back.json()["roles"] == ["officer"]
            async with socket(web, again) as now:
                await subscribe(now, "mine")
                assert (await said(now, "snapshot"))["items"] == [{"id": "officer"}]
