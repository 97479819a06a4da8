"""A city's list of cameras: looked at, confirmed by a person, applied as a job, and sent again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cameras.lists import CSV
from tests.cameras.test_import_list import HEADER, MILL
from tests.cameras.test_registry import CAMERA, routers
from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb
from watchfloor.cameras import import_command, imports
from watchfloor.kit.errors import Invalid, Unauthenticated, Unavailable, WatchfloorError
from watchfloor.sweep.run import do_due
from watchfloor.web.assemble import LARGER, MIB

PATH = "/api/v1/camera-imports"
CITY = 240
__all__ = ["routers"]


def city(first: int = 0) -> str:
    """Five rows of a grid of cameras a block apart, and so on: a city's."""
    return HEADER + "".join(
        f"C-{n},{n},Corner {n},{38.6 + n // 50 * 0.001:.3f},{-90.2 + n % 50 * 0.001:.3f},{n % 360},"
        f"rtsp://10.0.{n // 250}.{n % 250}/1,municipal,SW-{n // 24}\n"
        for n in range(first, CITY)
    )


async def apply(web: CenterWeb) -> int:
    async def news(*_: Any) -> None: ...

    works = {imports.KIND: imports.applier(web.parts.door, news)}
    return await do_due(web.parts.door, web.parts.agency, works)


async def test_a_list_is_looked_at_confirmed_and_applied_and_sent_again_changes_nothing(
    center: CenterMaker, routers: Any
) -> None:
    async with center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        assert (await analyst.post(PATH, content=HEADER + MILL, headers=CSV)).status_code == 403
        known = (
            await technician.post("/api/v1/cameras", json=CAMERA | {"name": "C-7", "external_id": "7"})
        ).json()
        bad = "C-x,x,Nowhere,999,-90.2,0,rtsp://10.0.99.9/1,municipal,SW-1\n"
        query = {"file_name": "city.csv"}
        made = await technician.post(PATH, content=city() + bad, headers=CSV, params=query)
        assert made.status_code == 201, made.text
        one = made.json()
        assert [one[key] for key in ("new", "changed", "unchanged", "refused", "state")] == [
            CITY - 1,
            1,
            0,
            1,
            "previewed",
        ]
        assert {"field": "name", "column": "Camera Name"} in one["columns"]

        # Nothing is changed before a person says so; what would be is shown, line by line.
        assert len((await technician.get("/api/v1/cameras")).json()["items"]) == 1
        path = f"{PATH}/{one['id']}"
        (refused,) = (await technician.get(f"{path}/rows", params={"verdict": "refused"})).json()["items"]
        assert refused["line"] == CITY + 2 and refused["problems"][0]["column"] == "Latitude"
        first = (await technician.get(f"{path}/rows", params={"limit": 200})).json()
        rest = (await technician.get(f"{path}/rows", params={"limit": 200, "after": first["next"]})).json()
        lines = [row["line"] for row in first["items"] + rest["items"]]
        assert lines == list(range(2, CITY + 3)) and rest["next"] is None
        (changed,) = (await technician.get(f"{path}/rows", params={"verdict": "changed"})).json()["items"]
        assert changed["camera"] == known["id"] and "url" in [
            change["field"] for change in changed["changes"]
        ]
        assert "10.0.0" not in str(changed)
        assert await apply(web) == 0
        await _applied(web, technician, known, path)
        await _what_is_no_list(technician)


async def _applied(web: CenterWeb, technician: Any, known: Any, path: str) -> None:
    # The camera that changed is changed by somebody else before: theirs stands.
    await technician.patch(f"/api/v1/cameras/{known['id']}", json={"place": "Elsewhere"})
    waiting = await technician.post(f"{path}/confirm")
    assert (waiting.status_code, waiting.json()["state"]) == (202, "waiting")
    assert (await technician.post(f"{path}/confirm")).json()["reason"] == "not_previewed"
    assert (await technician.delete(path)).status_code == 409
    assert await apply(web) == 1
    done = (await technician.get(path)).json()
    assert (done["state"], done["done"], done["failed"]) == ("applied", CITY, 1), done
    (row,) = (await technician.get(f"{path}/rows", params={"verdict": "changed"})).json()["items"]
    assert row["outcome"] == "It was changed or removed since the list was looked at."

    again = (await technician.post(PATH, content=city(8), headers=CSV)).json()
    assert (again["unchanged"], again["new"], again["changed"]) == (CITY - 8, 0, 0)
    nothing = await technician.post(f"{PATH}/{again['id']}/confirm")
    assert (nothing.status_code, nothing.json()["reason"]) == (409, "nothing_to_do")
    assert (await technician.delete(f"{PATH}/{again['id']}")).status_code == 204
    assert (await technician.get(f"{PATH}/{again['id']}")).status_code == 404
    assert [one["id"] for one in (await technician.get(PATH)).json()["items"]] == [done["id"]]


