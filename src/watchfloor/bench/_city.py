"""An invented city at work, told over the console's own API: a stand-in for the server, for a bench of the console alone.

It decides, keeps and allows nothing: every answer is made up. What it says has the forms of docs/design/openapi.json, and comes as a
center sends it: units as they report, cameras in the bursts in which recorders speak of them, alerts one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.web.events import MOST_TOGETHER
from watchfloor.web.static import page

API: Final = "/api/v1"
_MIDDLE: Final = (38.63, -90.2)
_HALF_M: Final = 6000.0
_METRE: Final = 1 / 111_320.0
_CAMERAS_SPEAK_EVERY_S: Final = 5.0
_UNITS_IN: Final = 4
_BEAT_S: Final = 5.0
_OPEN_ALERTS: Final = 15
_CAMERA_STATES: Final = (
    ("normal", "live"),
    ("serious", "no picture"),
    ("caution", "clock off"),
    ("off", "switched off"),
)
Item = dict[str, Any]
# What is alike of all cameras and readers here.
_PLAIN_CAMERA: Final[Item] = {
    "kind": "municipal",
    "mount": "pole",
    "night": "infrared",
    "owner_text": "",
    "footage_kept": "here",
    "transport": "tcp",
    "codec": "h264",
    "width": 1920,
    "height": 1080,
    "height_m": 6.0,
    **dict.fromkeys(("has_login", "has_sub_stream"), True),
    **dict.fromkeys(("has_certificate", "has_pin"), False),
    **dict.fromkeys(("site", "channel", "carried_by", "external_id", "power_feed", "network_switch")),
    **dict.fromkeys(("clock_off_ms", "stands_since")),
}
_NO_HEALTH: Final[Item] = {
    "last_hour": 80,
    **dict.fromkeys(
        ("usual_an_hour", "missed", "rejected_share", "clock_off_ms", "clock_drift_ms_a_day", "late_s")
    ),
}


@dataclass
class InventedCity:
    """The things there are, and who listens."""

    clock: Clock
    chance: np.random.Generator
    cameras: list[Item] = field(default_factory=list)
    units: list[Item] = field(default_factory=list)
    readers: list[Item] = field(default_factory=list)
    alerts: list[Item] = field(default_factory=list)
    incidents: list[Item] = field(default_factory=list)
    told: int = 0
    _listeners: list[tuple[WebSocket, dict[str, str]]] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)
    """What was asked that this city does not have: a page that waits for it costs other than the real one."""
    _seq: int = 0
    _ids: int = 0

    def fill(self, cameras: int, units: int) -> None:
        """So many cameras and units, a reader for six cameras, some alerts and incidents."""
        self.cameras = [self._camera(n) for n in range(cameras)]
        self.units = [self._unit(n) for n in range(units)]
        self.readers = [self._reader(n) for n in range(cameras // 6)]
        self.alerts = [self._alert(age_s=20.0 * n) for n in range(_OPEN_ALERTS)]
        self.incidents = [self._incident(n) for n in range(6)]

    def _id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:026d}"

    def _now(self, ago_s: float = 0.0) -> str:
        return rfc3339(self.clock.now() - timedelta(seconds=ago_s))

    def _place(self, text: str) -> Item:
        east, north = (float(metres) for metres in self.chance.uniform(-_HALF_M, _HALF_M, 2))
        lon = _MIDDLE[1] + east * _METRE / math.cos(math.radians(_MIDDLE[0]))
        return {"text": text, "lat": _MIDDLE[0] + north * _METRE, "lon": lon}

    def _camera(self, n: int) -> Item:
        level, word = _CAMERA_STATES[int(self.chance.choice(4, p=[0.94, 0.03, 0.02, 0.01]))]
        known = self.chance.random() < 0.5
        return {
            "id": self._id("cam"),
            "name": f"C-{n:04d}",
            "technology": "fixed_camera",
            "place": self._place(f"Crossing {n}"),
            "heading_deg": int(self.chance.integers(360)),
            "field_deg": 80 if known else None,
            "range_m": 70 if known else None,
            "enabled": level != "off",
            "state": {
                "level": level,
                "word": word,
                "reason": "As invented.",
                "since": self._now(4000),
                "last_frame_at": self._now(),
            },
            "recording": level == "normal",
            "authorisation": None,
            "authorised_until": None,
            "version": 1,
            **_PLAIN_CAMERA,
        }

    def _unit(self, n: int) -> Item:
        return {
            "id": self._id("unt"),
            "call_sign": f"{3000 + n}",
            "state": str(self.chance.choice(["free", "assigned", "off"], p=[0.6, 0.3, 0.1])),
            "place": self._place(""),
            "position_at": self._now(),
            "position_stale": False,
            "heading_deg": float(self.chance.uniform(0, 360)),
            "speed_mps": float(self.chance.uniform(4, 16)),
            "crew": [{"id": self._id("per"), "name": f"O. {n}"}],
            "version": 1,
        }

    def _reader(self, n: int) -> Item:
        return {
            "id": self._id("rdr"),
            "name": f"R-{n:03d}",
            "place": self._place(f"Ramp {n}"),
            "heading_deg": 90,
            "state": {
                "level": "normal",
                "word": "reading",
                "reason": "Reads arrive.",
                "since": self._now(900),
                "last_read_at": self._now(9),
            },
            "technology": "plate_reader",
            "health": _NO_HEALTH,
            "mobile": False,
            "camera": None,
            "video": None,
            "reads": 4000,
            "site": None,
            "clock_off_ms": None,
            "authorisation": None,
            "authorised_until": None,
            "version": 1,
        }

    def _alert(self, age_s: float = 0.0) -> Item:
        level = str(self.chance.choice(["critical", "serious", "caution"], p=[0.1, 0.6, 0.3]))
        return {
            "id": self._id("alt"),
            "kind": "plate_hit",
            "level": level,
            "title": "Stolen vehicle: wanted plate",
            "place": self._place("Main St at 5th"),
            "at": self._now(age_s + 1),
            "last_seen_at": self._now(age_s + 1),
            "raised_at": self._now(age_s),
            "deadline_at": self._now(age_s - 90),
            "why": "The reader's text agrees with an entry.",
            "sure": {"percent": 94, "word": "probable"},
            "unknown": ["Who is in the car."],
            "says": "A plate names a car, not a person.",
            "sound": None,
            "purpose": "stolen_vehicle",
            "state": "waiting",
            "holder": None,
            "incident": None,
            "reason": None,
            "handling": [],
            "entry_gone": None,
            "seen": 1,
            "lowered": False,
            "version": 1,
        }

    def _incident(self, n: int) -> Item:
        name = self._id("inc")
        return {
            "id": name,
            "number": f"26-{n:05d}",
            "kind": "plate_hit",
            "level": "serious",
            "title": "Stolen vehicle seen",
            "place": self._place("Main St at 9th"),
            "at": self._now(600),
            "opened_at": self._now(500),
            "closed_at": None,
            "state": "open",
            "why": "As invented.",
            "sure": {"percent": None, "word": "confirmed"},
            "unknown": [],
            "says": "A plate names a car, not a person.",
            "purpose": "stolen_vehicle",
            "case": f"incident:{name}",
            "call": None,
            "sound": None,
            "version": 1,
        }

    # -- what goes on

    async def lives(self, alerts_per_minute: int) -> None:
        """Units drive, recorders speak, alerts come and go, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._drive())
            group.create_task(self._speak())
            group.create_task(self._alarm(60.0 / alerts_per_minute))
            group.create_task(self._beat())

    async def _drive(self) -> None:
        turn = 0
        while True:
            for unit in self.units[turn % _UNITS_IN :: _UNITS_IN]:
                unit["heading_deg"] = (unit["heading_deg"] + float(self.chance.normal(0, 4))) % 360
                way = unit["speed_mps"] * _METRE
                place = dict(unit["place"])
                place["lat"] += way * math.cos(math.radians(unit["heading_deg"]))
                place["lon"] += (
                    way * math.sin(math.radians(unit["heading_deg"])) / math.cos(math.radians(place["lat"]))
                )
                unit |= {"place": place, "position_at": self._now()}
            await self._tell(
                "units", [{"op": "put", "item": unit} for unit in self.units[turn % _UNITS_IN :: _UNITS_IN]]
            )
            turn += 1
            await self.clock.sleep(1.0 / _UNITS_IN)

    async def _speak(self) -> None:
        while True:
            await self.clock.sleep(_CAMERAS_SPEAK_EVERY_S)
            seen = [camera for camera in self.cameras if camera["state"]["level"] == "normal"]
            for camera in seen:
                camera["state"]["last_frame_at"] = self._now()
            await self._tell("cameras", [{"op": "put", "item": camera} for camera in seen])

    async def _alarm(self, every_s: float) -> None:
        while True:
            await self.clock.sleep(every_s)
            self.alerts.append(self._alert())
            await self._tell("alerts", [{"op": "put", "item": self.alerts[-1]}])
            if len(self.alerts) > _OPEN_ALERTS:
                await self._tell("alerts", [{"op": "delete", "key": self.alerts.pop(0)["id"]}])

    async def _beat(self) -> None:
        while True:
            for socket, _ in list(self._listeners):
                await _send(socket, {"op": "beat", "at": self._now()})
            await self.clock.sleep(_BEAT_S)

    async def _tell(self, topic: str, changes: list[Item]) -> None:
        """Tell everybody who follows the list, as the center does: what belongs together in one message, if they want it so."""
        messages = [change | {"epoch": 1, "seq": self._seq + n} for n, change in enumerate(changes, 1)]
        self._seq += len(messages)
        self.told += len(messages)
        for socket, topics in list(self._listeners):
            for key in [key for key, wanted in topics.items() if wanted == topic]:
                for start in range(0, len(messages), MOST_TOGETHER):
                    await _send(
                        socket, {"op": "many", "id": key, "messages": messages[start : start + MOST_TOGETHER]}
                    )

    # -- what is asked

    def listed(self, name: str) -> list[Item] | None:
        """The list of that name, if there is one."""
        lists: dict[str, list[Item]] = {
            "alerts": self.alerts,
            "incidents": self.incidents,
            "cameras": self.cameras,
            "units": self.units,
            "readers": self.readers,
            "needs": [],
            "proposals": [],
            "purposes": [],
            "new-messages": [],
            "new_messages": [],
            "hands": [],
        }
        return lists.get(name)

    async def answer(self, request: Request) -> Response:
        """One answer of the API."""
        match request.path_params["path"].split("/"):
            case ["session"]:
                return JSONResponse(_session(self.clock.now()))
            case ["map"]:
                return JSONResponse({"basemap": None, "bounds": None})
            case ["hot-lists"]:
                return JSONResponse({"items": [], "next": None})  # none is stale
            case [name] if (items := self.listed(name)) is not None:
                return JSONResponse({"items": items, "next": None})
        self.unanswered.add(request.url.path)
        return JSONResponse({"kind": "not_found", "reason": "not_found", "detail": "Not in this city."}, 404)

    async def listen(self, socket: WebSocket) -> None:
        """The events socket."""
        await socket.accept()
        topics: dict[str, str] = {}
        self._listeners.append((socket, topics))
        try:
            while True:
                said = msgspec.json.decode(await socket.receive_text())
                match said["op"]:
                    case "unsub":
                        topics.pop(said["id"], None)
                    case "sub":
                        await self._begin(socket, topics, said)
                    case "hands":
                        pass  # nobody else is here to be shown them
        except WebSocketDisconnect:
            pass
        finally:
            self._listeners.remove((socket, topics))

    async def _begin(self, socket: WebSocket, topics: dict[str, str], said: Item) -> None:
        topics[said["id"]] = said["topic"]
        items = self.listed(said["topic"])
        if items is None:
            self.unanswered.add(said["topic"])
        snapshot = {"op": "snapshot", "id": said["id"], "epoch": 1, "seq": self._seq}
        await _send(socket, snapshot | {"items": items or []})


async def _send(socket: WebSocket, message: Item) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_text(msgspec.json.encode(message).decode())


def _session(now: datetime) -> Item:
    return {
        "person": {"id": "per_1", "name": "analyst"},
        "full_name": "A. Reyes",
        "roles": ["analyst"],
        "agency": {"id": "agy_1", "name": "Bench City", "time_zone": "America/Chicago"},
        "second_factor": False,
        "second_factor_required": False,
        "signed_in_at": rfc3339(now),
        "ends_at": rfc3339(now + timedelta(hours=12)),
        "idle_min": 60,
        "lock_min": 0,
        "workstation": None,
        "looks_stay_min": 0,
    }


@asynccontextmanager
async def served(city: InventedCity) -> AsyncIterator[str]:
    """Serve the city and the built console on loopback; the address."""
    app = Starlette(
        routes=[
            WebSocketRoute(f"{API}/events", city.listen),
            Route(f"{API}/{{path:path}}", city.answer),
            Route("/{path:path}", page),
        ]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await city.clock.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
