"""How each operation is asked so that it could be done: which thing its path names, and a body that holds.

An operation whose path names nothing new and which takes no body needs nothing here. One that does and is not here
cannot be asked: the matrix says which it is, and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tests.cameras.lists import CSV, camera_body, list_of, site_body, told_site_body, work_body
from tests.dispatch.street import town
from tests.fixtures.center import PASSWORD, CenterWeb, authorisation_body, new_id
from tests.places.archive import archive
from tests.places.footprints import WAREHOUSE, footprints
from tests.web.matrix.center import OURS
from tests.web.matrix.exported import bookmark_body, canvass_body, export_body, hold_body, scenes_body
from tests.web.matrix.hauled import SWITCH, placing_body
from tests.web.matrix.heard import OF_SOUNDS
from tests.web.matrix.listening import PLAIN as OF_MICROPHONES
from tests.web.matrix.listening import microphone_body
from tests.web.matrix.offers import TERMS, asking_of, lending_of, sealing_of
from tests.web.matrix.ordered import by_order, co_travel_body
from tests.web.matrix.recipe import Recipe
from tests.web.matrix.reviewed import PLAIN, PLATES
from tests.web.matrix.things import MASK, PLACE, Things, call_body, confirm_body, picture, reads_of
from tests.web.matrix.wanting import CAP, FED, csv_of, entry_body, fed, kind_body
from tests.web.matrix.watched import asked_body, watch_body
from watchfloor.kit.clock import rfc3339
from watchfloor.places.map_api import MEDIA_TYPE
from watchfloor_sim.plates import STATE


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What a recipe is made from: an agency's things, and the center for the time of day."""

    things: Things
    web: CenterWeb
    camera_url: str
    device_url: str

    @property
    def why(self) -> dict[str, str]:
        return self.things.why

    @property
    def preset(self) -> str:
        """A preset of the one device, for this agency to remove."""
        return "7" if self.things.name == OURS else "8"

    def named(self) -> Recipe:
        return Recipe({"name": new_id().hex})

    def at_mill(self) -> Recipe:
        return Recipe(query={"lat": "38.63", "lon": "-90.2"})

    def path(self, **named: str) -> Mapping[str, str]:
        return named

    def stored_video(self) -> Recipe:
        span = {"from": self.things.since, "to": self.things.until}
        return Recipe(query=span, headers=self.looking().headers)

    def snapshot(self) -> Recipe:
        """A picture of what was recorded, as a file."""
        return Recipe(query={"at": self.things.since}, headers=self.looking().headers)

    def covered(self) -> Recipe:
        """How much was recorded, of every camera."""
        return Recipe(query={"from": self.things.since, "to": self.things.until})

    def covered_one(self) -> Recipe:
        """How much was recorded of one."""
        return Recipe(query={**self.covered().query, "camera": self.things.camera})

    def around(self) -> Recipe:
        """What happened where the things are."""
        return Recipe(query={**self.covered().query, "lat": "38.63", "lon": "-90.19"})

    def looking(self) -> Recipe:
        """A look for a purpose and a case."""
        return Recipe(headers={"Wf-Purpose": "stolen_vehicle", "Wf-Case": self.why["case"]})

    def reads(self) -> Recipe:
        """A read that a search found."""
        t = self.things
        return Recipe({"search": t.plate_search, "reads": [t.read], "reason": "a car", **self.why})

    def hold_of(self, thing: str) -> Recipe:
        t = self.things
        return Recipe(hold_body(self.web.parts.clock.now(), thing, t.case, t.name))

    def account(self) -> dict[str, object]:
        name = f"{self.things.name.lower()}.{new_id().hex}"
        return {"name": name, "full_name": self.things.name, "roles": ["officer"]}

    def in_days(self, days: int) -> str:
        return rfc3339(self.web.parts.clock.now() + timedelta(days=days))


_STORED: Final = ("marks", "timeline", "timeline/at-site", "video")
Cook = Callable[[Kitchen], Recipe]


def _body(**body: Any) -> Cook:
    return lambda kitchen: Recipe(body or None)


def _to_go(what: str) -> tuple[Cook, ...]:
    """On the one that goes."""
    return (lambda k: Recipe(path=k.path(**{f"{what}_id": getattr(k.things, f"{what}_to_go")})),)


