"""One of each kind of thing that an agency has, made over the API by whoever may: what the matrix asks for by its id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar

import httpx

from tests.cameras.lists import camera_body, list_sent, site_body, work_body
from tests.dispatch.street import town
from tests.fixtures.center import CenterWeb, authorisation_body, new_id
from tests.places.archive import archive
from tests.places.footprints import WAREHOUSE, footprints
from tests.plates.make import jpeg, reads_json
from tests.web.matrix.boxed import OfBoxes, boxed
from tests.web.matrix.exported import bookmark_body, exported, hold_body, scenes_body
from tests.web.matrix.hauled import OfTrailers, on_trailers
from tests.web.matrix.heard import OfSounds, heard
from tests.web.matrix.listening import OfMicrophones, listening
from tests.web.matrix.offers import OfOwners, lent, offered, owned
from tests.web.matrix.ordered import OfCoTravel, co_travels_of
from tests.web.matrix.wanting import OfLists, hot_lists_of, proposed_for
from tests.web.matrix.watched import OfWatches, found_by_watch, half_read, watches_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.sure import sure
from watchfloor.places.map_api import MEDIA_TYPE
from watchfloor.plates.misuse import review_store
from watchfloor_sim.plates import STATE, invented_plate

PLACE = {"lat": 38.63, "lon": -90.19}
MASK: dict[str, object] = {"reason": "A dwelling.", "corners": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]}
WANTED = 4
"""So many wanted cars pass, and each makes an alert."""


AtWork = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Things(OfOwners, OfBoxes, OfTrailers, OfMicrophones, OfSounds, OfLists, OfWatches, OfCoTravel):
    """Outside ids, a field for each kind; what ends in `_to_go` is taken away by the act that is asked of it."""

    reader_form: ClassVar = "dahua"
    name: str
    """The agency's, which everything it has bears."""
    plates: tuple[str, ...]
    since: str
    until: str
    person: str
    person_to_go: str
    officer: str
    workstation: str
    workstation_to_go: str
    entry: str
    authorisation: str
    authorisation_to_go: str
    authorisation_waiting: str
    proposal: str
    proposal_to_go: str
    case: str
    case_to_go: str
    call: str
    call_to_go: str
    call_unanswered: str
    export: str
    export_to_go: str
    export_proposal: str
    export_proposal_to_go: str
    hold: str
    hold_to_go: str
    camera: str
    camera_to_go: str
    wall: str
    wall_to_go: str
    mask: str
    mask_to_go: str
    bookmark: str
    bookmark_to_go: str
    camera_import: str
    camera_import_to_go: str
    maintenance_window: str
    site: str
    site_to_go: str
    reader: str
    reader_to_go: str
    reader_token: str
    picture: str
    read: str
    plate_search: str
    scene_search: str
    finding: str
    finding_to_go: str
    look_up_review: str
    alert: str
    alert_to_go: str
    alert_decided: str
    incident: str
    sighting: str
    unit: str
    unit_free: str
    unit_to_go: str
    unit_token: str
    assignment: str
    message: str
    outcome: str
    street_map: str

    @property
    def why(self) -> dict[str, str]:
        """A purpose and a case of its own, as a body says them."""
        return {"purpose": "stolen_vehicle", "case": f"case:{self.case}"}


