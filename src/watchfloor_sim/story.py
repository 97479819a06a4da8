"""The stolen-car story, played by simulated people over the public API only. Each step is told as it is done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from watchfloor_sim.city.cameras import CAMERAS, READERS
from watchfloor_sim.city.draw import BASEMAP, buildings_geojson
from watchfloor_sim.city.lay import streets_geojson
from watchfloor_sim.city.plan import ATTRIBUTION, CITY
from watchfloor_sim.people import API, Answered, Person, accept, invite
from watchfloor_sim.plates import STATE

Told = Callable[[str, dict[str, object]], None]
# Whom a council lets use what: nobody searches reads from a street, and whoever keeps accounts or devices uses nothing.
FIELD = ("analyst", "detective", "supervisor", "officer")
ROLES = {"plate_reader": FIELD[:3], "plate_reading_on_video": FIELD[:3], "fixed_camera": (*FIELD, "partner")}
PURPOSES = (
    "stolen_vehicle",
    "burglary_theft",
    "hit_and_run",
    "missing_person",
    "violent_crime",
    "shots_fired",
    "officer_emergency",
    "rescue",
    "patrol_monitoring",
    "equipment_care",
    "court_order",
)
_PLAYED = timedelta(seconds=4)
_TRIES = 60
STAFF = (
    ("clerk", "C. Lark", "clerk"),
    ("supervisor", "S. Penn", "supervisor"),
    ("analyst", "A. Reyes", "analyst"),
    ("officer", "O. Stone", "officer"),
    ("auditor", "U. Ito", "auditor"),
    ("technician", "T. Wren", "technician"),
)


class Reader(Protocol):
    """A simulated plate reader: reports a plate with a picture of it; returns when the center has taken it."""

    async def sees(self, plate: str, *, state: str | None, picture: bytes | None) -> object: ...


@dataclass(frozen=True, slots=True)
class Block:
    """Where the story plays: the camera's address, the places, the plate in the reader's picture."""

    camera_url: str
    camera_user: str
    camera_password: str = field(repr=False)
    place: tuple[float, float] = (38.6270, -90.1990)
    unit_at: tuple[float, float] = (38.6305, -90.2040)
    plate: str = "QZ04417"
    state: str = "RC"


@dataclass(slots=True)
class Night:
    """What the story has made so far."""

    people: dict[str, Person] = field(default_factory=dict)
    camera: str = ""
    reader: str = ""
    reader_token: str = field(default="", repr=False)
    unit: str = ""
    hot_list: str = ""
    wanted_until: datetime | None = None
    incident: dict[str, Any] = field(default_factory=dict)
    alert: str = ""
    seen_at: datetime | None = None


async def gather_people(base: str, link: str, told: Told) -> Night:
    """The administrator accepts the one-time link and invites everybody."""
    night = Night()
    administrator = await accept(base, "administrator", link.split("#", 1)[1])
    night.people["administrator"] = administrator
    for name, full_name, role in STAFF:
        night.people[name] = await invite(administrator, base, name, full_name, role)
    told("people", {"invited": len(STAFF)})
    return night


async def authorise(
    night: Night,
    technology: str,
    title: str,
    told: Told,
    *,
    expires_in: timedelta = timedelta(days=365),
    area: Sequence[tuple[float, float]] = (),
) -> str:
    """Two persons put a technology in force, in an area if one is given; the authorisation's id."""
    now = datetime.now(UTC)
    proposed = await night.people["clerk"].post(
        "/authorisations",
        {
            "technology": technology,
            "title": title,
            "bodies": [
                {
                    "body": "River City Council",
                    "instrument": "Resolution 26-031",
                    "approved_at": _text(now - timedelta(days=40)),
                    "hearing_at": _text(now - timedelta(days=60)),
                    "comment_until": _text(now - timedelta(days=50)),
                }
            ],
            "effective_at": _text(now - timedelta(days=30)),
            "expires_at": _text(now + expires_in),
            "purposes": list(PURPOSES),
            "roles": ROLES.get(technology, FIELD),
            "area": area,
            "keep_for_days": 30,
            "keep_by_class": {"plate_hit": 365} if technology == "plate_reader" else {},
            "audio": False,
            "note": "An invented council of an invented city.",
        },
    )
    authorisation = await _approved(night, proposed["id"], "Read and checked.")
    told("authorised", {"technology": technology, "by": 2})
    return authorisation


async def _approved(night: Night, proposal: str, note: str) -> str:
    """The supervisor approves what somebody else proposed; the id of what came of it."""
    approved = await night.people["supervisor"].post(f"/proposals/{proposal}/approve", {"note": note})
    return str(approved["subject"])


async def equip(night: Night, block: Block, told: Told) -> None:
    """The technician registers the first camera and the first reader of the city."""
    technician = night.people["technician"]
    login = {"url": block.camera_url, "user": block.camera_user, "password": block.camera_password}
    night.camera = (await technician.post("/cameras", CAMERAS[0].entry() | login))["id"]
    told("camera", {"camera": night.camera})
    night.reader = (await technician.post("/readers", READERS[0].entry()))["id"]
    night.reader_token = (await technician.post(f"/readers/{night.reader}/token", {}))["token"]


