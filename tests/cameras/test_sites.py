"""A federated site: one entry and one login for all its cameras, which go where it goes; what cannot be is refused in words."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.cameras.lists import CSV
from tests.cameras.onvif.device import REACH
from tests.cameras.partners import borrowed
from tests.cameras.recorder import tells_of_its_cameras
from tests.cameras.sited import VAULT, cameras_of
from tests.cameras.test_imports import apply
from tests.cameras.test_transport import NO_CERTIFICATE
from tests.cameras.test_upkeep import entries, goes_down
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from watchfloor.cameras import api, import_api, upkeep_api
from watchfloor.cameras.address import Login
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.onvif import api as devices_api
from watchfloor.cameras.onvif import turn_api
from watchfloor.cameras.onvif.find import Finder
from watchfloor.cameras.onvif.turn import Turner
from watchfloor.cameras.sites import api as sites_api
from watchfloor.cameras.store import secrets_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point

SITE: dict[str, Any] = {
    "name": "Union Station",
    "kind": "nvr",
    "place": "1820 Market St",
    "lat": 38.628,
    "lon": -90.207,
    "address": "rtsp://10.0.4.20",
    "stream": "/Streaming/Channels/{channel}01",
    "sub_stream": "/Streaming/Channels/{channel}02",
    "replay": "/Streaming/tracks/{channel}01?starttime={from}&endtime={to}",
    "user": "viewer",
    "password": "hunter2-and-more",
}
BATCH = {"channels": "1-3", "name": "Union Station {channel}", "kind": "municipal"}


@pytest.fixture
def routers() -> Any:
    def made(parts: CenterParts) -> list[Any]:
        cameras = cameras_of(parts)
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [
            turn_api.routes(Turner(cameras, REACH)),
            devices_api.routes(Finder(cameras, REACH)),
            api.routes(CameraRoutes(cameras, live)),
            import_api.routes(cameras),
            upkeep_api.routes(cameras),
            sites_api.routes(cameras),
        ]

    return made


async def registered(web: CenterWeb, **more: Any) -> dict[str, Any]:
    made = await (await web.person("technician")).post("/api/v1/sites", json=SITE | more)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def with_cameras(web: CenterWeb, **more: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A site with three cameras."""
    site = await registered(web, **more)
    technician = await web.person("technician")
    added = await technician.post(f"/api/v1/sites/{site['id']}/cameras", json=BATCH)
    assert added.status_code == 201, added.text
    return site, (await technician.get(f"/api/v1/sites/{site['id']}/cameras")).json()["items"]


async def reached(web: CenterWeb, owner_dsn: str, camera: str) -> tuple[str, str | None, Login | None]:
    """Where a recorder opens a camera, and by which login."""
    one = inside("camera", camera)
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        row = await (
            await owner.execute("select address, sub_address from camera where id = %s", (one,))
        ).fetchone()
    assert row is not None
    recorder = process_actor(web.parts.agency, "record")
    ask = Ask(
        recorder, Need.CAMERA_RECORD, about=About("camera", one), technology=TechnologyKind.FIXED_CAMERA,
        place=Point(38.628, -90.207),
    )  # fmt: skip
    async with web.parts.door.open(ask) as tx:
        sealed = (await secrets_of(tx, [one])).get(one)
    return row[0], row[1], None if sealed is None else VAULT.open(one, sealed)


