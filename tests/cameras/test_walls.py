"""Walls are kept by their owner, opened by whoever has the address, and shown first to the roles a supervisor says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.center import A_CAMERA, CenterMaker, CenterParts, CenterWeb, new_id
from watchfloor.cameras import wall_api
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need


@pytest.fixture
def routers() -> Any:
    def made(parts: CenterParts) -> list[Any]:
        return [wall_api.routes(parts.door)]

    return made


async def cameras(web: CenterWeb, count: int) -> list[str]:
    """So many cameras of the registry."""
    made = [new_id() for _ in range(count)]
    async with web.parts.door.open(Ask(process_actor(web.parts.agency, "serve"), Need.CAMERA_STATE)) as tx:
        for camera in made:
            await tx.execute(A_CAMERA, id=camera, agency=tx.agency, name=str(camera), now=tx.now)
    return [outside("camera", camera) for camera in made]


async def test_a_wall_is_kept_opened_by_its_address_and_changed_by_its_owner_alone(
    center: CenterMaker, routers: Any
) -> None:
    async with center(routers=routers) as web:
        one, two = await cameras(web, 2)
        analyst, colleague = await web.person("analyst"), await web.person("analyst", name="colleague")
        wall = {"name": " The  bridge ", "tiles": [one, None, two, None]}
        made = await analyst.post("/api/v1/walls", json=wall)
        assert made.status_code == 201, made.text
        assert (made.json()["name"], made.json()["tiles"], made.json()["version"]) == (
            "The bridge",
            wall["tiles"],
            1,
        )
        path = f"/api/v1/walls/{made.json()['id']}"
        assert (await analyst.post("/api/v1/walls", json=wall)).json()["reason"] == "name_taken"

        # A colleague with the address opens it; it is not in their list, and not theirs to change.
        seen = await colleague.get(path)
        assert seen.json()["tiles"] == wall["tiles"] and seen.json()["owner"]["name"] == "Analyst"
        assert (await colleague.get("/api/v1/walls")).json()["items"] == []
        refused = await colleague.patch(path, json={"tiles": [two]})
        assert (await web.kept_refusal(refused))["reason"] == "not_the_owner"
        assert (await colleague.delete(path)).json()["reason"] == "not_the_owner"
        assert (await (await web.person("clerk")).get(path)).json()["reason"] == "role"

        changed = await analyst.patch(path, json={"tiles": [two]}, headers={"If-Match": '"1"'})
        assert (changed.json()["tiles"], changed.json()["name"], changed.json()["version"]) == (
            [two],
            "The bridge",
            2,
        )
        assert (
            await analyst.patch(path, json={"name": "Old"}, headers={"If-Match": '"1"'})
        ).status_code == 412
        await what_is_no_wall_is_answered(analyst, path, one)
        assert (await analyst.delete(path, headers={"If-Match": '"1"'})).status_code == 412
        assert (await analyst.delete(path)).status_code == 204
        assert (await analyst.get(path)).json()["detail"] == "There is no such wall."


async def what_is_no_wall_is_answered(analyst: httpx.AsyncClient, path: str, one: str) -> None:
    """In words, beside the field."""
    for body, status, reason in (
        ({"tiles": [one, one, None]}, 422, "tiles"),
        ({"tiles": [one, one, None, None]}, 422, "tiles"),
        ({"tiles": ["cam_x"]}, 422, "id"),
        ({"tiles": [outside("camera", new_id())]}, 404, "tiles"),
        ({"name": "  "}, 422, "name"),
        ({"name": "n" * 81}, 422, "name"),
    ):
        answer = await analyst.patch(path, json=body)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), body


async def test_a_role_begins_with_one_wall_which_a_supervisor_says(center: CenterMaker, routers: Any) -> None:
    async with center(routers=routers) as web:
        analyst, supervisor = await web.person("analyst"), await web.person("supervisor")
        paths = []
        for name in ("River", "Downtown"):
            made = await analyst.post("/api/v1/walls", json={"name": name, "tiles": [None] * 4})
            paths.append(f"/api/v1/walls/{made.json()['id']}/roles")
        refused = await analyst.put(paths[0], json={"roles": ["analyst"]})
        assert (await web.kept_refusal(refused))["reason"] == "role"
        for roles, reason in ((["nobody"], "roles"), (["clerk"], "roles")):
            assert (await supervisor.put(paths[0], json={"roles": roles})).json()["reason"] == reason
        given = await supervisor.put(
            paths[0], json={"roles": ["analyst", "officer"]}, headers={"If-Match": '"1"'}
        )
        assert given.json()["first_of"] == ["analyst", "officer"]
        await supervisor.put(paths[1], json={"roles": ["analyst"]})
        listed = (await (await web.person("officer")).get("/api/v1/walls")).json()["items"]
        assert [(wall["name"], wall["first_of"]) for wall in listed] == [
            ("Downtown", ["analyst"]),
            ("River", ["officer"]),
        ]
        # Whoever has left keeps their walls; a supervisor tidies up.
        assert (await supervisor.delete(paths[0].removesuffix("/roles"))).status_code == 204
