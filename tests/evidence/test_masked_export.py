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
from watchfloor.governance.words import Purpose


async def test_an_export_has_no_point_of_what_a_mask_covers_and_its_manifest_names_the_mask(
    room: Room, tmp_path: Path
) -> None:
    await room.owner(
        "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at) values (%(id)s, %(camera)s,"
        " %(agency)s, 'Windows of 12 Elm', 'A dwelling.', %(corners)s::jsonb, %(id)s, %(at)s)",
        id=UUID(int=77), camera=CAMERA, agency=room.web.parts.agency, corners=json.dumps(WINDOW), at=room.begun,
    )  # fmt: skip
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


def test_which_masks_an_export_has_and_why_it_has_none() -> None:

    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    ours = Mask(UUID(int=1), CAMERA, "a", "b", WINDOW, UUID(int=3), noon)
    held = Mask(UUID(int=2), CAMERA, "a", "b", WINDOW[:3], UUID(int=3), noon, "m1", noon)
    assert masks_of_span([], Purpose.STOLEN_VEHICLE, noon).said == NO_MASK
    assert masks_of_span([ours], Purpose.COURT_ORDER, noon).said == BY_ORDER
    assert masks_of_span([ours], Purpose.COURT_ORDER, noon).as_json() is None
    assert masks_of_span([held], Purpose.STOLEN_VEHICLE, noon).said == BY_DEVICE
    both = masks_of_span([ours, held], Purpose.STOLEN_VEHICLE, noon)
    assert (both.applied, both.said, both.shapes) == ((ours,), MASKED, (WINDOW,))