async def test_a_site_has_one_login_for_its_cameras_and_they_go_where_it_goes(
    center: CenterMaker, routers: Any, owner_dsn: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with center(routers=routers) as web:
        await web.authorise("fixed_camera")
        technician, analyst = await web.person("technician"), await web.person("analyst")
        assert (await analyst.post("/api/v1/sites", json=SITE)).status_code == 403
        site = await registered(web)
        path = f"/api/v1/sites/{site['id']}"
        assert site["has_login"] and site["says"] == "No camera is at it yet." and "hunter2" not in str(site)
        assert (await technician.post("/api/v1/sites", json=SITE)).json()["reason"] == "name_taken"

        looked = (await technician.post(f"{path}/cameras/preview", json=BATCH)).json()
        assert looked["added"] == 3 and (await technician.get(path)).json()["cameras"] == 0
        assert (await technician.post(f"{path}/cameras", json=BATCH)).json() == looked
        more = (await technician.post(f"{path}/cameras", json=BATCH | {"channels": "3, 4"})).json()
        assert [one["refused"] for one in more["channels"]] == [
            "Union Station 3 has this channel already.", None,
        ]  # fmt: skip
        again = await technician.post(f"{path}/cameras", json=BATCH)
        assert (again.status_code, again.json()["detail"]) == (409, "None of these cameras can be added.")
        first, *rest = (await analyst.get(f"{path}/cameras", params={"limit": 2})).json()["items"]
        assert [first["channel"], rest[0]["channel"]] == ["1", "2"]
        camera = (await analyst.get(f"/api/v1/cameras/{first['id']}")).json()
        assert (camera["site"]["name"], camera["channel"], camera["has_login"]) == (
            "Union Station",
            "1",
            True,
        )
        assert "10.0.4.20" not in str(camera)
        assert await reached(web, owner_dsn, first["id"]) == (
            "rtsp://10.0.4.20/Streaming/Channels/101", "rtsp://10.0.4.20/Streaming/Channels/102",
            Login("viewer", "hunter2-and-more"),
        )  # fmt: skip

        await _moves(web, owner_dsn, path, (first["id"], rest[0]["id"]))
        await _goes(web, path, first["id"])
    _is_told([one["reason"] for one in await entries(owner_dsn, "site.%")])
    assert "hunter2" not in "".join(capfd.readouterr())


def _is_told(told: list[str]) -> None:
    assert told.count("site.registered") == told.count("site.removed") == 1
    assert (told.count("site.cameras_added"), told.count("site.changed")) == (2, 4)


async def _kept_there(owner_dsn: str, camera: str) -> None:
    """What the camera keeps, and its device, are asked where the site is."""
    async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as owner:
        await owner.execute(
            "update camera set replay_address = 'rtsp://10.0.4.20/{begin}/{end}' where id = %s",
            (inside("camera", camera),),
        )
        await owner.execute(
            "insert into camera_device (camera_id, agency_id, address, profile, manufacturer, model, firmware, serial, turns,"
            " answered_at, asked_at) select id, agency_id, 'http://10.0.4.20/onvif', 'p', '', '', '', '', false, created_at,"
            " created_at from camera where id = %s",
            (inside("camera", camera),),
        )
    assert await _asked_elsewhere(owner_dsn, camera) == ("rtsp://10.0.4.20/{begin}/{end}", True)


async def _asked_elsewhere(owner_dsn: str, camera: str) -> tuple[str | None, bool]:
    """Where a camera's replay is asked for, and whether a device of it is known."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        found = await owner.execute(
            "select replay_address, exists (select from camera_device d where d.camera_id = c.id) from camera c where id = %s",
            (inside("camera", camera),),
        )
        row = await found.fetchone()
    assert row is not None
    return row[0], row[1]


async def _masks(owner_dsn: str) -> list[tuple[str | None, bool | None, bool | None]]:
    """What devices call masks, whether they are believed to hold them, and whether they were taken away."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        rows = await owner.execute(
            "select device_token, in_device_since is not null or null, removed_at is not null or null from camera_mask order by 1"
        )
        return [(row[0], row[1], row[2]) for row in await rows.fetchall()]


