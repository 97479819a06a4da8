"""Every list of the API, page by page, beside what SQL says is in it: nothing is skipped, doubled or another agency's."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.fixtures.center import PASSWORD, CenterWeb, invited
from tests.fixtures.databases import Databases
from tests.fixtures.document import BASE
from tests.fixtures.engines import fresh_database
from tests.fixtures.engines import run as run_apart
from tests.web.listed import LISTS, Listed, Table, list_of
from tests.web.matrix.center import OURS, Pair, pair
from tools.route_table import application
from watchfloor.engines.nats import NatsServer
from watchfloor.governance.forms import outside
from watchfloor.governance.words import Role
from watchfloor.kit.ids import decode
from watchfloor.kit.pages import MOST, USUAL

ROWS, MORE, THEIRS, A_PAGE = 530, 21, 9, 250
# Lists that are whole at once, each for its reason.
WHOLE = {
    "/technologies": "a closed list",
    "/purposes": "a closed list",
    "/needs": "a closed list",
    "/assignments/mine": "what one unit is on",
    "/incidents/{incident_id}/proposals": "the free units in the order of this moment: it says how many, and a higher limit gives more",
}
# Lists that are no rows of a table, or are told for a purpose: walked where they are computed.
COMPUTED = {
    "/audit/sight": "tests/reports",
    "/audit/things": "tests/reports",
    "/recordings/coverage": "tests/recordings",
    "/recordings/held-at-sites": "tests/recordings",
    "/cameras/capability-changes": "tests/cameras/onvif",
    "/camera-imports/{camera_import_id}/rows": "tests/cameras",
    "/new-messages": "tests/dispatch",
    "/sites/{site_id}/cameras": "tests/cameras",
    "/offered-cameras": "tests/recordings",
    "/own-cameras/uses": "tests/owners",
    "/plate-searches/{search_id}": "tests/plates",
    "/findings": "tests/investigations",
    "/plate-watches/{watch_id}/hits": "tests/plates",
    "/possible-hits": "tests/plates",
    "/staff-plates": "tests/plates",
    "/look-up-reviews/own": "tests/plates",
}
WRONG: tuple[dict[str, str], ...] = (
    {"after": "nowhere"},
    {"after": ""},
    {"after": base64.urlsafe_b64encode(b'["another list","\\u0000"]').decode()},
    {"after": "W1td"},
    {"after": "9" * 3000},
    {"limit": "0"},
    {"limit": str(MOST + 1)},
    {"limit": "many"},
)


@dataclass
class Walked:
    """What was found of one list, as somebody of ours and somebody of elsewhere asked for it."""

    before: list[UUID]
    after: list[UUID]
    theirs: set[UUID]
    sizes: list[int] = field(default_factory=list)
    found: list[UUID] = field(default_factory=list)
    usual: int = 0
    ours_by_their_cursor: list[UUID] = field(default_factory=list)
    theirs_by_our_cursor: list[UUID] = field(default_factory=list)
    wrong: list[httpx.Response] = field(default_factory=list)


@pytest.fixture(scope="module")
def walked(
    databases: Databases, nats_server: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Walked]]:
    """Every list, walked once."""
    folder: Path = tmp_path_factory.mktemp("pages") / "data"
    folder.mkdir()
    with fresh_database(databases) as dsns:
        yield run_apart(_walk_all(dsns, nats_server, folder))


async def _walk_all(dsns: Any, nats: NatsServer, folder: Path) -> dict[str, Walked]:
    async with AsyncExitStack() as stack:
        two = await stack.enter_async_context(pair(dsns, nats, folder))
        clock, agency = two.ours.parts.clock, two.ours.parts.agency
        everything = set(Role) - {Role.MACHINE}
        ours = await _signed_in(
            two.ours, await invited(dsns, clock, agency, f"{OURS.lower()}.all", everything)
        )
        theirs = await _signed_in(two.theirs, two.everything)
        table = Table(dsns.superuser, clock.now())
        stack.callback(table.close)
        for web in (two.ours, two.theirs):
            await web.authorise("plate_reader")
            table.furnish(web.parts.agency)
        return {listed.name: await _walk(two, table, listed, ours, theirs) for listed in LISTS}


async def _signed_in(web: CenterWeb, token: str) -> httpx.AsyncClient:
    client = web.client()
    answer = await client.post("/api/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    # Each form is held against the document elsewhere; a thousand times over would take long.
    client.event_hooks = {}
    return client


async def _walk(
    two: Pair, table: Table, listed: Listed, ours: httpx.AsyncClient, theirs: httpx.AsyncClient
) -> Walked:
    agency, elsewhere = two.ours.parts.agency, two.theirs.parts.agency
    table.add(listed, agency, 1, ROWS)
    table.add(listed, elsewhere, ROWS + 1, ROWS + THEIRS)
    made = Walked(table.ids(listed, agency), [], set(table.ids(listed, elsewhere)))

    async def asked(who: httpx.AsyncClient, of: UUID, **query: str) -> httpx.Response:
        parent = list_of(of)
        kinds = {"list_id": "hot_list", "trailer_id": "trailer", "camera_id": "camera"}
        named = {name: outside(kind, parent) for name, kind in kinds.items()}
        path = BASE + listed.path.format(**named)
        return await who.get(path, params={**listed.query, **query})

    async def page(who: httpx.AsyncClient, of: UUID, **query: str) -> tuple[list[UUID], str | None]:
        answer = await asked(who, of, **query)
        assert answer.status_code == 200, (listed.name, answer.text)
        body = answer.json()
        return [decode(item["id"].partition("_")[0], item["id"]) for item in body["items"]], body["next"]

    ids, following = await page(ours, agency)
    made.usual = len(ids)
    ids, following = await page(ours, agency, limit=str(A_PAGE))
    while True:
        made.sizes.append(len(ids))
        made.found += ids
        if following is None:
            break
        number = ROWS + THEIRS + MORE * len(made.sizes)
        table.add(listed, agency, number + 1, number + MORE)
        ids, following = await page(ours, agency, limit=str(A_PAGE), after=following)
    made.after = table.ids(listed, agency)
    _, cursor = await page(theirs, elsewhere, limit="2")
    made.ours_by_their_cursor, _ = await page(ours, agency, limit="5", after=str(cursor))
    _, cursor = await page(ours, agency, limit="2")
    made.theirs_by_our_cursor, _ = await page(theirs, elsewhere, limit="5", after=str(cursor))
    made.wrong = [await asked(ours, agency, **query) for query in WRONG]
    return made


def _lists() -> dict[str, bool]:
    """The paths of the API whose GET gives a list, and whether it takes a cursor."""
    document, found = application().openapi(), {}
    for path, ways in document["paths"].items():
        said = ways.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        ref = said.get("application/json", {}).get("schema", {}).get("$ref", "")
        form = document["components"]["schemas"].get(ref.rpartition("/")[2], {})
        if {"items", "next"} <= set(form.get("properties", ())):
            taken = {parameter["name"] for parameter in ways["get"].get("parameters", ())}
            found[path.removeprefix(BASE)] = {"limit", "after"} <= taken
    return found


def test_every_list_goes_on_page_by_page_or_says_why_it_is_whole() -> None:
    lists = _lists()
    assert {path for path, paged in lists.items() if paged} == {listed.path for listed in LISTS} | set(
        COMPUTED
    )
    assert {path for path, paged in lists.items() if not paged} == set(WHOLE)


@pytest.mark.parametrize("name", [listed.name for listed in LISTS])
def test_the_pages_of_a_list_are_the_whole_list_in_its_order(walked: dict[str, Walked], name: str) -> None:
    found = walked[name]
    assert found.usual == USUAL
    assert found.sizes[:-1] == [A_PAGE] * (len(found.sizes) - 1) and len(found.sizes) > 1
    assert len(set(found.found)) == len(found.found), "a row came twice"
    there_before = set(found.before)
    assert [one for one in found.found if one in there_before] == found.before
    # What came while the pages were read is there when its place was still to come, and in its place.
    came = set(found.found)
    assert [one for one in found.after if one in came] == found.found
    assert len(found.after) > len(found.before)


@pytest.mark.parametrize("name", [listed.name for listed in LISTS])
def test_the_cursor_of_another_agency_shows_nothing_of_it(walked: dict[str, Walked], name: str) -> None:
    found = walked[name]
    assert not found.theirs & (set(found.found) | set(found.ours_by_their_cursor))
    assert set(found.ours_by_their_cursor) <= set(found.after)
    assert set(found.theirs_by_our_cursor) <= found.theirs and found.theirs


@pytest.mark.parametrize("name", [listed.name for listed in LISTS])
def test_a_cursor_or_limit_that_makes_no_sense_is_refused_in_words(
    walked: dict[str, Walked], name: str
) -> None:
    for query, answer in zip(WRONG, walked[name].wrong, strict=True):
        assert answer.status_code == 422, (query, answer.text)
        (said,) = answer.json()["fields"]
        assert said["field"] == next(iter(query)) and len(said["detail"]) > 20, (query, said)
