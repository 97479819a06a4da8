"""Routes of lists of cameras: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request

from watchfloor.cameras import import_store, imports
from watchfloor.cameras.details import CameraKind, word
from watchfloor.cameras.import_file import FileForm
from watchfloor.cameras.import_forms import CameraImport, CameraImportRow
from watchfloor.cameras.import_judge import Verdict
from watchfloor.cameras.import_store import Import, ImportRow
from watchfloor.cameras.imports import Given
from watchfloor.cameras.register import Cameras
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside as uuid_of
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Invalid
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page, takes
from watchfloor.storage.tx import Tx

PATH: Final = "/camera-imports"
_FORMS: Final = {
    "text/csv": FileForm.CSV,
    "application/geo+json": FileForm.GEOJSON,
    "application/json": FileForm.GEOJSON,
}
_ASKS: Final = asks(Need.CAMERAS_IMPORT)


def routes(cameras: Cameras) -> APIRouter:
    """The routes of lists of cameras."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.post(PATH, status_code=201, openapi_extra=_ASKS | takes(*_FORMS))
    async def look_at_list(
        request: Request,
        actor: Signed,
        file_name: Annotated[str, Query(max_length=300)] = "",
        kind: Annotated[str | None, Query(max_length=40)] = None,
        column: Annotated[list[str] | None, Query(max_length=40)] = None,
    ) -> CameraImport:
        """Look at a list of cameras, the body itself: every row is judged, nothing changes. `kind` is that of rows without one;
        each `column` says FIELD=COLUMN where a column is called otherwise than is known."""
        given = Given(
            await request.body(), _form(request), file_name, _said(column or []), word(CameraKind, kind, "kind")
        )  # fmt: skip
        made = await imports.preview(cameras, actor, given)
        return import_form(made, {made.made_by: actor.name})

    @router.get(PATH, openapi_extra=_ASKS)
    async def list_lists(actor: Signed, extent: InPages) -> Page[CameraImport]:
        """Lists that were looked at, the newest first: applied ones for 30 days, others for one."""
        async with cameras.door.open(Ask(actor, Need.CAMERAS_IMPORT)) as tx:
            found = await import_store.imports(tx, extent)
            people = {p for one in found.items for p in (one.made_by, one.confirmed_by) if p is not None}
            names = await names_of(tx, sorted(people))
            return page(found.of(lambda one: import_form(one, names)))

    _add_one(router, cameras)
    return router


def _add_one(router: APIRouter, cameras: Cameras) -> None:
    path = f"{PATH}/{{camera_import_id}}"

    @router.get(path, openapi_extra=_ASKS)
    async def get_list(actor: Signed, camera_import_id: str) -> CameraImport:
        """One list, and how far it is applied."""
        return await _view(cameras, actor, uuid_of("camera_import", camera_import_id))

    @router.get(f"{path}/rows", openapi_extra=_ASKS)
    async def get_rows(
        actor: Signed,
        camera_import_id: str,
        extent: InPages,
        verdict: Annotated[Verdict | None, Query()] = None,
    ) -> Page[CameraImportRow]:
        """Its rows in their order, those of one verdict where it is named."""
        one = uuid_of("camera_import", camera_import_id)
        async with cameras.door.open(
            Ask(actor, Need.CAMERAS_IMPORT, about=About("camera_import", one))
        ) as tx:
            await imports.there(tx, one)
            return page((await import_store.rows(tx, one, verdict, extent)).of(row_form))

    @router.post(f"{path}/confirm", status_code=202, openapi_extra=_ASKS)
    async def confirm_list(actor: Signed, camera_import_id: str) -> CameraImport:
        """Have it applied, as a job: what is new is registered, what changed is changed."""
        one = uuid_of("camera_import", camera_import_id)
        await imports.confirm(cameras, actor, one)
        return await _view(cameras, actor, one)

    @router.delete(path, status_code=204, openapi_extra=_ASKS)
    async def discard_list(actor: Signed, camera_import_id: str) -> None:
        """Forget a list that was not confirmed."""
        await imports.discard(cameras, actor, uuid_of("camera_import", camera_import_id))


async def _view(cameras: Cameras, actor: Actor, one: UUID) -> CameraImport:
    async with cameras.door.open(Ask(actor, Need.CAMERAS_IMPORT, about=About("camera_import", one))) as tx:
        return await _whole(tx, await imports.there(tx, one))


async def _whole(tx: Tx, one: Import) -> CameraImport:
    people = [person for person in (one.made_by, one.confirmed_by) if person is not None]
    return import_form(one, await names_of(tx, people))


def import_form(one: Import, names: Mapping[UUID, str]) -> CameraImport:
    """The outside form of a list."""
    by = one.confirmed_by
    return {
        "id": outside("camera_import", one.id),
        "file_name": one.file_name,
        "state": one.state,  # type: ignore[typeddict-item]  # the table holds it to these words
        "columns": [{"field": field, "column": column} for field, column in one.columns.items()],
        "new": one.new,
        "changed": one.changed,
        "unchanged": one.unchanged,
        "refused": one.refused,
        "warned": one.warned,
        "done": one.done,
        "failed": one.failed,
        "made_by": {"id": outside("person", one.made_by), "name": names.get(one.made_by, "")},
        "made_at": one.made_at,
        "confirmed_by": None if by is None else {"id": outside("person", by), "name": names.get(by, "")},
        "confirmed_at": one.confirmed_at,
        "ended_at": one.ended_at,
        "expires_at": one.expires_at,
    }


def row_form(row: ImportRow) -> CameraImportRow:
    """The outside form of a row."""
    return {
        "line": row.line,
        "verdict": row.verdict,
        "name": row.name,
        "problems": row.says["problems"],
        "warnings": row.says["warnings"],
        "changes": row.says["changes"],
        "camera": None if row.camera is None else outside("camera", row.camera),
        "outcome": row.outcome,
    }


def _form(request: Request) -> FileForm:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in _FORMS:
        raise Invalid(
            f"The body is said to be {given[:60] or 'of no type'}; a list of cameras is text/csv or application/geo+json.",
            reason="content_type",
        )
    return _FORMS[given]


def _said(columns: list[str]) -> dict[str, str]:
    """FIELD=COLUMN, each. Raises Invalid."""
    found = {}
    for text in columns:
        field, equals, column = text.partition("=")
        if not equals:
            raise Invalid("A column is named as FIELD=COLUMN.", reason="map")
        found[field.strip()] = column.strip()
    return found
