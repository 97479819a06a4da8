"""Two centers: one shows what the other offers, live and from its recordings; the other's door decides, and its log has who looked."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.center import PASSWORD, listening
from tests.fixtures.center import center as center_on
from tests.fixtures.counts import Counted
from tests.fixtures.databases import Databases
from tests.fixtures.engines import Dsns, fresh_database
from tests.recordings import lent
from tests.recordings.center import Block, block
from tests.recordings.read import shown_at, stored_segments
from tests.recordings.test_at_site import played, timeline
from tests.recordings.test_live import pictures, received, watching
from watchfloor.cameras.partners import lendings
from watchfloor.cameras.partners.find import can_be_held
from watchfloor.cameras.wire import Kind
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import node_files
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.sure import sure
from watchfloor.storage.database import Database
from watchfloor_sim.rtsp import RtspCamera

# Two whole centers with their recorders.
pytestmark = pytest.mark.timeout(240)

STREET = "street-bicycle-272p-h264.mp4"


@dataclass
class County:
    """The other center: where it is asked, who vouches for it, and its own parts."""

    block: Block
    url: str
    authority: str
    approved: str


@pytest.fixture
def county_dsns(databases: Databases) -> Iterator[Dsns]:
    """The other center's database."""
    with fresh_database(databases) as made:
        yield made


@pytest.fixture
async def county(county_dsns: Dsns, tmp_path: Path, sockets: Path) -> AsyncIterator[County]:
    """A second center with a database of its own, behind TLS."""
    database = await Database.connect(county_dsns.app, role="wf_app")
    (folder := tmp_path / "county").mkdir()
    layout = Layout.of(folder / "layout")
    layout.prepare()
    try:
        center = partial(center_on(database, county_dsns, folder), acts={lendings.KIND: lendings.ACT})
        async with block(center, folder, sockets) as made:
            files = node_files(layout, ["127.0.0.1"], made.web.parts.clock.now(), into=folder / "tls")
            approved = await made.web.authorise("fixed_camera")
            await made.web.person("partner", name="river-city")
            async with listening(made.web.app, certificate=str(files.certificate), key=str(files.key)) as url:
                authority = (folder / "tls" / "authority.pem").read_text()
                yield County(made, url, authority, approved)
    finally:
        await database.close()


@asynccontextmanager
async def camera_of(county: County, clips: Path) -> AsyncIterator[dict[str, Any]]:
    """A camera of the other center that is recorded there."""
    async with await RtspCamera.start(clips / STREET) as device:
        camera = await county.block.camera(device.url, name="County Gate")
        await county.block.record("county")
        await county.block.until(camera["id"], lambda seen: seen["recording"])
        yield camera


async def registered(city: Block, county: County, **more: Any) -> Any:
    technician = await city.web.person("technician")
    body = {
        "name": "County", "kind": "watchfloor", "place": "Clayton", "address": county.url, "user": "river-city",
        "password": PASSWORD, "authority": county.authority,
    }  # fmt: skip
    tried = await technician.post("/api/v1/sites/tries", json=body)
    assert tried.json() == {"center": "River City", "offered": 1}, tried.text
    made = await technician.post("/api/v1/sites", json=body | more)
    assert made.status_code == 201, made.text
    return made.json()