def _verdict(field: str, **body: Any) -> tuple[Cook, ...]:
    """On each kind of proposal."""

    def of(kind: str) -> Cook:
        return lambda k: Recipe(body, path=k.path(proposal_id=getattr(k.things, f"{kind}{field}")))

    return tuple(map(of, ("", "entry_", "export_", "watch_", "co_travel_")))


# By name as in OpenAPI, below /api/v1, several where it is about several kinds of things; asked in this order: a night's work.
RECIPES: Final[Mapping[str, tuple[Cook, ...]]] = {
    "GET /audit/entries": (
        _body(),
        lambda k: Recipe(query={"actor": k.things.person}),
        lambda k: Recipe(query={"about": f"camera:{k.things.camera}"}),
        lambda k: Recipe(query={"authorisation": k.things.authorisation}),
    ),
    **{f"GET /cameras/{{camera_id}}/{one}": (Kitchen.snapshot,) for one in ("snapshot", "thumbnail")},
    **{f"GET /cameras/{one}": (Kitchen.at_mill,) for one in ("seeing", "blind-area")},
    **{f"GET /cameras/{{camera_id}}/{one}": (Kitchen.stored_video,) for one in _STORED},
    **dict.fromkeys(("GET /alerts/around", "GET /incidents/around"), (Kitchen.around,)),
    "GET /recordings/coverage": (Kitchen.covered, Kitchen.covered_one),
    "GET /canvass": (lambda k: Recipe(query={**k.covered().query, "lat": "38.63", "lon": "-90.19"}),),
    "GET /exports/{export_id}/package": (Kitchen.looking,),
    "GET /plate-reads/{read_id}": (Kitchen.looking,),
    **dict.fromkeys(
        ("GET /plate-searches/{search_id}", "GET /scene-searches/{scene_search_id}"), (Kitchen.looking,)
    ),
    "GET /findings": (Kitchen.looking,),
    "POST /scene-searches": (lambda k: Recipe(scenes_body(k.web.parts.clock.now(), k.things.case)),),
    "GET /plate-reads/{read_id}/picture": (Kitchen.looking,),
    "GET /alerts/{alert_id}/picture": (lambda k: Recipe(path=k.path(alert_id=k.things.alert_decided)),),
    "GET /alerts/{alert_id}/reads": (lambda k: Recipe(path=k.path(alert_id=k.things.alert_decided)),),
    "POST /plate-searches": (
        lambda k: Recipe({"plate": k.things.plates[0], "from": k.in_days(-1), "to": k.in_days(1), **k.why}),
    ),
    "POST /session": (_body(name="nobody.here", password=PASSWORD),),
    "POST /invitations/accept": (_body(token="of nobody", password=PASSWORD),),
    "POST /session/second-factor": (_body(code=None),),
    "PUT /agency": (lambda k: Recipe({"name": k.things.name, "time_zone": "America/Chicago"}),),
    "POST /people": (lambda k: Recipe(k.account()),),
    "PUT /people/{person_id}/roles": (
        lambda k: Recipe({"roles": ["officer"]}, path=k.path(person_id=k.things.person_to_go)),
    ),
    "POST /workstations": (lambda k: Recipe({"name": str(k.account()["name"])[-40:]}),),
    "DELETE /workstations/{workstation_id}": _to_go("workstation"),
    "GET /audit/things": (
        lambda k: Recipe(query={"find": f"camera:{k.things.camera}"}),
        lambda k: Recipe(query={"find": f"person:{k.things.person}"}),
    ),
    "GET /audit/sight": (lambda k: Recipe(query={"camera": k.things.camera, "day": k.in_days(-1)[:10]}),),
    "POST /people/{person_id}/suspend": (
        lambda k: Recipe({"reason": "it left"}, path=k.path(person_id=k.things.person_to_go)),
    ),
    "POST /authorisations": (
        lambda k: Recipe(authorisation_body(k.web.parts.clock, "object_search") | {"title": k.things.name}),
    ),
    "POST /proposals/{proposal_id}/approve": _verdict("proposal", note=""),
    "POST /proposals/{proposal_id}/refuse": _verdict("proposal_to_go", reason="not now"),
    "POST /authorisations/{authorisation_id}/suspend": (
        lambda k: Recipe(
            {"reason": "the council said so"}, path=k.path(authorisation_id=k.things.authorisation_to_go)
        ),
    ),
    "POST /authorisations/{authorisation_id}/lift": (
        lambda k: Recipe(
            {"reason": "the council said so"}, path=k.path(authorisation_id=k.things.authorisation_to_go)
        ),
    ),
    "POST /authorisations/{authorisation_id}/approvals": (
        lambda k: Recipe(
            {"body": "State Board", "instrument": "Resolution 3", "approved_at": k.in_days(-1)},
            path=k.path(authorisation_id=k.things.authorisation_waiting),
        ),
    ),
    "POST /required-bodies": (_body(technology="audio", body="State Board", required=True),),
    "POST /cases": (lambda k: Recipe({"number": new_id().hex, "title": f"A case of {k.things.name}"}),),
    **{f"POST /{a}/confirm": (_body(),) for a in ("cases/{case_id}", "camera-imports/{camera_import_id}")},
    "POST /cases/{case_id}/close": _to_go("case"),
    "POST /holds": (lambda k: k.hold_of(k.things.camera), lambda k: k.hold_of(k.things.reader)),
    "POST /holds/{hold_id}/confirm": (lambda k: Recipe({"ends_at": k.in_days(30), **k.why}),),
    "POST /holds/{hold_id}/end": (
        lambda k: Recipe({"reason": "it is over", **k.why}, path=k.path(hold_id=k.things.hold_to_go)),
    ),
    "POST /recordings/held-at-sites/{hold_id}/again": (lambda k: Recipe(k.why),),
    "POST /cameras": (lambda k: Recipe(camera_body(k.things.name, k.camera_url)),),
    "PATCH /cameras/{camera_id}": (lambda k: Recipe({"place": f"Mill St, {k.things.name}"}),),
    "DELETE /cameras/{camera_id}": _to_go("camera"),
    "POST /body-cameras/{camera_id}/issue": (
        lambda k: Recipe({"unit": k.things.unit}, path=k.path(camera_id=k.things.camera_body)),
    ),
    "POST /body-cameras/{camera_id}/return": (lambda k: Recipe(path=k.path(camera_id=k.things.camera_worn)),),
    "POST /cameras/discoveries": (_body(network="127.0.0.1/32"),),
    "POST /cameras/probes": (lambda k: Recipe({"address": k.device_url}),),
    "POST /cameras/{camera_id}/device": (lambda k: Recipe({"address": k.device_url}),),
    "POST /cameras/{camera_id}/moves": (lambda k: Recipe({"pan": 0.5, **k.why}),),
    "POST /cameras/{camera_id}/moves/stop": (lambda k: Recipe(k.why),),
    "POST /cameras/{camera_id}/presets/go": (lambda k: Recipe(k.why),),
    "POST /cameras/{camera_id}/masks": (lambda k: Recipe(MASK | {"name": new_id().hex}),),
    "DELETE /cameras/{camera_id}/masks/{mask_id}": _to_go("mask"),
    "POST /cameras/{camera_id}/presets/set": (_body(name="Quay"),),
    "POST /cameras/{camera_id}/presets/dwelling": (
        lambda k: Recipe({"preset": k.preset, "dwelling": "A house"}),
    ),
    "POST /cameras/{camera_id}/presets/remove": (lambda k: Recipe({"preset": k.preset}),),
    "POST /cameras/{camera_id}/lock/release": (lambda k: Recipe(k.why),),
    "POST /cameras/{camera_id}/capabilities/acknowledge": (_body(capability="CellMotionEngine"),),
    "POST /cameras/{camera_id}/replace": (
        lambda k: Recipe({"model": "Another", "reason": "lightning", "url": k.camera_url}),
    ),
    "POST /maintenance-windows": (lambda k: Recipe(work_body(k.web.parts.clock.now(), k.things.camera)),),
    "POST /edge-boxes": (lambda k: Recipe({"name": new_id().hex, "cameras": [k.things.camera_unboxed]}),),
    "POST /maintenance-windows/{window_id}/end": (_body(),),
    "POST /edge-boxes/{box_id}/code": (_body(),),
    "PUT /edge-boxes/{box_id}/cameras": (lambda k: Recipe({"cameras": [k.things.camera_boxed]}),),
    "POST /edge-boxes/{box_id}/revoke": (lambda k: Recipe({}, path=k.path(box_id=k.things.edge_box_to_go)),),
    "POST /sites": (lambda k: Recipe(told_site_body(new_id().hex, k.device_url)),),
    "POST /sites/tries": (
        lambda k: Recipe(site_body("Tried", k.camera_url) | {"channel": k.camera_url.rpartition("/")[2]}),
    ),
    "PATCH /sites/{site_id}": (lambda k: Recipe({"place": f"Mill St, {k.things.name}"}),),
    "DELETE /sites/{site_id}": _to_go("site"),
    "POST /sites/{site_id}/offers": (_body(channels=None),),
    "POST /sites/{site_id}/cameras/preview": (_body(channels="1-2", name="X {channel}", kind="municipal"),),
    "POST /sites/{site_id}/cameras": (
        lambda k: Recipe({"channels": new_id().hex, "name": f"S {new_id().hex}", "kind": "municipal"}),
    ),
    "POST /camera-imports": (lambda k: Recipe(content=list_of(k.things.name), headers=CSV),),
    "DELETE /camera-imports/{camera_import_id}": _to_go("camera_import"),
    "POST /walls": (lambda k: Recipe({"name": new_id().hex, "tiles": [k.things.camera]}),),
    "PATCH /walls/{wall_id}": (lambda k: Recipe({"tiles": [k.things.camera]}),),
    "PUT /walls/{wall_id}/roles": (lambda k: Recipe({"roles": ["analyst"]}),),
    "DELETE /walls/{wall_id}": _to_go("wall"),
    "POST /bookmarks": (
        lambda k: Recipe(bookmark_body(k.web, k.things.camera, k.things.case, k.things.name)),
    ),
    "PATCH /bookmarks/{bookmark_id}": (_body(note="it turns"),),
    "DELETE /bookmarks/{bookmark_id}": _to_go("bookmark"),
    **dict.fromkeys(("POST /read-exports", "POST /findings"), (Kitchen.reads,)),
    "DELETE /findings/{finding_id}": (
        lambda k: Recipe(headers=k.looking().headers, path=k.path(finding_id=k.things.finding_to_go)),
    ),
    "POST /owners/{owner_id}/ask": (_body(question="Which way does it look?"),),
    "POST /owners/{owner_id}/place": (_body(lat=38.63, lon=-90.19),),
    **dict.fromkeys(("POST /owners/{owner_id}/link", "POST /owners/{owner_id}/accept"), (_body(),)),
    "POST /owners/{owner_id}/agreements": (
        lambda k: Recipe(
            TERMS | {"camera": k.things.camera_private}, path=k.path(owner_id=k.things.owner_accepted)
        ),
    ),
    "POST /cameras/{camera_id}/sharing-requests": (
        lambda k: Recipe({"minutes": 30, **k.why}, path=k.path(camera_id=k.things.camera_private)),
    ),
    "GET /own-cameras/uses/{entry_id}/proof": (lambda k: Recipe(path=k.path(entry_id=k.things.use)),),
    "GET /evidence-files/{file_id}": (Kitchen.looking,),
    "POST /evidence-requests": (lambda k: Recipe(asking_of(k.web, k.things)),),
    **{f"POST /evidence-requests/{{evidence_id}}/{a}": (_body(),) for a in ("link", "remind", "withdraw")},
    "POST /use-seals": (lambda k: Recipe(sealing_of(k.things, k.why)),),
    "POST /own-requests/{request_id}/answer": (_body(minutes=30),),
    "PUT /own-agreements/{agreement_id}": (_body(**TERMS),),
    "POST /own-agreements/{agreement_id}/agree": (
        lambda k: Recipe(path=k.path(agreement_id=k.things.agreement_offered)),
    ),
    **{f"POST /own-agreements/{{agreement_id}}/{act}": (_body(),) for act in ("suspend", "resume", "revoke")},
    "POST /lendings": (lambda k: Recipe(lending_of(k.web, k.things.partner, k.things.camera)),),
    "POST /owners/{owner_id}/refuse": (
        lambda k: Recipe({"reason": "it sees a school"}, path=k.path(owner_id=k.things.owner_to_go)),
    ),
    "POST /exports": (lambda k: Recipe(export_body(k.web, k.things.camera, k.things.case, k.things.name)),),
    "POST /canvasses": (lambda k: Recipe(canvass_body(k.web, k.things)),),
    "POST /exports/{export_id}/cancel": (
        lambda k: Recipe({"reason": "not needed"}, path=k.path(export_id=k.things.export_to_go)),
    ),
    **dict.fromkeys(("POST /trailers", "PATCH /trailers/{trailer_id}"), (Kitchen.named,)),
    "POST /trailers/{trailer_id}/token": _to_go("trailer"),
    "POST /trailers/{trailer_id}/place": (lambda k: Recipe(placing_body(k.things.name)),),
    "POST /trailers/{trailer_id}/take-away": (
        lambda k: Recipe({"reason": "to the yard"}, path=k.path(trailer_id=k.things.trailer_to_go)),
    ),
    "POST /trailers/{trailer_id}/lights": (_body(lights="on", reason="people at the fence"),),
    "PUT /trailers/{trailer_id}/lights-switch": (_body(url=SWITCH),),
    "POST /trailer-reports": (_body(reports=[{"battery_pct": 80}]),),
    "DELETE /trailers/{trailer_id}": _to_go("trailer"),
    "POST /readers": (
        lambda k: Recipe({"name": new_id().hex, "place": f"Bridge, {k.things.name}", **PLACE}),
    ),
    "POST /microphones": (lambda k: Recipe(microphone_body(new_id().hex)),),
    **{f"POST /microphones/{{microphone_id}}/{act}": _to_go("microphone") for act in ("token", "retire")},
    "POST /readers/{reader_id}/token": _to_go("reader"),
    "POST /readers/{reader_id}/retire": _to_go("reader"),
    "PUT /readers/{reader_id}/csv-mapping": (_body(plate="Tag", at="Time"),),
    "POST /readers/{reader_id}/csv-mapping/sample": (
        _body(sample="plate,at\nZQX107,2026-11-22T21:00:00Z\n"),
    ),
    "POST /hot-lists": (
        lambda k: Recipe({"name": new_id().hex, "source": "imported", "purpose": "stolen_vehicle"}),
    ),
    "POST /hot-lists/{list_id}/imports": (lambda k: Recipe(content=csv_of(k.things.plates, k.things.name)),),
    "POST /hot-list-imports/{import_id}/apply": (_body(shrunk_is_meant=False),),
    "POST /hot-list-entries": (
        lambda k: Recipe(entry_body(k.web, k.things.manual_list, k.things.case, k.things.name)),
    ),
    "POST /hot-lists/{list_id}/token": (lambda k: Recipe(path=k.path(list_id=k.things.fed_list_to_go)),),
    "POST /plate-watches/estimate": (lambda k: Recipe(asked_body(k.things.case, k.things.plates[0])),),
    "POST /co-travel-searches": (lambda k: Recipe(co_travel_body(k.web, k.things.case, k.things.plates[0])),),
    "GET /co-travel-searches/{co_travel_id}": (lambda k: Recipe(headers=by_order(k.things.case)),),
    "POST /plate-watches": (
        lambda k: Recipe(watch_body(k.web, k.things.case, k.things.plates[0], k.things.name)),
    ),
    "POST /plate-watches/{watch_id}/withdraw": (
        lambda k: Recipe({"why": "the car was found"}, path=k.path(watch_id=k.things.plate_watch_to_go)),
    ),
    **{one: (_body(**said),) for one, said in (PLAIN | OF_MICROPHONES).items()},
    "POST /alerts/{alert_id}/sound-clips": (lambda k: Recipe({"microphone": k.things.microphone}),),
    "POST /staff-plates/imports": (lambda _: Recipe(content=PLATES),),
    "POST /hot-list-file-kinds": (lambda k: Recipe(kind_body(k.web, k.things.name)),),
    **{one: (lambda k: Recipe(content=fed(k.things.plates)),) for one in FED},
    "POST /hot-list-feed/cap": (lambda _: Recipe(content=CAP),),
    "POST /hot-lists/{list_id}/cap": (lambda k: Recipe(content=CAP, path=k.path(list_id=k.things.fed_list)),),
    "POST /plate-reads": (lambda k: Recipe(content=reads_of(k.things.plates, k.things.picture, k.web)),),
    "POST /plate-reads/openalpr": (lambda k: Recipe(content=b'{"data_type": "heartbeat"}'),),
    "POST /plate-reads/csv": (lambda k: Recipe(content=b"Tag,Time\n"),),
    "POST /plate-reads/{form}": (lambda k: Recipe(content=b'{"Active": "keepAlive"}'),),
    "PUT /plate-pictures/{sha256}": (lambda k: Recipe(content=picture(k.things.name)),),
    "POST /units": (lambda k: Recipe({"call_sign": new_id().hex[-12:]}),),
    "POST /units/{unit_id}/positions": (lambda k: Recipe({**PLACE, "at": k.in_days(0)}),),
    "PUT /units/{unit_id}/crew": (lambda k: Recipe({"people": [k.things.officer]}),),
    "DELETE /units/{unit_id}": _to_go("unit"),
    "POST /units/{unit_id}/token": (lambda k: Recipe(path=k.path(unit_id=k.things.unit_free)),),
    "POST /calls": (lambda k: Recipe(call_body(k.things.name)),),
    **{f"POST /alerts/{{alert_id}}/{act}": (_body(),) for act in ("acknowledge", "review")},
    "POST /alerts/{alert_id}/typed": (lambda k: Recipe({"plate": k.things.plates[0], "state": STATE}),),
    "POST /alerts/{alert_id}/live-records": (
        lambda k: Recipe({"reply": "active", "asked_at": k.in_days(0)}),
    ),
    "POST /incidents/{incident_id}/hit-confirmation": (_body(agency="MO0960000", urgency="urgent"),),
    "POST /incidents/{incident_id}/hit-confirmation/answer": (
        _body(answer="confirmed", spoke_with="the desk"),
    ),
    "POST /alerts/{alert_id}/confirm": (lambda k: Recipe(confirm_body(k.web)),),
    "POST /alerts/{alert_id}/dismiss": (
        lambda k: Recipe({"reason": "test"}, path=k.path(alert_id=k.things.alert_to_go)),
    ),
    "POST /incidents": (
        lambda k: Recipe({"call": k.things.call_unanswered}),
        lambda k: Recipe({"unit": k.things.unit, "words": "officer down"}),
    ),
    "POST /calls/{call_id}/close": (
        lambda k: Recipe({"why": "nothing was there"}, path=k.path(call_id=k.things.call_to_go)),
    ),
    "POST /street-maps": (
        lambda k: Recipe(content=town(), query={"name": k.things.name, "form": "geojson"}),
    ),
    "PUT /map/buildings": (
        lambda k: Recipe(content=footprints(WAREHOUSE), query={"name": k.things.name, "form": "geojson"}),
    ),
    "PUT /map/districts": (
        lambda k: Recipe(content=footprints(WAREHOUSE, kind="A"), query={"column": "building"}),
    ),
    **{name: (cook,) for name, cook in OF_SOUNDS.items()},
    "PUT /map/basemap": (
        lambda k: Recipe(
            content=archive(), query={"attribution": k.things.name}, headers={"Content-Type": MEDIA_TYPE}
        ),
    ),
    "POST /incidents/{incident_id}/assignments": (lambda k: Recipe({"unit": k.things.unit_free}),),
    "POST /assignments/{assignment_id}/accept": (_body(warning_heard=False),),
    **{f"POST /assignments/{{assignment_id}}/{act}": (_body(),) for act in ("en-route", "on-scene", "clear")},
    "POST /incidents/{incident_id}/messages": (_body(text="The car is empty."),),
    **{f"POST /incidents/{{incident_id}}/follow/{act}": (_body(),) for act in ("ratify", "stop")},
    "POST /incidents/{incident_id}/follow": (_body(minutes=60),),
    "POST /incidents/{incident_id}/messages/seen": (lambda k: Recipe({"until": k.things.message}),),
    "POST /incidents/{incident_id}/outcome": (
        lambda k: Recipe({"results": ["nothing_found"], "note": f"nothing in {k.things.name}"}),
    ),
    "DELETE /session": (_body(),),
}
