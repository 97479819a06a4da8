"""An export is masked, and says so; for a court's order it is not, and says that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from tests.evidence.conftest import Room, manifest
from tests.recordings.footage import CAMERA
from tests.recordings.test_repaint import WINDOW, is_masked, lumas
from watchfloor.cameras.cover import recorded
from watchfloor.cameras.masks import WHOLE, Mask
from watchfloor.cameras.standing import Stand
from watchfloor.evidence.model import ALL_OF_IT, BY_DEVICE, BY_ORDER, DWELLING, MASKED, NO_MASK, MasksOf
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import us


async def has_a_mask(room: Room) -> None:
    """Windows in its picture are masked."""
    await room.owner(
        "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at) values (%(id)s, %(camera)s,"
        " %(agency)s, 'Windows of 12 Elm', 'A dwelling.', %(corners)s::jsonb, %(id)s, %(at)s)",
        id=UUID(int=77), camera=CAMERA, agency=room.web.parts.agency, corners=json.dumps(WINDOW), at=room.begun,
    )  # fmt: skip


async def was_borrowed(room: Room) -> None:
    """It is recorded by the leave of a partner center, was by the same before a break, and by others before that: one until just before."""
    row = (("lnd_before", 9, 7), ("lnd_then", 6, 4), ("lnd_just", 3, 1 / 60), ("lnd_then", 1, None))
    for number, (lending, hours, until) in enumerate(row):
        ended = room.begun - timedelta(hours=until) if until is not None else None
        await room.owner(
            "insert into borrowed_camera (id, camera_id, agency_id, center, address, lending, until, since, last_at, ended_at, ended_why)"
            " values (%(id)s, %(camera)s, %(agency)s, 'County', 'https://county', %(lending)s, %(until)s, %(since)s, %(until)s,"
            " %(ended)s, %(why)s)",
            id=UUID(int=90 + number), camera=CAMERA, agency=room.web.parts.agency, lending=lending, ended=ended,
            why="over" if ended else None, since=room.begun - timedelta(hours=hours), until=room.begun + timedelta(hours=1),
        )  # fmt: skip


async def test_an_export_has_no_point_of_what_a_mask_covers_and_its_manifest_has_the_mask_and_whose_camera_it_is(
    room: Room, tmp_path: Path
) -> None:
    await has_a_mask(room)
    await was_borrowed(room)
    made = await room.made((1, 3))
    assert (made["state"], made["clips"]) == ("ready", 1), made
    folder = await room.unpacked(made["id"], tmp_path)
    (clip,) = manifest(folder)["clips"]
    shown = lumas((folder / clip["file"]).read_bytes())
    assert len(shown) == clip["frames"] > 10 and all(map(is_masked, shown))
    assert clip["mask"] == [
        {"id": clip["mask"][0]["id"], "corners": [[2500, 3000], [7500, 3000], [7500, 8000], [2500, 8000]]}
    ]
    assert "12 Elm" not in json.dumps(manifest(folder)), "whose home it is goes to whoever may know homes"
    just, leave = clip["of_partner"]
    assert just["lending"] == "lnd_just", "its recorder may have heard of the end a moment later"
    assert (leave["center"], leave["lending"]) == ("County", "lnd_then")
    assert leave["recorded_from"] == rfc3339(room.begun - timedelta(hours=1)), "not from before the break"
    assert clip["mask_text"] == MASKED and clip["codec"].startswith("vp09.00.")
    await _is_of_a_dwelling_for_too_long(room, tmp_path)
    await _of_a_dwelling(room)


async def _is_of_a_dwelling_for_too_long(room: Room, tmp_path: Path) -> None:
    """What playback shows nobody, an export does not give out either."""
    await room.owner(
        "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, until_at) values (%(id)s, %(camera)s,"
        " %(agency)s, '12 Elm', false, %(from)s, %(until)s)",
        **{"id": UUID(int=78), "camera": CAMERA, "agency": room.web.parts.agency, "from": room.begun - timedelta(hours=2),
           "until": room.begun + timedelta(seconds=20)},
    )  # fmt: skip
    folder = await room.unpacked((await room.made((1, 2)))["id"], tmp_path)
    (clip,) = manifest(folder)["clips"]
    assert all(one.max() - one.min() <= 14 for one in lumas((folder / clip["file"]).read_bytes()))
    assert (clip["mask"], clip["mask_text"]) == (None, f"{MASKED} {DWELLING}")


async def _asked_of_hours(
    room: Room, who: httpx.AsyncClient, hours: int, purpose: str, *, ago: int = 0, case: str = ""
) -> httpx.Response:
    """So many hours, which end so many before."""
    end = room.begun - timedelta(hours=ago)
    begin = end - timedelta(hours=hours)
    span = {"camera": outside("camera", CAMERA), "from_at": rfc3339(begin), "to_at": rfc3339(end)}
    body = {
        "purpose": purpose,
        "case": case or await room.web.case(),
        "reason": "a car stood",
        "spans": [span],
    }
    return await who.post("/api/v1/exports", json=body)


async def _of_a_dwelling(room: Room) -> None:
    """More than two hours of one are exported for a court alone."""
    hour = timedelta(hours=1)
    await room.owner(
        "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, until_at) values (%(camera)s, %(camera)s,"
        " %(agency)s, '12 Elm St', true, %(from)s, %(until)s)",
        camera=CAMERA, agency=room.web.parts.agency, until=room.begun, **{"from": room.begun - 4 * hour},
    )  # fmt: skip
    analyst, detective = await room.web.person("analyst"), await room.web.person("detective")

    async def asked(hours: int, purpose: str = "stolen_vehicle", **more: Any) -> httpx.Response:
        return await _asked_of_hours(room, more.pop("who", analyst), hours, purpose, **more)

    no = await asked(3)
    assert (no.status_code, no.json()["reason"]) == (403, "dwelling_over"), no.text
    assert (
        "3 h 0 min of this footage are of one dwelling; more than 2 h 0 min need a court’s order." in no.text
    )
    case = await room.web.case()
    two = await asked(2, ago=1, case=case)
    assert two.status_code == 201 == (await asked(3, "court_order")).status_code
    # Bit by bit it comes to the same, whoever asks, for whatever case.
    bit = await asked(1, ago=3)
    assert (bit.status_code, bit.json()["reason"]) == (403, "dwelling_over"), bit.text
    assert (
        "With this, 3 h 0 min of one dwelling would have been looked at here in the last 30 days" in bit.text
    )
    assert (await asked(1, ago=3, who=detective)).status_code == 403
    assert (await asked(1, ago=2, who=detective)).status_code == 201, "the same again is nothing new"
    # What was watched live counts with it, once.
    await room.owner("update export set state = 'cancelled'")
    assert (await asked(1, ago=3)).status_code == 201
    await room.owner(
        "insert into dwelling_play (id, agency_id, camera_id, person_id, from_at, until_at, played_at, way) values (%(camera)s,"
        " %(agency)s, %(camera)s, %(camera)s, %(from)s, %(until)s, %(now)s, 'live')",
        camera=CAMERA, agency=room.web.parts.agency, now=room.web.parts.clock.now(), until=room.begun - hour,
        **{"from": room.begun - 3 * hour},
    )  # fmt: skip
    assert (await asked(1, who=detective)).status_code == 403, "three hours were looked at"


async def test_by_a_courts_order_only_who_may_see_beneath_gets_an_export_without_masks(
    room: Room, tmp_path: Path
) -> None:
    await has_a_mask(room)
    supervisor = await room.web.person("supervisor")
    asked: dict[str, Any] = {}

    async def masked(meanwhile: str = "") -> list[bool]:
        nonlocal asked
        asked = await room.asked((1, 2), purpose="court_order")
        yes = await supervisor.post(f"/api/v1/proposals/{asked['proposal']}/approve", json={"note": "yes"})
        assert yes.status_code == 200, yes.text
        if meanwhile:
            await room.owner(meanwhile)
        await room.sign()
        await room.work()
        if meanwhile:
            await room.owner("update person set suspended_at = null")
        folder = await room.unpacked(asked["id"], tmp_path, "court_order")
        (clip,) = manifest(folder)["clips"]
        return [is_masked(one) for one in lumas((folder / clip["file"]).read_bytes())]

    assert all(await masked()), "an analyst has no right to it, whatever the purpose"
    await room.owner(
        "insert into person_role (person_id, agency_id, role, given_by, given_at) select person_id, agency_id, 'detective',"
        " given_by, given_at from person_role where role = 'analyst' on conflict do nothing"
    )
    assert not any(await masked())
    suspended = "update person set suspended_at = now() where name = 'analyst'"
    assert all(await masked(suspended)), "whoever was suspended meanwhile sees nothing beneath"
    await room.owner("delete from person_role where role = 'detective'")
    colleague = await room.fetched(asked["id"], **{"Wf-Purpose": "court_order"})
    assert (colleague.status_code, colleague.json()["reason"]) == (403, "role"), colleague.text
    entries = await _log(room)
    assert [one["reason"] for one in entries].count("export.unmasked") == 1
    decided = [one for one in entries if one["need"] == "camera.unmasked"]
    assert [one["result"] for one in decided].count("refused") == 1, (
        "who has no right to see beneath fetches none either"
    )
    assert len(decided) == 5, "the door said so when each was asked for, and when it was fetched"


async def _log(room: Room) -> list[dict[str, Any]]:
    auditor = await room.web.person("auditor")
    return list((await auditor.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"])


def test_which_masks_an_export_has_and_why_it_has_none() -> None:

    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    ours = Mask(UUID(int=1), CAMERA, "a", "b", WINDOW, UUID(int=3), noon)
    held = Mask(UUID(int=2), CAMERA, "a", "b", WINDOW[:3], UUID(int=3), noon, "m1", noon, asked_at=noon)
    when = (us(noon), us(noon) + 1)

    def said(masks: tuple[Mask, ...], *, bare: bool = False) -> tuple[str, list[str] | None]:
        of = MasksOf(masks, recorded(masks, (), (), noon), bare)
        named = of.as_json(*when)
        return of.said(*when), None if named is None else [str(one["id"])[-1] for one in named]

    assert said(()) == (NO_MASK, None)
    assert said((ours,), bare=True) == (BY_ORDER, None)
    assert said((held,)) == (BY_DEVICE, None)
    assert said((ours, held)) == (MASKED, ["1"])
    turns = replace(ours, stand=Stand("dome", 0.5, 0.0, 0.0))
    assert said((turns,)) == (f"{MASKED} {ALL_OF_IT}", None), "nobody knows where it stood"
    grey = MasksOf((ours,), recorded((ours,), (), [(noon, noon + timedelta(hours=1))], noon))
    assert (grey.said(*when), grey.cover.at(us(noon))) == (f"{MASKED} {DWELLING}", (WHOLE,))
