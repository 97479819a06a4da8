"""Routes of body cameras: with whom each is, and was. Where they are stands elsewhere, for who may see where units are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.api import camera_json
from watchfloor.cameras.looking import there
from watchfloor.cameras.maintenance_store import now_planned
from watchfloor.cameras.model import Camera
from watchfloor.governance import store as governance
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.extent import Cut
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx
from watchfloor.trailers import body_forms as forms
from watchfloor.trailers import body_store
from watchfloor.trailers.body import issue, take_back
from watchfloor.trailers.body_store import Issue
from watchfloor.trailers.parts import News
from watchfloor.units.change import every


class IssueBody(BaseModel):
    """The unit that a body camera is given to, and who of its crew wears it; null: nobody says."""

    unit: str = Field(max_length=40)
    person: str | None = Field(default=None, max_length=40)


def routes(door: Door, news: News) -> APIRouter:
    """The routes of body cameras."""
    router = APIRouter(tags=["cameras"], route_class=Stated)
    _add_lists(router, door)

    @router.post(
        "/body-cameras/{camera_id}/issue", openapi_extra=asks(Need.BODY_CAMERAS_ISSUE, Need.BODY_CAMERAS_VIEW)
    )
    async def issue_body_camera(actor: Signed, camera_id: str, body: IssueBody) -> forms.BodyCamera:
        """Give a body camera to a unit: it is where that unit says that it is. Whoever had it has given it back."""
        camera, unit = inside("camera", camera_id), inside("unit", body.unit)
        person = inside("person", body.person) if body.person is not None else None
        await issue(door, news, actor, camera, unit, person)
        return await _view(door, actor, camera)

    @router.post(
        "/body-cameras/{camera_id}/return",
        openapi_extra=asks(Need.BODY_CAMERAS_ISSUE, Need.BODY_CAMERAS_VIEW),
    )
    async def return_body_camera(actor: Signed, camera_id: str) -> forms.BodyCamera:
        """A body camera was given back."""
        camera = inside("camera", camera_id)
        await take_back(door, news, actor, camera)
        return await _view(door, actor, camera)

    return router


def _add_lists(router: APIRouter, door: Door) -> None:
    @router.get("/body-cameras", openapi_extra=asks(Need.BODY_CAMERAS_VIEW))
    async def list_body_cameras(actor: Signed, extent: InPages) -> Page[forms.BodyCamera]:
        """Every body camera, how it is and with whom, by name."""
        async with door.open(Ask(actor, Need.BODY_CAMERAS_VIEW)) as tx:
            found = await body_store.cameras(tx, extent)
            return page(Cut(await _forms(tx, found.items), found.following))

    @router.get("/body-cameras/units", openapi_extra=asks(Need.BODY_CAMERAS_ISSUE))
    async def list_units_for_body_cameras(actor: Signed) -> forms.UnitsForBody:
        """The units that a body camera can be given to, and who is on each."""
        async with door.open(Ask(actor, Need.BODY_CAMERAS_ISSUE)) as tx:
            return {
                "units": [
                    {
                        "id": outside("unit", one.id),
                        "call_sign": one.call_sign,
                        "crew": [{"id": outside("person", who.id), "name": who.name} for who in one.crew],
                    }
                    for one in (await every(tx)).items
                ]
            }

    @router.get("/body-cameras/{camera_id}/issues", openapi_extra=asks(Need.BODY_CAMERAS_VIEW))
    async def list_issues(actor: Signed, camera_id: str, extent: InPages) -> Page[forms.BodyIssue]:
        """To whom a body camera was given, the newest first."""
        camera = inside("camera", camera_id)
        async with door.open(Ask(actor, Need.BODY_CAMERAS_VIEW, about=About("camera", camera))) as tx:
            # Also of one that was removed: what it recorded may be held.
            if not await camera_store.was_registered(tx, camera):
                raise NotFound("There is no such camera.")
            found = await body_store.issues(tx, camera, extent)
            names = await _names(tx, found.items)
            return page(found.of(lambda one: _issue(one, names)))


async def _view(door: Door, actor: Actor, camera: UUID) -> forms.BodyCamera:
    async with door.open(Ask(actor, Need.BODY_CAMERAS_VIEW, about=About("camera", camera))) as tx:
        await there(tx, camera)
        return (await _forms(tx, [camera]))[0]


async def _forms(tx: Tx, cameras: list[UUID]) -> list[forms.BodyCamera]:
    found: dict[UUID, Camera] = {one.id: one for one in await camera_store.cameras_of(tx, cameras)}
    approved = await governance.authorisations(tx, [TechnologyKind.BODY_CAMERA.value])
    windows, given = await now_planned(tx), await body_store.now(tx, cameras)
    names = await _names(tx, list(given.values()))
    made: list[forms.BodyCamera] = []
    for camera in cameras:
        window, own = windows.get(camera), given.get(camera)
        said = camera_json(found[camera], approved, tx.now, window.sentence if window else None, None)
        made.append(
            {
                "id": said["id"], "name": said["name"], "state": said["state"],
                "issue": _issue(own, names) if own is not None else None,
            }
        )  # fmt: skip
    return made


async def _names(tx: Tx, issues: Sequence[Issue]) -> Mapping[UUID, str]:
    people = {
        who for one in issues for who in (one.person, one.issued_by, one.returned_by) if who is not None
    }
    return await names_of(tx, list(people))


def _issue(one: Issue, names: Mapping[UUID, str]) -> forms.BodyIssue:
    return {
        "id": outside("body_issue", one.id),
        "unit": {"id": outside("unit", one.unit), "call_sign": one.call_sign},
        "person": _acted(one.person, names) if one.person is not None else None,
        "from": one.issued_at,
        "to": one.returned_at,
        "issued_by": _acted(one.issued_by, names),
        "returned_by": _acted(one.returned_by, names) if one.returned_by is not None else None,
    }


def _acted(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}