async def draw_streets(night: Night, told: Told) -> None:
    """The technician imports the city's streets, so that the nearest unit is the nearest by road, its basemap and its houses."""
    technician = night.people["technician"]
    answer = await technician.http.post(
        f"{API}/street-maps",
        params={"name": CITY, "form": "geojson", "attribution": ATTRIBUTION},
        content=await asyncio.to_thread(streets_geojson),
    )
    _hold(answer.is_success, answer.text[:600])
    drawn = await technician.http.put(
        f"{API}/map/basemap",
        content=BASEMAP.read_bytes(),
        headers={"Content-Type": "application/vnd.pmtiles"},
    )
    _hold(drawn.is_success, drawn.text[:600])
    built = await technician.http.put(
        f"{API}/map/buildings",
        params={"name": f"Houses of {CITY}", "form": "geojson", "attribution": ATTRIBUTION},
        content=await asyncio.to_thread(buildings_geojson),
    )
    _hold(built.is_success, built.text[:600])
    told("streets", {"map": answer.json()["id"]})


async def man_unit(night: Night, block: Block, told: Told) -> None:
    """The supervisor makes a unit and puts the officer on it; the officer says where it is."""
    supervisor = night.people["supervisor"]
    unit = await supervisor.post("/units", {"call_sign": "3142"})
    night.unit = unit["id"]
    officer = (await night.people["officer"].get("/session"))["person"]["id"]
    await supervisor.put(f"/units/{night.unit}/crew", {"people": [officer]})
    unit_lat, unit_lon = block.unit_at
    await night.people["officer"].post(
        f"/units/{night.unit}/positions",
        {
            "at": _text(datetime.now(UTC)),
            "lat": unit_lat,
            "lon": unit_lon,
            "heading_deg": 120.0,
            "speed_mps": 6.0,
        },
    )
    told("unit", {"unit": night.unit, "call_sign": "3142"})


async def want(night: Night, block: Block, told: Told) -> None:
    """The analyst proposes a hot-list entry for a call, the supervisor approves it; anew when an earlier one is over."""
    night.wanted_until = datetime.now(UTC) + timedelta(hours=24)
    await enter(
        night,
        block.plate,
        vehicle="blue hatchback",
        number=None if night.hot_list else "26-55102",
        place=CAMERAS[0].place,
        at=block.place,
        text="Caller says his blue hatchback was taken.",
        until=night.wanted_until,
    )
    told("wanted", {"by": 2})


async def enter(
    night: Night,
    plate: str,
    *,
    vehicle: str,
    number: str | None,
    place: str,
    at: tuple[float, float],
    text: str,
    until: datetime,
) -> None:
    """A call about a stolen car, and its plate on the hot list by two persons."""
    analyst = night.people["analyst"]
    taken = {
        "number": number,
        "type": "stolen vehicle",
        "purpose": "stolen_vehicle",
        "priority": 2,
        "text": text,
    }
    call = await analyst.post("/calls", taken | {"place": place, "lat": at[0], "lon": at[1]})
    if not night.hot_list:
        form = {"name": "Stolen vehicles, by hand", "source": "manual", "purpose": "stolen_vehicle"}
        night.hot_list = (await night.people["supervisor"].post("/hot-lists", form))["id"]
    proposal = await analyst.post(
        "/hot-list-entries",
        {
            "hot_list": night.hot_list,
            "plate": plate,
            "state": STATE,
            "reason": "stolen vehicle",
            "vehicle": vehicle,
            "expires_at": _text(until),
            "purpose": "stolen_vehicle",
            "case": f"call:{call['id']}",
        },
    )
    await _approved(night, proposal["id"], "The report is here.")


async def watch_live(night: Night, told: Told, *, frames: int = 5) -> None:
    """The analyst opens a case and watches the camera live under it until some pictures came."""
    case = await open_case(night, "26-01412", "Stolen vehicle, Mill St")
    await look(night, told, purpose="stolen_vehicle", case=case, frames=frames)


async def open_case(night: Night, number: str, title: str, *, purpose: str = "stolen_vehicle") -> str:
    """The analyst opens a case, and the supervisor confirms that there is one: as `kind:id`."""
    form = {"number": number, "title": title, "purpose": purpose}
    case = (await night.people["analyst"].post("/cases", form))["id"]
    await night.people["supervisor"].post(f"/cases/{case}/confirm")
    return f"case:{case}"


async def look(night: Night, told: Told, *, purpose: str, case: str | None, frames: int = 5) -> None:
    """The analyst watches the camera live, for that purpose and case, until some pictures came."""
    analyst = night.people["analyst"]
    async with analyst.socket(f"/live/{night.camera}") as connection:
        await connection.send(json.dumps({"purpose": purpose, "case": case}))
        seen = 0
        while seen < frames:
            message = await connection.recv()
            if isinstance(message, bytes) and message[0] == 2:
                seen += 1
            elif isinstance(message, bytes) and message[0] == 5:
                raise Answered(f"the live picture ended: {message[18:].decode()}")
    told("live", {"fragments": seen})


