"""Role x endpoint x agency: every operation of the OpenAPI, asked by everybody who must not, and by everybody who may.

What is allowed is not listed here: each route says its needs in OpenAPI (`x-needs`), the needs say their roles, and what
the door was really asked for is held against both. The matrix enters a new route by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

from tests.architecture.test_routes import listed
from tests.architecture.tree import ROOT
from tests.fixtures import document
from tests.fixtures.databases import Databases
from tests.fixtures.engines import fresh_database
from tests.fixtures.engines import run as run_apart
from tests.web.matrix import sockets
from tests.web.matrix.ask import ID, Asked, operations
from tests.web.matrix.center import OURS
from tests.web.matrix.run import Run, run
from tools.route_table import ANYBODY, application, ways
from watchfloor.engines.nats import NatsServer
from watchfloor.kit.ids import decode
from watchfloor.wiring.topics import topics

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_PUBLIC = listed((ROOT / "tests/architecture/public_routes.txt").read_text())
# Signing in is tried with a wrong password here; tests/identity signs in. No alert here is of a sound.
# Another center is asked in tests/recordings.
_ANSWERED_ELSEWHERE = {
    "identity_sign_in",
    "exchange_alert_as_cap",
    "incidents_confirm_sound",
    "incidents_raise_kept",
    "incidents_get_near",
    "incidents_pull_sound_clip",
    "incidents_sound_clip_audio",
    "incidents_sound_clip_spectrogram",
    "incidents_sound_clips",
    "incidents_ask_live_record",
    "sites_look_at_offers",
    "sites_bring_in",
    "plates_resume_plate_watch",
}
_DONE_ELSEWHERE = {
    "POST /alerts/{alert_id}/confirm-sound",
    "POST /alerts/{alert_id}/raise",
    "GET /alerts/{alert_id}/near",
    # None of their alerts is of a sound: tests/incidents/came_of.py hands one on.
    "GET /alerts/{alert_id}/cap",
    "POST /alerts/{alert_id}/live-records/ask",
    # Of sounds, and theirs are of plates.
    "POST /alerts/{alert_id}/sound-clips",
    "GET /alerts/{alert_id}/sound-clips",
    "GET /alerts/{alert_id}/sound-clips/{sound_clip_id}/audio",
    "GET /alerts/{alert_id}/sound-clips/{sound_clip_id}/spectrogram",
    "GET /sites/{site_id}/offers",
    "POST /sites/{site_id}/offers",
    # None of their watches brought more than it may.
    "POST /plate-watches/{watch_id}/resume",
}
_UUID = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b")


@pytest.fixture(scope="module")
def matrix(databases: Databases, nats_server: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Everything, asked once."""
    with fresh_database(databases) as dsns:
        folder: Path = tmp_path_factory.mktemp("matrix") / "data"
        folder.mkdir()
        return run_apart(run(dsns, nats_server, folder))


def none_is(wrong: Iterable[object]) -> None:
    """Fail with a line for each that is."""
    lines = sorted({str(one) for one in wrong})
    assert not lines, "\n".join(lines)


def refused_for_role(asked: Asked) -> bool:
    return (asked.status, asked.reason, asked.body.get("kind")) == (403, "role", "refused")


def test_every_operation_and_socket_can_be_asked() -> None:
    app = application()
    none_is(one.unknown for one in operations(app) if one.unknown)
    assert {way.name for way in ways(app) if way.method == "SOCKET"} == sockets.KNOWN
    assert {name for name, topic in topics(cast("Any", None)).items() if sockets.is_keyed(topic)} == set(
        sockets.KEYS
    )


class Kite(BaseModel):
    """What the matrix knows nothing of."""

    colour: str