async def test_what_another_center_offers_is_brought_in_watched_and_played_and_its_log_names_the_look(
    city: Block, county: County, clips: Path, counted: Counted, county_dsns: Dsns
) -> None:
    await city.web.authorise("fixed_camera")
    async with camera_of(county, clips) as theirs:
        site = await registered(city, county)
        assert "authority" not in site and PASSWORD not in str(site)
        camera = await _brought_in(city, site["id"], theirs["id"])
        await city.record()
        seen = await city.until(camera, lambda seen: seen["state"]["word"] == "at its site")
        assert (seen["name"], seen["heading_deg"], seen["footage_kept"], seen["recording"]) == (
            "County Gate", 90, "at_site", False,
        )  # fmt: skip
        async with watching(city, camera) as live:
            assert len(await pictures(live, 15)) == 15
        await _is_played(city, camera)
        await _is_copied_by_nobody_here(city, camera)
        assert not stored_segments(city)
        await _goes_in_no_circle(city, camera)
        lending = await lent.lent(county.block, theirs["id"])
        await lent.is_recorded_here(city, camera, site["id"], lending)
        await lent.goes_in_no_chain(city, camera)
        await lent.outlives_its_session(city, county.block, camera, theirs["id"])
        await lent.comes_masked_where_it_is_masked(city, county.block, camera, theirs["id"])
        took_s = await lent.ends_with_a_word(city, county.block, camera, theirs["id"], lending)
        counted(f"from the end of a lending to the end at the partner that records: {took_s * 1000:.0f} ms")
        await lent.is_kept_there_again(city, camera, partial(_sessions, county_dsns))
        await _stands_in_the_log(city, county, theirs["id"])
        await _ends_with_their_word(city, county, camera, site["id"], theirs["id"])
        await _is_one_outage_while_it_is_away(city, site["id"], camera)


async def _sessions(dsns: Dsns) -> int:
    """How many sessions were ever begun there."""
    async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
        row = sure(await (await owner.execute("select count(*) from sign_in")).fetchone())
    return int(row[0])


async def _brought_in(city: Block, site: str, theirs: str) -> str:
    """Looked at, brought in once; then nothing of it is new."""
    technician, path = await city.web.person("technician"), f"/api/v1/sites/{site}/offers"
    looked = (await technician.get(path)).json()
    (one,) = looked["offers"]
    assert (looked["new"], one["channel"], one["verdict"], one["id"]) == (1, theirs, "new", None)
    assert (await technician.post(path, json={"channels": []})).json()["reason"] == "nothing_to_do"
    done = await technician.post(path, json={})
    assert done.status_code == 200 and done.json()["new"] == 1, done.text
    again = (await technician.get(path)).json()["offers"][0]
    assert again["verdict"] == "same"
    batch = {"channels": "1-2", "name": "x {channel}", "kind": "municipal"}
    by_channel = await technician.post(f"/api/v1/sites/{site}/cameras", json=batch)
    assert by_channel.json()["detail"] == "County says itself which cameras it offers."
    here = await technician.patch(f"/api/v1/cameras/{again['id']}", json={"footage_kept": "here"})
    assert (here.status_code, here.json()["reason"]) == (422, "footage_kept")
    return str(again["id"])


async def _is_played(city: Block, camera: str) -> None:
    """What there is of it, and the video of that."""
    now = city.web.parts.clock.now()
    told = await timeline(city, camera, now - timedelta(minutes=5), now + timedelta(minutes=5))
    (there,) = told["ranges"]
    assert there["at_site"] and there["run"] == 0
    begin = parse_rfc3339(there["from"])
    answer = await played(city, camera, begin, 1)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == 'video/mp4; codecs="avc1.640015"' and shown_at(answer.content)
    keys = await played(city, camera, begin, 1, pictures="keyframes")
    assert keys.status_code == 200 and len(shown_at(keys.content)) < len(shown_at(answer.content))
    before = await played(city, camera, now - timedelta(days=1), 1)
    assert (before.status_code, before.json()["detail"]) == (
        404,
        "County says: Nothing was recorded at that time.",
    )


async def _is_copied_by_nobody_here(city: Block, camera: str) -> None:
    """No picture of it is saved here, and nothing recorded: its center says who may."""
    when = {"at": (city.web.parts.clock.now() - timedelta(seconds=2)).isoformat()}
    analyst = await city.web.person("analyst")
    saved = await analyst.get(f"/api/v1/cameras/{camera}/snapshot", params=when, headers=await city.why())
    assert (saved.status_code, saved.json()["reason"]) == (422, "partner"), saved.text
    assert saved.json()["detail"] == "County Gate is a camera of County: pictures of it are saved there."
    ask = Ask(process_actor(city.web.parts.agency, "serve"), Need.CAMERA_STATE)
    async with city.web.parts.door.open(ask) as tx:
        with pytest.raises(Invalid, match="a camera of County: what it recorded is preserved there"):
            await can_be_held(tx, inside("camera", camera))
    assert saved.json()["next_step"] == "Ask the people of County for it, for your case."