async def _masks_stay_known(web: CenterWeb, owner_dsn: str, path: str, camera: str) -> None:
    """Under another login it is the same device: one of its masks was taken away, and it is still to be told."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(
            "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at, device_token, in_device_since,"
            " removed_at) select gen_random_uuid(), id, agency_id, 'Windows', 'A dwelling.', '[[0,0],[1,0],[1,1]]', id, now(), t.token,"
            " now(), t.removed_at from camera, (values ('held', null), ('taken away', now())) t (token, removed_at) where id = %s",
            (inside("camera", camera),),
        )
    login = {"user": "viewer", "password": "yet-another-one"}
    changed = await (await web.person("technician")).patch(path, json=login)
    assert changed.status_code == 200, changed.text
    assert await _masks(owner_dsn) == [("held", None, None), ("taken away", None, True)]


async def _moves(web: CenterWeb, owner_dsn: str, path: str, cameras: tuple[str, str]) -> None:
    """A site goes to another address, its cameras with it, and no login goes along."""
    technician, (first, second) = await web.person("technician"), cameras
    # A camera may have a login of its own.
    own = await technician.patch(
        f"/api/v1/cameras/{first}", json={"user": "own", "password": "secret-enough"}
    )
    assert own.status_code == 200, own.text
    assert (await reached(web, owner_dsn, first))[2] == Login("own", "secret-enough")
    assert (await reached(web, owner_dsn, second))[2] == Login("viewer", "hunter2-and-more")

    await _kept_there(owner_dsn, first)
    await _masks_stay_known(web, owner_dsn, path, first)
    # Another address: its cameras go with it, and no login goes along.
    stale = await technician.patch(path, json={"name": "X"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    moved = await technician.patch(path, json={"address": "rtsps://10.0.4.21:8322"})
    assert moved.status_code == 200 and not moved.json()["has_login"]
    assert await reached(web, owner_dsn, first) == (
        "rtsps://10.0.4.21:8322/Streaming/Channels/101", "rtsps://10.0.4.21:8322/Streaming/Channels/102", None,
    )  # fmt: skip
    assert await _asked_elsewhere(owner_dsn, first) == (None, False)
    assert await _masks(owner_dsn) == [(None, None, None)], "another device holds none of them"
    # Its cameras are carried as it is, and no other way.
    pin = ":".join(["AB"] * 32)
    pinned = (await technician.patch(path, json={"certificate": pin})).json()
    assert (pinned["transport"], pinned["certificate"]) == ("tcp", pin)
    one = f"/api/v1/cameras/{first}"
    assert (await technician.get(one)).json()["has_certificate"]
    refused = await technician.patch(one, json={"transport": "udp"})
    assert (refused.status_code, refused.json()["reason"]) == (422, "transport"), refused.text
    again = await technician.patch(path, json={"user": "viewer", "password": "another-one", "sub_stream": ""})
    assert again.json()["has_login"] and again.json()["sub_stream"] is None
    assert (await reached(web, owner_dsn, first))[1:] == (None, Login("viewer", "another-one"))


async def _goes(web: CenterWeb, path: str, first: str) -> None:
    """Its cameras are taken out of it, then it goes."""
    technician = await web.person("technician")
    # Out of the site again, it takes nothing of the site's with it; the last one gone, the site can go.
    refused = await technician.delete(path)
    assert (refused.status_code, refused.json()["detail"]) == (409, "4 cameras are at this site.")
    out = await technician.patch(f"/api/v1/cameras/{first}", json={"site": ""})
    assert out.status_code == 200 and out.json()["site"] is None and not out.json()["has_login"]
    for one in (await technician.get(f"{path}/cameras")).json()["items"]:
        assert (await technician.delete(f"/api/v1/cameras/{one['id']}")).status_code == 204
    assert (await technician.delete(path)).status_code == 204
    assert (await technician.get(path)).status_code == 404


NO_BRACES = "It may hold {channel}, and no other braces."
REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"address": "rtsp://169.254.169.254"}, "address_refused", "That address is in none of the networks set for cameras."),
    ({"address": "http://10.0.4.20"}, "address", "A camera's address begins with rtsp:// or rtsps://."),
    ({"address": "edge://c9"}, "address", "A site's address begins with rtsp:// or rtsps://."),
    ({"address": "rtsp://10.0.4.20/live"}, "address", "The site's address has no path: that is what the stream says."),
    ({"address": None}, "address", "A site has an address, rtsp://host or rtsp://host:port."),
    ({"stream": "/live"}, "stream", "It has no {channel}: every camera of the site would be the same picture."),
    ({"stream": ""}, "stream", "Say the path of a stream, with {channel} for the camera."),
    ({"stream": "/{channel}/{password}"}, "stream", NO_BRACES),
    ({"stream": "/{channel}/}{"}, "stream", NO_BRACES),
    ({"stream": "/{channel}?from={from}"}, "stream", NO_BRACES),
    ({"sub_stream": "rtsp://10.0.4.99/{channel}"}, "sub_stream", "It is on another host than the site's address."),
    ({"sub_stream": "rtsp://a:b@10.0.4.20/{channel}"}, "sub_stream", "Name and password are entered once, beside the address; not in it."),
    ({"replay": "/{channel}?to={to}"}, "replay", "With {to} it has {from} as well."),
    ({"transport": "pigeon"}, "transport", "'pigeon' is not one of tcp, udp, auto."),
    ({"certificate": "AB"}, "certificate", NO_CERTIFICATE),
    ({"name": " "}, "name", "A site has a name of 1 to 80 characters."),
    ({"place": ""}, "place", "Say where the site is, as a person would."),
    ({"kind": "museum"}, "kind", "'museum' is not one of nvr, vms, watchfloor."),
    ({"lon": None}, "lon", "A point has latitude and longitude."),
    ({"user": None}, "user", "A site's password comes with the name of its user."),
)  # fmt: skip
A_CHANNEL = (
    "A channel is 1 to 40 letters, digits, dots, dashes or underscores, as the site counts its cameras."
)
BATCHES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"channels": "9-1"}, "channels", "9-1 is no run of at most 256 channels."),
    ({"channels": "1-9999"}, "channels", "1-9999 is no run of at most 256 channels."),
    ({"channels": " , "}, "channels", "Say 1 to 256 channels, such as 1-16."),
    ({"channels": "../etc"}, "channel", A_CHANNEL),
    ({"name": "All the same"}, "name", "Several cameras need {channel} in their name, so that no two are called the same."),
    ({"kind": None}, "technology", "Say the camera's kind or its technology."),
)  # fmt: skip


async def test_a_site_and_cameras_of_one_that_cannot_be_are_refused_in_words(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        for changed, reason, detail in REFUSED:
            answer = await technician.post("/api/v1/sites", json=SITE | changed)
            assert (answer.status_code, answer.json()["reason"], answer.json()["detail"]) == (
                422,
                reason,
                detail,
            )
            assert "hunter2" not in answer.text
        site, (camera, *_) = await with_cameras(web, replay=None)
        for changed, reason, detail in BATCHES:
            answer = await technician.post(f"/api/v1/sites/{site['id']}/cameras", json=BATCH | changed)
            assert (answer.status_code, answer.json()["reason"], answer.json()["detail"]) == (
                422,
                reason,
                detail,
            )
        path = f"/api/v1/cameras/{camera['id']}"
        said = {
            "url": "Where a camera of the site Union Station is, the site says; it has no address of its own.",
            "footage_kept": "The site Union Station does not say how its recordings are played: nobody could see them from here.",
        }
        for field, value in {"url": "rtsp://10.6.6.6/x", "footage_kept": "at_site"}.items():
            answer = await technician.patch(path, json={field: value})
            assert (answer.status_code, answer.json()["detail"]) == (422, said[field])
        taken = await technician.patch(path, json={"channel": "2"})
        assert taken.status_code == 409 and "channel 2 of its site" in taken.json()["detail"]
        nowhere = await technician.patch(
            path, json={"site": "site_00000000000000000000000001", "channel": "1"}
        )
        assert nowhere.json()["detail"] == "There is no such site."
        await tells_of_its_cameras(web, cameras_of(web.parts), owner_dsn)


async def test_a_site_that_answers_for_none_of_its_cameras_is_down_once(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        analyst = await web.person("analyst")
        site, cameras = await with_cameras(web)
        await goes_down(owner_dsn, web, *cameras)
        await third_is(owner_dsn, cameras, "live")
        said = (await analyst.get("/api/v1/camera-outages")).json()
        assert [one["shared"] for one in said["outages"]] == [None, None]
        path = f"/api/v1/cameras/{cameras[0]['id']}"
        assert (await analyst.get(path)).json()["state"]["word"] == "no answer"

        await third_is(owner_dsn, cameras, "unreachable")
        (outage,) = (await analyst.get("/api/v1/camera-outages")).json()["outages"]
        assert (outage["title"], outage["down"], outage["of"]) == ("Site Union Station is down", 3, 3)
        state = (await analyst.get(path)).json()["state"]
        assert (state["level"], state["word"], state["reason"]) == (
            "serious", "site down", "The site Union Station is down: it answers for none of its 3 cameras.",
        )  # fmt: skip
        seen = (await analyst.get(f"/api/v1/sites/{site['id']}")).json()
        assert (seen["level"], seen["says"]) == ("serious", "3 site down")

        # A site that refuses a password answers: it is not down.
        await third_is(owner_dsn, cameras, "credentials_refused")
        said = (await analyst.get("/api/v1/camera-outages")).json()
        assert [one["shared"] for one in said["outages"]] == [None, None, None]


async def third_is(owner_dsn: str, cameras: list[dict[str, Any]], status: str) -> None:
    """The recorder says this of the third camera."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(
            "update camera_state set status = %s where camera_id = %s",
            (status, inside("camera", cameras[2]["id"])),
        )