async def confirm(
    night: Night, block: Block, picture: bytes, read: Callable[[], Awaitable[object]], told: Told
) -> None:
    """A reader sees the plate; the analyst reviews blind, then confirms."""
    analyst = night.people["analyst"]
    alerts = analyst.watch("alerts")
    first = asyncio.ensure_future(anext(alerts))
    started = asyncio.get_running_loop().time()
    night.seen_at = datetime.now(UTC)
    await read()
    alert = await asyncio.wait_for(first, 20)
    await alerts.aclose()
    told(
        "alert",
        {
            "alert": alert["id"],
            "after_ms": int((asyncio.get_running_loop().time() - started) * 1000),
            "picture_bytes": len(picture),
        },
    )
    night.alert = alert["id"]
    _hold(block.plate not in json.dumps(alert), "the review is blind: the alert may not carry the plate")
    await analyst.post(f"/alerts/{night.alert}/acknowledge")
    review = await analyst.post(f"/alerts/{night.alert}/review")
    _hold(review["entry"] is None, "the entry is shown only after the plate was typed")
    review = await analyst.post(
        f"/alerts/{night.alert}/typed",
        {"plate": block.plate, "state": block.state, "vehicle": "blue hatchback"},
    )
    _hold(review["agreement"] == "match", review)
    reply = {"reply": "active", "reference": "LR-7731", "checked_at": _text(datetime.now(UTC))}
    confirmed = await analyst.post(
        f"/alerts/{night.alert}/confirm", {"live_record": reply, "vehicle_agrees": True, "note": None}
    )
    night.incident = confirmed["incident"]
    told("confirmed", {"incident": night.incident["number"]})


async def send_help(night: Night, told: Told) -> None:
    """The nearest unit is proposed and sent; the officer goes, arrives, and the outcome is kept."""
    analyst, officer = night.people["analyst"], night.people["officer"]
    incident = night.incident["id"]
    proposals = await analyst.get(f"/incidents/{incident}/proposals")
    best = proposals["items"][0]
    told("proposed", {"unit": best["unit"]["call_sign"], "how": best["how"], "eta_s": best["eta_s"]})
    sent = await analyst.post(
        f"/incidents/{incident}/assignments",
        {"unit": best["unit"]["id"], "warning": None, "message": "Blue hatchback."},
    )
    mine = (await officer.get("/assignments/mine"))["items"]
    _hold([item["id"] for item in mine] == [sent["id"]], mine)
    for step, body in (("accept", {"warning_heard": False}), ("en-route", {}), ("on-scene", {})):
        await officer.post(f"/assignments/{sent['id']}/{step}", body)
    outcome = await officer.post(
        f"/incidents/{incident}/outcome",
        {
            "results": ["vehicle_recovered", "arrest"],
            "arrests": 1,
            "charges": ["Tampering with a motor vehicle"],
            "note": None,
        },
    )
    await officer.post(f"/assignments/{sent['id']}/clear")
    told("outcome", {"outcome": outcome["id"], "results": outcome["results"]})


async def play_minute(
    night: Night, told: Told, decode: Callable[[bytes], int], *, fps: int, tries: int = _TRIES
) -> None:
    """The analyst plays what the camera saw when the car passed; `decode` counts the frames of an MP4."""
    if night.seen_at is None:
        raise Answered("nothing was seen yet")
    headers = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": f"incident:{night.incident['id']}"}
    query = {"from": _text(night.seen_at), "to": _text(night.seen_at + _PLAYED)}
    path, http = f"{API}/cameras/{night.camera}/video", night.people["analyst"].http
    wrong: str | None = None
    for _ in range(tries):  # the newest seconds are still being written
        answer = await http.get(path, params=query, headers=headers)
        frames = decode(answer.content) if answer.is_success else 0
        wrong = (
            lacking(
                frames, answer.headers["Wf-From"], answer.headers["Wf-To"], seen_at=night.seen_at, fps=fps
            )
            if answer.is_success
            else answer.text[:600]
        )
        if wrong is None:
            told("played", {"frames": frames, "bytes": len(answer.content)})
            return
        await asyncio.sleep(0.5)
    raise Answered(f"the recording of that minute does not play: {wrong}")


def lacking(frames: int, begin: str, end: str, *, seen_at: datetime, fps: int) -> str | None:
    """What is wrong with the video played from when the car was seen; None when it covers that and has its pictures."""
    begins, ends = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    if begins > seen_at or ends < seen_at + _PLAYED:
        return f"it is of {begin} to {end}, and the car was seen at {_text(seen_at)}"
    # From a keyframe on, so rather more than asked for; a picture or two may fall out at the ends.
    least = round((ends - begins).total_seconds() * fps) - 2
    return None if frames >= least else f"it has {frames} pictures, and {least} were due"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _hold(right: bool, otherwise: object) -> None:  # noqa: FBT001  # reads as a sentence
    """What the story rests on. Raises Answered when the center did otherwise."""
    if not right:
        raise Answered(str(otherwise))