def test_an_operation_that_nobody_taught_the_matrix_is_named() -> None:
    router = APIRouter(prefix="/api/v1")

    @router.get("/kites/{kite_id}")
    async def kite(kite_id: str) -> None: ...

    @router.post("/kites")
    async def fly(body: Kite, height: int) -> None: ...

    @router.post("/kites/land")
    async def land() -> None: ...

    app = FastAPI()
    app.include_router(router)
    assert {one.name: one.unknown for one in operations(app)} == {
        "GET /kites/{kite_id}": "GET /kites/{kite_id}: PARAMETERS does not say which thing kite_id names",
        "POST /kites": "POST /kites: it wants height, a body, and RECIPES does not say what",
        "POST /kites/land": None,
    }


def test_without_a_session_only_the_listed_routes_answer(matrix: Run) -> None:
    public = {asked.asking.operation.name for asked in matrix.nobody if asked.status != 401}
    in_document = {f"{o.method} /api/v1{o.path}" for o in matrix.operations}
    # Signing in answers 401 too, for another reason.
    signing_in = {"POST /api/v1/session"}
    assert {name.replace(" ", " /api/v1", 1) for name in public} == (_PUBLIC & in_document) - signing_in
    (tried,) = (asked for asked in matrix.nobody if asked.asking.operation.name == "POST /session")
    assert tried.reason == "wrong_name_or_password"


def test_a_role_that_a_need_is_not_for_is_refused_with_the_reason(matrix: Run) -> None:
    people = [asked for asked in matrix.refused if "person" in asked.asking.operation.who]
    none_is(asked for asked in people if not refused_for_role(asked))
    others = [asked for asked in matrix.refused if "person" not in asked.asking.operation.who]
    none_is(asked for asked in others if asked.status != 401)


def test_a_device_finds_nothing_but_its_own_work(matrix: Run) -> None:
    for_people = [asked for asked in matrix.devices if "device" not in asked.asking.operation.who]
    none_is(asked for asked in for_people if asked.status != 401)
    for_others = [asked for asked in matrix.devices if "device" in asked.asking.operation.who]
    ours_only = [asked for asked in for_others if not _own_intake(asked)]
    none_is(asked for asked in ours_only if asked.status != 404)


def _own_intake(asked: Asked) -> bool:
    """A reader or microphone of the other agency hands in what it has, a trailer says how it is, a machine writes its list: that is
    its agency's."""
    path = asked.asking.operation.path
    own = {
        "their reader": "/plate-",
        "their trailer": "/trailer-reports",
        "their microphone": "/acoustic-pulses",
        "their hot_list": "/hot-list-feed",
    }
    return path.startswith(own.get(asked.who.name, "nowhere"))


def test_what_a_role_may_is_done_and_the_door_was_asked_what_the_route_says(matrix: Run) -> None:
    none_is(asked for asked in matrix.allowed if not _as_the_route_says(asked))
    none_is(asked for asked in matrix.allowed if asked.status in (401, 422) or asked.status >= 500)
    names = {asked.asking.operation.name for asked in matrix.allowed if asked.status < 300}
    assert {o.name for o in matrix.operations if o.who != ANYBODY and o.name not in names} == _DONE_ELSEWHERE


def _as_the_route_says(asked: Asked) -> bool:
    """The door heard needs of the route and no others, all of them where it was done; and refused whom one is not for."""
    needs = asked.asking.operation.needs
    refused = any(not need.roles & asked.who.roles for need in asked.heard)
    return (
        all(any(need in either for either in needs) for need in asked.heard)
        and (asked.status >= 300 or all(asked.heard & set(either) for either in needs))
        and refused == refused_for_role(asked)
    )


def test_every_operation_answers_as_the_document_says(matrix: Run) -> None:
    """Every answer was held against it when it came. What nobody is answered well here is listed; the list only shrinks."""
    assert matrix.asked and set(document.operations()) - document.answered <= _ANSWERED_ELSEWHERE


def test_a_thing_of_ours_is_to_a_stranger_as_one_that_is_nowhere(matrix: Run) -> None:
    wrong = []
    for one in matrix.foreign:
        same = one.ours.status == one.nowhere.status and one.ours.body == one.nowhere.body
        if not same or not _not_there(one.where, one.ours):
            wrong.append(f"in the {one.where}: {one.ours}   but nowhere: {one.nowhere}")
    none_is(wrong)
    assert {one.where for one in matrix.foreign} == {"path", "query", "body"}