async def test_a_list_of_cameras_says_at_which_site_they_are(
    center: CenterMaker, routers: Any, owner_dsn: str, dsns: Dsns
) -> None:
    rows = (
        "name,lat,lon,kind,site,channel\n"
        "Gate,38.6,-90.2,municipal,Union Station,7\n"
        "Yard,38.6,-90.2,municipal,Union Station,7\n"
        "Hall,38.6,-90.2,municipal,Nobody's,1\n"
        "Ramp,38.6,-90.2,municipal,Union Station,\n"
    )
    async with center(routers=routers) as web:
        technician, site = await web.person("technician"), await registered(web)
        made = (await technician.post("/api/v1/camera-imports", content=rows, headers=CSV)).json()
        assert (made["new"], made["refused"]) == (1, 3)
        path = f"/api/v1/camera-imports/{made['id']}"
        problems = {
            row["name"]: row["problems"][0]["reason"]
            for row in (await technician.get(f"{path}/rows", params={"verdict": "refused"})).json()["items"]
        }
        assert problems["Yard"] == "Line 2 has the same channel of that site."
        assert problems["Hall"] == 'There is no site "Nobody\'s": register it first.'
        assert problems["Ramp"].startswith("A channel is 1 to 40 letters")
        # What the site says when it is applied counts, not when it was looked at.
        await technician.patch(f"/api/v1/sites/{site['id']}", json={"address": "rtsp://10.0.4.77"})
        assert (await technician.post(f"{path}/confirm", json={})).status_code == 202

        assert await apply(web) == 1
        (gate,) = (await technician.get(f"/api/v1/sites/{site['id']}/cameras")).json()["items"]
        async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
            row = await (await owner.execute("select address from camera")).fetchone()
        assert gate["channel"] == "7" and row == ("rtsp://10.0.4.77/Streaming/Channels/701",)
        await borrowed.is_lent_as_it_was_given(web, dsns, gate["id"])
        await borrowed.is_in_stretches(web, dsns, gate["id"])