async def _what_is_no_list(technician: Any) -> None:
    sent: tuple[tuple[bytes, dict[str, str], dict[str, str], str], ...] = (
        (b"\xff\xfe\xfd", CSV, {}, "encoding"),
        (b"name,password\nMill,hunter2\n", CSV, {}, "login"),
        (b"{}", {"Content-Type": "application/geo+json"}, {}, "file"),
        (b"name\nMill\n", {"Content-Type": "application/zip"}, {}, "content_type"),
        (b"name\nMill\n", CSV, {"column": "name"}, "map"),
        (b"name\nMill\n", CSV, {"kind": "drone"}, "kind"),
    )
    for content, headers, query, reason in sent:
        answer = await technician.post(PATH, content=content, headers=headers, params=query)
        assert (answer.status_code, answer.json()["reason"]) == (422, reason), answer.text
        assert "hunter2" not in answer.text
    # Where an address may lead is judged for each row, before anything is kept.
    row = HEADER + MILL.replace("10.0.0.5", "169.254.169.254")
    inside = (await technician.post(PATH, content=row, headers=CSV)).json()
    assert inside["refused"] == 1


async def test_a_list_is_handed_in_from_the_terminal(
    center: CenterMaker, routers: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        file, secret = tmp_path / "city.csv", tmp_path / "password"
        file.write_text(
            HEADER + MILL + MILL.replace("38.63", "nan").replace("118", "119").replace("/1,", "/2,")
        )
        secret.write_text(PASSWORD)
        who: dict[str, Any] = {"url": web.url, "name": web.before + "technician", "password_file": secret}
        assert await import_command.run(file, **who, preview=True) == 0
        said = capfd.readouterr().out
        assert (
            "1 new, 0 changed, 0 unchanged, 1 refused" in said
            and "line 3: " in said
            and "Latitude: 'nan' is no number." in said
        )
        assert (await technician.get("/api/v1/cameras")).json()["items"] == []

        applying = asyncio.create_task(import_command.run(file, **who, yes=True, as_json=True))
        while not applying.done() and not await apply(web):
            pass
        assert await applying == 0
        told = [
            json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith('{"event"')
        ]
        assert [one["event"] for one in told][-1] == "applied" and told[-1]["done"] == 1
        assert [one["name"] for one in (await technician.get("/api/v1/cameras")).json()["items"]] == [
            "Mill St"
        ]
        await _what_the_terminal_says(file, who, tmp_path)


async def _what_the_terminal_says(file: Path, who: dict[str, Any], folder: Path) -> None:
    wrong = folder / "wrong"
    wrong.write_text("another")
    sheet, logins = folder / "city.xlsx", folder / "logins.csv"
    logins.write_text("name,password\nMill St,hunter2\n")
    refused: tuple[tuple[Path, dict[str, Any], type[WatchfloorError], str], ...] = (
        (sheet, {}, Invalid, "neither .csv nor .geojson"),
        (folder / "gone.csv", {}, Invalid, "cannot be read"),
        (logins, {}, Invalid, "holds logins"),
        (file, {"password_file": wrong}, Unauthenticated, "do not belong together"),
        (file, {"url": "http://127.0.0.1:9"}, Unavailable, "does not answer"),
    )
    for given, changed, error, words in refused:
        with pytest.raises(error, match=words):
            await import_command.run(given, **who | changed, preview=True)


def test_a_list_is_no_larger_than_a_city_needs() -> None:
    assert dict(LARGER)["/camera-imports"] == 32 * MIB