async def _is_one_outage_while_it_is_away(city: Block, site: str, camera: str) -> None:
    """A center that nobody reaches is down as a whole, and one alarm."""
    technician = await city.web.person("technician")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"https://127.0.0.1:{nobody.getsockname()[1]}"
    login = {"user": "river-city", "password": PASSWORD, "authority": ""}
    moved = await technician.patch(f"/api/v1/sites/{site}", json={"address": address, **login})
    assert moved.status_code == 200, moved.text
    await city.until(camera, lambda seen: seen["state"]["word"] == "site down")
    (outage,) = (await technician.get("/api/v1/camera-outages")).json()["outages"]
    assert (outage["shared"], outage["title"], outage["down"], outage["of"]) == (
        "site",
        "Site County is down",
        1,
        1,
    )


async def _goes_in_no_circle(city: Block, camera: str) -> None:
    """What is another's is offered to nobody, and shown to no partner who knows of it."""
    partner = await city.web.person("partner")
    assert (await partner.get("/api/v1/offered-cameras")).json() == {"items": [], "next": None}
    assert (await partner.get("/api/v1/cameras")).status_code == 403
    why = {"Wf-Purpose": "patrol_monitoring"}
    span = {"from": "2026-11-29T12:00:00Z", "to": "2026-11-29T12:00:01Z"}
    assert (await partner.get(f"/api/v1/cameras/{camera}/video", params=span, headers=why)).status_code == 404
    async with watching(city, camera, who="partner") as live:
        head, payload = await received(live)
        assert head.kind is Kind.END and b"not_found" in payload


async def _stands_in_the_log(city: Block, county: County, theirs: str) -> None:
    """The other center's people see which partner looked, for what, and whom it asked for by role."""
    auditor = await county.block.web.person("auditor")
    for need, purpose in (("camera.live", "patrol_monitoring"), ("camera.playback", "stolen_vehicle")):
        query = {"need": need, "kind": "decision", "about": f"camera:{theirs}"}
        entries = (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
        entry = (await auditor.get(f"/api/v1/audit/entries/{entries[-1]['id']}")).json()
        assert "River-City" in str(entry) and purpose in str(entry) and "analyst" in str(entry), entry
        assert entry["result"] == "allowed" and ("case:case_" in str(entry)) is (need == "camera.playback"), (
            entry
        )


async def _ends_with_their_word(city: Block, county: County, camera: str, site: str, theirs: str) -> None:
    """A suspended authorisation over there ends it here, in its words; a closed account too."""
    supervisor = await county.block.web.person("supervisor")
    path = f"/api/v1/authorisations/{county.approved}/suspend"
    assert (await supervisor.post(path, json={"reason": "for a test"})).status_code == 200
    async with watching(city, camera) as live:
        head, payload = await received(live)
        while head.kind is not Kind.STATE:
            head, payload = await received(live)
        assert b"County says: " in payload and b"is suspended." in payload, payload
    now = city.web.parts.clock.now()
    refused = await played(city, camera, now - timedelta(milliseconds=500), 1)
    assert (refused.status_code, refused.json()["reason"]) == (503, "suspended"), refused.text
    technician = await city.web.person("technician")
    gone = (await technician.get(f"/api/v1/sites/{site}/offers")).json()
    assert (gone["gone"], gone["offers"][0]["channel"], gone["offers"][0]["verdict"]) == (1, theirs, "gone")
    people = (await (await county.block.web.administrator()).get("/api/v1/people")).json()["items"]
    (account,) = [one for one in people if one["name"] == "river-city"]
    suspend = f"/api/v1/people/{account['id']}/suspend"
    assert (
        await (await county.block.web.administrator()).post(suspend, json={"reason": "left"})
    ).status_code == 200
    refused = await technician.get(f"/api/v1/sites/{site}/offers")
    assert (refused.status_code, refused.json()["reason"]) == (503, "login_refused"), refused.text
