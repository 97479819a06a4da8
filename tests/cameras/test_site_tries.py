"""A site's stream is tried before anything is kept of it, and sites are kept from the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cameras.onvif.device import NAME, WORD
from tests.cameras.onvif.test_channels import a_recorder
from tests.cameras.test_sites import SITE, registered, routers
from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb
from watchfloor.cameras.sites import command
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.rtsp import RtspCamera

__all__ = ["routers"]


@asynccontextmanager
async def garbage() -> AsyncIterator[str]:
    """Something that answers with noise."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_site_is_registered_and_its_cameras_added_from_the_terminal(
    center: CenterMaker, routers: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with center(routers=routers) as web:
        await web.person("technician")
        mine, login = tmp_path / "mine", tmp_path / "login"
        mine.write_text(PASSWORD)
        login.write_text("hunter2-and-more\n")
        who: dict[str, Any] = {
            "url": web.url,
            "name": web.before + "technician",
            "password_file": mine,
            "as_json": True,
        }
        at = {key: SITE[key] for key in ("place", "address", "stream")}
        site = SITE["name"]
        assert (
            await command.add(site=site, **at, user="viewer", login_file=login, lat=38.6, lon=-90.2, **who)
            == 0
        )
        made = json.loads(capsys.readouterr().out)
        assert made["has_login"] and made["name"] == site
        assert await command.channels(site=site, channels="1-2", preview=True, **who) == 0
        assert await command.channels(site=made["id"], channels="1-2", yes=True, **who) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"added": 2}
        assert await command.channels(site=site, channels="1-2", yes=True, **who) == 1
        assert await command.list_(**who | {"as_json": False}) == 0
        assert "Union Station: 2 cameras, 2 not recorded yet" in capsys.readouterr().out
        assert await command.show(site=site, **who | {"as_json": False}) == 0
        assert "     2  Union Station 2: not recorded yet" in capsys.readouterr().out
        login.write_text(WORD)
        await _told_of(web, capsys, who | {"login_file": login}, who)
        with pytest.raises(NotFound, match="There is no site 'Nobody'"):
            await command.show(site="Nobody", **who)
        with pytest.raises(Invalid, match="It has no "):
            await command.add(site="Other", **at | {"stream": "/live"}, **who)
        with pytest.raises(Invalid, match="cannot be read"):
            await command.list_(**who | {"password_file": tmp_path / "none"})


async def _told_of(
    web: CenterWeb, capsys: pytest.CaptureFixture[str], typed: dict[str, Any], who: dict[str, Any]
) -> None:
    """A recorder that tells of its cameras by ONVIF: no path is typed, and no channel."""
    async with DeviceServer.running(a_recorder(2)) as server:
        assert (
            await command.add(
                site="Depot", place="Yard", lat=38.6, lon=-90.2, device=server.url, user=NAME, **typed
            )
            == 0
        )
        assert json.loads(capsys.readouterr().out)["channels_free"] == ["1", "2"]
        assert await command.try_(site="Depot", channel="2", **who | {"as_json": False}) == 0
        assert capsys.readouterr().out == "Its recorder tells of channel 2: 2560 x 1440\n"
        with pytest.raises(NotFound, match="tells of no channel '9'"):
            await command.try_(site="Depot", channel="9", **who)
        assert await command.channels(site="Depot", yes=True, **who) == 0
        first, *_, last = capsys.readouterr().out.splitlines()
        assert (json.loads(first), json.loads(last)) == ({"told": 2, "free": 2}, {"added": 2})
        assert await command.channels(site="Depot", yes=True, **who) == 1


async def test_a_sites_stream_is_tried_before_it_is_registered_and_what_is_wrong_is_said(
    center: CenterMaker, routers: Any, material: Path
) -> None:
    options = CameraOptions(credentials=Credentials("viewer", "right"))
    clip = material / "media" / "street-bicycle-272p-h264.mp4"
    async with (
        center(routers=routers) as web,
        await RtspCamera.start(clip, options=options) as recorder,
        garbage() as noise,
    ):
        technician = await web.person("technician")
        site = {"address": recorder.url.removesuffix("/stream"), "stream": "/{channel}", "user": "viewer"}

        async def tried(**more: Any) -> tuple[int, Any]:
            answer = await technician.post("/api/v1/sites/tries", json=site | {"channel": "stream"} | more)
            assert "right" not in answer.text and "mistyped" not in answer.text
            return answer.status_code, answer.json()

        assert await tried(password="right") == (
            200, {"channel": "stream", "width": 640, "height": 272, "codec": "avc1.640015"},
        )  # fmt: skip
        for more, detail in (
            ({"password": "mistyped"}, "The camera refuses the name and password it was given."),
            ({"password": "right", "channel": "7"}, "The camera has no stream of this name."),
            ({"address": "rtsp://127.0.0.1:9"}, "Nothing listens at the camera's address."),
            ({"address": noise}, "What the camera sends cannot be understood."),
            ({"address": "rtsp://192.168.0.1"}, "That address is in none of the networks set for cameras."),
        ):
            status, said = await tried(**more)
            assert (status, said["detail"]) == (422, detail)
        # The login that is kept of a site is tried at its own address alone.
        kept = await registered(web, **site, password="right", sub_stream=None, replay=None)
        assert (await tried(site=kept["id"], user=None))[0] == 200
        refused = await tried(
            site=kept["id"], user=None, address=site["address"].replace("127.0.0.1", "127.0.0.2")
        )
        assert refused[0] == 422 and recorder.refused_logins == 1