class Maker:
    """The people of an agency at work."""

    def __init__(self, web: CenterWeb, name: str, first_plate: int) -> None:
        self.web, self.name = web, name
        self.plates = tuple(invented_plate(first_plate + n) for n in range(WANTED))
        self.token = ""

    async def does(self, role: str, method: str, path: str, json: object = None, **kwargs: Any) -> Any:
        """What somebody of this role gets for an act, which has to be done."""
        client = await self.web.person(role)
        if json is not None:
            kwargs["json"] = json
        return _answer(await client.request(method, f"/api/v1{path}", **kwargs))

    async def posts(self, role: str, path: str, json: object = None, **kwargs: Any) -> Any:
        return await self.does(role, "POST", path, json, **kwargs)

    async def named(self, role: str, path: str, **body: object) -> str:
        """The id of what is made by this."""
        return str((await self.posts(role, path, body))["id"])

    async def device(self, method: str, path: str, content: bytes) -> Any:
        """What the reader's device gets."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return _answer(
            await self.web.client().request(method, f"/api/v1{path}", content=content, headers=headers)
        )

    async def until(self, look: Callable[[], Awaitable[Any]], enough: Callable[[Any], bool]) -> Any:
        """Wait for what a recorder or a matcher does."""
        clock = self.web.parts.clock
        end = clock.monotonic() + 60
        while not enough(seen := await look()):
            assert clock.monotonic() < end, f"it never came; last seen: {seen}"
            await clock.sleep(0.05)
        return seen


def _answer(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    return answer.json() if answer.content else None


async def make(maker: Maker, camera_url: str, at_work: AtWork) -> Things:
    """Everything, in the order in which one comes to need the other; a recorder and a matcher work meanwhile."""
    made = await _policy(maker)
    made |= await _people(maker)
    made |= await _readers(maker) | await listening(maker) | await heard(maker, made["person"])
    made |= await hot_lists_of(maker)
    made |= await proposed_for(maker, made)
    made |= await watches_of(maker, made)
    made |= await co_travels_of(maker, made)
    made |= await _cameras(maker, made, camera_url)
    made |= await lent(maker, made)
    made |= await offered(maker)
    async with at_work():
        alerts = [await _car_passes(maker, number, made["picture"]) for number in range(WANTED)]
        made["possible_hit"] = await half_read(maker, made["picture"])
        made |= await _recorded(maker, made)
        made |= await exported(maker, made)
        made |= await owned(maker, made, camera_body(maker.name, camera_url))
    made["plate_hit"] = await found_by_watch(maker, made["plate_watch"])
    made |= await _searched(maker, made)
    made |= await _field(maker, made, alerts)
    return Things(name=maker.name, plates=maker.plates, **made)


async def _policy(maker: Maker) -> dict[str, Any]:
    made: dict[str, Any] = {}
    clock = maker.web.parts.clock
    for field, technology in (
        ("authorisation", "fixed_camera"),
        ("plate_reading", "plate_reader"),
        ("searching", "object_search"),
        ("video", "plate_reading_on_video"),
        ("hearing", "acoustic_array"),
        ("authorisation_to_go", "mobile_trailer"),
    ):
        made[field] = await maker.web.authorise(technology, title=f"{technology} of {maker.name}")
    del made["plate_reading"], made["searching"], made["video"], made["hearing"]
    unasked = [{"body": "State Board", "instrument": "A hearing to come", "approved_at": None}]
    made["authorisation_waiting"] = await maker.web.authorise(
        "private_camera_link", title=f"Links of {maker.name}", bodies=unasked
    )
    for field in ("proposal", "proposal_to_go"):
        body = authorisation_body(clock, "acoustic_array") | {"title": f"Microphones of {maker.name}"}
        made[field] = await maker.named("clerk", "/authorisations", **body)
    for field in ("case", "case_to_go"):
        body = {"number": f"{maker.name} {field}", "title": f"A case of {maker.name}"}
        made[field] = await maker.named("analyst", "/cases", **body)
    for field in ("call", "call_to_go", "call_unanswered"):
        made[field] = await maker.named("analyst", "/calls", **call_body(maker.name))
    log = await maker.does("auditor", "GET", "/audit/entries", params={"kind": "decision"})
    return made | {"entry": log["items"][0]["id"]}


def call_body(name: str) -> dict[str, object]:
    """A call as somebody takes it."""
    return {
        "type": "Burglary",
        "priority": 2,
        "purpose": "burglary_theft",
        "place": f"Mill St 12, {name}",
        "text": f"said in {name}",
        **PLACE,
    }


async def _people(maker: Maker) -> dict[str, Any]:
    officer = (await maker.does("officer", "GET", "/session"))["person"]["id"]
    made = {"officer": officer}
    for field in ("person", "person_to_go"):
        body = {"name": f"{maker.name.lower()}.{field}", "full_name": maker.name, "roles": ["officer"]}
        made[field] = (await maker.posts("administrator", "/people", body))["person"]["id"]
    for field in ("workstation", "workstation_to_go"):
        made[field] = await maker.named("administrator", "/workstations", name=f"{maker.name} {field}")
    return made


async def _readers(maker: Maker) -> dict[str, Any]:
    made = {}
    place = {"place": f"N Broadway, {maker.name}", **PLACE}
    for field in ("reader", "reader_to_go"):
        made[field] = await maker.named("technician", "/readers", name=f"{maker.name} {field}", **place)
    maker.token = (await maker.posts("technician", f"/readers/{made['reader']}/token"))["token"]
    made |= {"reader_token": maker.token, "picture": picture_name(maker.name)}
    await maker.device("PUT", f"/plate-pictures/{made['picture']}", picture(maker.name))
    return made


async def _cameras(maker: Maker, made: dict[str, Any], url: str) -> dict[str, Any]:
    """Two cameras, of which one is recorded, two sites, and two holds of what is recorded."""
    cameras = {}
    for field in ("camera", "camera_to_go"):
        body = camera_body(maker.name, url) | {"name": f"{field} of {maker.name}"}
        cameras[field] = await maker.named("technician", "/cameras", **body)
        body = site_body(f"{field} of {maker.name}", url)
        cameras[field.replace("camera", "site")] = await maker.named("technician", "/sites", **body)
    for field in ("wall", "wall_to_go"):
        named = f"{field} of {maker.name}"
        cameras[field] = await maker.named("officer", "/walls", name=named, tiles=[cameras["camera"]])
    for field in ("mask", "mask_to_go"):
        body = MASK | {"name": f"{field} of {maker.name}"}
        cameras[field] = await maker.named("supervisor", f"/cameras/{cameras['camera']}/masks", **body)
    for field in ("bookmark", "bookmark_to_go"):
        marked = bookmark_body(maker.web, cameras["camera"], made["case"], field)
        marker = await maker.web.person("analyst", name="marker")
        cameras[field] = _answer(await marker.post("/api/v1/bookmarks", json=marked))["id"]
    for field in ("camera_import", "camera_import_to_go"):
        sent = list_sent(f"{field} of {maker.name}")
        cameras[field] = (await maker.posts("technician", "/camera-imports", **sent))["id"]
    cameras |= await on_trailers(maker, camera_body(maker.name, url))
    now = maker.web.parts.clock.now()
    work = work_body(now, cameras["camera"])
    cameras["maintenance_window"] = await maker.named("technician", "/maintenance-windows", **work)
    cameras |= await boxed(maker)
    for field in ("hold", "hold_to_go"):
        body = hold_body(now, cameras["camera"], made["case"], maker.name)
        cameras[field] = await maker.named("detective", "/holds", **body)
    return cameras


async def _car_passes(maker: Maker, number: int, shown: str) -> str:
    """A wanted car passes the reader; the id of its alert."""

    async def alerts() -> list[str]:
        return [item["id"] for item in (await maker.does("analyst", "GET", "/alerts"))["items"]]

    before = await alerts()
    await maker.device("POST", "/plate-reads", reads_of(maker.plates[number : number + 1], shown, maker.web))
    after = await maker.until(alerts, lambda seen: len(seen) > len(before))
    (new,) = set(after) - set(before)
    return str(new)


async def _searched(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """The read of a car that passed, the search that found it, one of two scenes; and reads that were put into the case."""
    now = maker.web.parts.clock.now()
    body = {
        "from": rfc3339(now - timedelta(days=1)),
        "to": rfc3339(now + timedelta(days=1)),
    }
    body |= {"purpose": "stolen_vehicle", "case": f"case:{made['case']}"}
    why = {"purpose": body["purpose"], "case": body["case"]}
    marker, searched = await maker.web.person("analyst", name="marker"), dict[str, Any]()
    for plate in maker.plates[:2]:
        found = await maker.posts("analyst", "/plate-searches", body | {"plate": plate})
        named = {"read": found["items"][0]["id"], "plate_search": found["id"]}
        put = {"search": named["plate_search"], "reads": [named["read"]], **why}
        _answer(await marker.post("/api/v1/findings", json=put))
        searched = named | searched
    scenes = await maker.posts("analyst", "/scene-searches", scenes_body(now, made["case"]))
    headers = {"Wf-Purpose": why["purpose"], "Wf-Case": why["case"]}
    put_in = (await maker.does("analyst", "GET", "/findings", headers=headers))["items"]
    kept = {"finding": put_in[1]["id"], "finding_to_go": put_in[0]["id"]}
    ask = Ask(process_actor(maker.web.parts.agency, "sweep"), Need.LOOK_UPS_WATCH)
    async with maker.web.parts.door.open(ask) as tx:
        entry, person = inside("entry", searched["plate_search"]), inside("person", made["person"])
        due = now + timedelta(days=1)
        review = await review_store.open_review(tx, entry, person, now, ["sample"], due)
    look_up_review = outside("look_up_review", sure(review))
    return searched | kept | {"scene_search": scenes["id"], "look_up_review": look_up_review}


async def _recorded(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """Wait for footage; when it was recorded."""
    now = maker.web.parts.clock.now()
    span = {"from": rfc3339(now - timedelta(hours=1)), "to": rfc3339(now + timedelta(hours=1))}
    why = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": f"case:{made['case']}"}

    async def ranges() -> Any:
        path = f"/cameras/{made['camera']}/timeline"
        return (await maker.does("analyst", "GET", path, params=span, headers=why))["ranges"]

    (first, *_) = await maker.until(ranges, bool)
    return {"since": first["from"], "until": first["to"]}


async def _field(maker: Maker, made: dict[str, Any], alerts: list[str]) -> dict[str, Any]:
    """Alerts that were answered and some that were not, a unit on its way, and what came of a call."""
    field: dict[str, Any] = {"alert": alerts[0], "alert_to_go": alerts[1], "alert_decided": alerts[2]}
    field["incident"] = await _confirmed(maker, alerts[2], maker.plates[2])
    for number, name in enumerate(("unit", "unit_free", "unit_to_go")):
        field[name] = await maker.named("supervisor", "/units", call_sign=f"{maker.name[:10]} {number}")
    crew = {"people": [made["officer"]]}
    await maker.does("supervisor", "PUT", f"/units/{field['unit']}/crew", crew)
    for name in ("unit_free", "unit_to_go"):
        crew = {"people": [made["person"]]} if name == "unit_free" else {"people": []}
        await maker.does("supervisor", "PUT", f"/units/{field[name]}/crew", crew)
    field["unit_token"] = (await maker.posts("technician", f"/units/{field['unit']}/token"))["token"]
    body = {"unit": field["unit"], "message": f"go to {maker.name}"}
    field["assignment"] = await maker.named("analyst", f"/incidents/{field['incident']}/assignments", **body)
    field["message"] = await maker.named(
        "analyst", f"/incidents/{field['incident']}/messages", text=maker.name
    )
    followed = await maker.posts("analyst", f"/incidents/{field['incident']}/follow", {"minutes": 60})
    field["sighting"] = followed["sightings"][0]["id"]
    other = await maker.named("analyst", "/incidents", call=made["call"])
    body = {"results": ["nothing_found"], "note": f"nothing in {maker.name}"}
    field["outcome"] = await maker.named("analyst", f"/incidents/{other}/outcome", **body)
    query = {"name": f"Streets of {maker.name}", "form": "geojson"}
    streets = await maker.posts("technician", "/street-maps", params=query, content=town())
    about = {"params": {"attribution": maker.name}, "headers": {"Content-Type": MEDIA_TYPE}}
    await maker.does("technician", "PUT", "/map/basemap", content=archive(), **about)
    await maker.does("technician", "PUT", "/map/buildings", params=query, content=footprints(WAREHOUSE))
    return field | {"street_map": streets["id"]}


async def _confirmed(maker: Maker, alert: str, plate: str) -> str:
    """The incident of an alert that an analyst confirmed."""
    await maker.posts("analyst", f"/alerts/{alert}/review")
    await maker.posts("analyst", f"/alerts/{alert}/typed", {"plate": plate, "state": STATE})
    body = confirm_body(maker.web)
    return str((await maker.posts("analyst", f"/alerts/{alert}/confirm", body))["incident"]["id"])


def confirm_body(web: CenterWeb) -> dict[str, object]:
    """What a confirmation rests on."""
    record = {"reply": "active", "reference": "LR-1", "checked_at": rfc3339(web.parts.clock.now())}
    return {"live_record": record, "vehicle_agrees": True}


def picture(name: str) -> bytes:
    return jpeg(tail=name.encode())


def picture_name(name: str) -> str:
    return sha256(picture(name)).hexdigest()


def reads_of(plates: tuple[str, ...], shown: str, web: CenterWeb) -> bytes:
    """What a reader's device hands in."""
    at = rfc3339(web.parts.clock.now())
    same: dict[str, object] = {"state": STATE, "at": at, "picture": shown}
    return reads_json(*(same | {"id": new_id().hex, "plate": plate} for plate in plates))