def _not_there(where: str, asked: Asked) -> bool:
    match where:
        case "path":
            return asked.status == 404
        case "query":
            return asked.status == 404 or (asked.status == 200 and asked.body["items"] == [])
        case _:
            return asked.status in (404, 422) or (asked.status == 403 and asked.reason == "case_unknown")


def test_nothing_that_comes_back_to_a_stranger_tells_of_ours(matrix: Run) -> None:
    leaks: list[Asked | sockets.Told] = [a for a in _abroad(matrix) if _tells(a.shown, matrix)]
    leaks += [told for pair in matrix.told_foreign for told in pair if _tells(told.text, matrix)]
    none_is(leaks)
    none_is(asked for asked in matrix.asked if asked.status >= 500)
    # The search finds what there is: our own people are told of ours.
    assert sum(_tells(asked.shown, matrix) for asked in matrix.allowed) > 50
    _say(matrix, leaks)


def _abroad(matrix: Run) -> Iterator[Asked]:
    yield from (asked for one in matrix.foreign for asked in (one.ours, one.nowhere))
    yield from matrix.their_own
    yield from (asked for asked in matrix.devices if asked.who.name.startswith("their"))


def _tells(text: str, matrix: Run) -> bool:
    found = {decode(one.partition("_")[0], one) for one in ID.findall(text)}
    found |= {UUID(one) for one in _UUID.findall(text)}
    names = (OURS, *matrix.things.plates, *(plate.replace("-", "") for plate in matrix.things.plates))
    return bool(found & matrix.our_ids) or any(name.lower() in text.lower() for name in names)


def test_a_stranger_does_their_own_work_beside_ours(matrix: Run) -> None:
    """Or else the 404s would say nothing: the same acts on what is theirs are done."""
    names = {asked.asking.operation.name for asked in matrix.their_own if asked.status < 300}
    for_people = [o.name for o in matrix.operations if "person" in o.who]
    assert {name for name in for_people if name not in names} == _DONE_ELSEWHERE


def test_nothing_of_ours_was_changed_by_those_who_may_not(matrix: Run) -> None:
    rows, files = matrix.before
    assert {table: kept for table, kept in rows.items() if matrix.after[0].get(table) != kept} == {}
    assert {name: kept for name, kept in files.items() if matrix.after[1].get(name) != kept} == {}
    assert sum(count for count, _ in rows.values()) > 100 and len(files) > 3
    assert matrix.strangers_in_our_log == 0


def test_sockets_tell_whom_they_may_and_nobody_else(matrix: Run) -> None:
    wrong = [told for told in matrix.told if not _as_it_should(told)]
    none_is(wrong)
    for ours, nowhere in matrix.told_foreign:
        assert ours.reason == nowhere.reason, f"{ours} but nowhere: {nowhere}"
        if ours.what != nowhere.what or ours.what in ("live", "playback"):
            assert ours.reason in ("not_found", "case_unknown"), str(ours)


def _as_it_should(told: sockets.Told) -> bool:
    if not told.who.roles:
        return told.reason in ("closed 4001", "status 401", "status 403")
    assert told.need is not None
    return told.reason == (None if told.who.roles & told.need.roles else "role")


def _say(matrix: Run, leaks: list[Asked | sockets.Told]) -> None:
    kinds = Counter(asked.status for asked in matrix.asked)
    refused = sum(refused_for_role(asked) for asked in matrix.asked)
    print(
        f"\nmatrix: {len(matrix.operations)} operations, {len(matrix.asked)} asks over HTTP,"
        f" {len(matrix.told) + 2 * len(matrix.told_foreign)} over sockets; {kinds[401]} without a session, {refused} refused to"
        f" the role, {len(matrix.foreign)} things of ours asked for from abroad; {len(leaks)} leaks"
    )
