"""An export is masked, and says so; for a court's order it is not, and says that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tests.evidence.conftest import Room, manifest
from tests.recordings.footage import CAMERA
from tests.recordings.test_repaint import WINDOW, is_masked, lumas
from watchfloor.cameras.masks import Mask
from watchfloor.evidence.model import BY_DEVICE, BY_ORDER, MASKED, NO_MASK, masks_of_span


async def has_a_mask(room: Room) -> None:
    """Windows in its picture are masked."""
    await room.owner(
        "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at) values (%(id)s, %(camera)s,"
        " %(agency)s, 'Windows of 12 Elm', 'A dwelling.', %(corners)s::jsonb, %(id)s, %(at)s)",
        id=UUID(int=77), camera=CAMERA, agency=room.web.parts.agency, corners=json.dumps(WINDOW), at=room.begun,
    )  # fmt: skip


async def test_an_export_has_no_point_of_what_a_mask_covers_and_its_manifest_names_the_mask(
    room: Room, tmp_path: Path
) -> None:
    await has_a_mask(room)
    made = await room.made((1, 3))
    assert (made["state"], made["clips"]) == ("ready", 1), made
    folder = await room.unpacked(made["id"], tmp_path)
    (clip,) = manifest(folder)["clips"]
    shown = lumas((folder / clip["file"]).read_bytes())
    assert len(shown) == clip["frames"] > 10 and all(map(is_masked, shown))
    assert clip["mask"] == [
        {"id": clip["mask"][0]["id"], "name": "Windows of 12 Elm", "corners": [[2500, 3000], [7500, 3000], [7500, 8000], [2500, 8000]]}
    ]  # fmt: skip
    assert clip["mask_text"] == MASKED and clip["codec"].startswith("avc1.")


async def test_by_a_courts_order_only_who_may_see_beneath_gets_an_export_without_masks(
    room: Room, tmp_path: Path
) -> None:
    await has_a_mask(room)
    supervisor = await room.web.person("supervisor")

    async def masked() -> list[bool]:
        asked = await room.asked((1, 3), purpose="court_order")
        yes = await supervisor.post(f"/api/v1/proposals/{asked['proposal']}/approve", json={"note": "yes"})
        assert yes.status_code == 200, yes.text
        await room.sign()
        await room.work()
        folder = await room.unpacked(asked["id"], tmp_path, "court_order")
        (clip,) = manifest(folder)["clips"]
        return [is_masked(one) for one in lumas((folder / clip["file"]).read_bytes())]

    assert all(await masked()), "an analyst has no right to it, whatever the purpose"
    await room.owner(
        "insert into person_role (person_id, agency_id, role, given_by, given_at) select person_id, agency_id, 'detective',"
        " given_by, given_at from person_role where role = 'analyst' on conflict do nothing"
    )
    assert not any(await masked())
    entries = (
        await (await room.web.person("auditor")).get("/api/v1/audit/entries", params={"limit": 200})
    ).json()["items"]
    assert [one["reason"] for one in entries].count("export.unmasked") == 1


def test_which_masks_an_export_has_and_why_it_has_none() -> None:

    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    ours = Mask(UUID(int=1), CAMERA, "a", "b", WINDOW, UUID(int=3), noon)
    held = Mask(UUID(int=2), CAMERA, "a", "b", WINDOW[:3], UUID(int=3), noon, "m1", noon)
    assert masks_of_span([], noon, bare=False).said == NO_MASK
    assert masks_of_span([ours], noon, bare=True).said == BY_ORDER
    assert masks_of_span([ours], noon, bare=True).as_json() is None
    assert masks_of_span([held], noon, bare=False).said == BY_DEVICE
    both = masks_of_span([ours, held], noon, bare=False)
    assert (both.applied, both.said, both.shapes) == ((ours,), MASKED, (WINDOW,))
