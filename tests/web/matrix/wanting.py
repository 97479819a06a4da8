"""Hot lists of an agency: from a file, by hand, by a machine; what is sent to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.fixtures.center import CenterWeb
from watchfloor.kit.clock import rfc3339
from watchfloor_sim.plates import STATE, invented_plate

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker


@dataclass(frozen=True, kw_only=True)
class OfLists:
    """What an agency has of hot lists, by outside ids."""

    hot_list: str
    manual_list: str
    hot_list_import: str
    list_entry: str
    fed_list: str
    fed_list_to_go: str
    hot_list_token: str
    entry_proposal: str
    entry_proposal_to_go: str


async def hot_lists_of(maker: Maker) -> dict[str, Any]:
    """A list from a file with another that waits, one by hand, and two that machines write."""
    body = {"name": f"State file of {maker.name}", "source": "imported", "purpose": "stolen_vehicle"}
    made = {"hot_list": await maker.named("supervisor", "/hot-lists", **body)}
    body |= {"name": f"Local of {maker.name}", "source": "manual"}
    made["manual_list"] = await maker.named("supervisor", "/hot-lists", **body)
    file = csv_of(maker.plates, maker.name)
    for field in ("applied", "hot_list_import"):
        path = f"/hot-lists/{made['hot_list']}/imports"
        made[field] = (await maker.posts("supervisor", path, content=file))["id"]
        if field == "applied":
            await maker.posts("supervisor", f"/hot-list-imports/{made.pop(field)}/apply", {})
    for field in ("fed_list", "fed_list_to_go"):
        body |= {"name": f"{field} of {maker.name}", "source": "api", "purpose": "missing_person"}
        made[field] = await maker.named("supervisor", "/hot-lists", **body)
    made["hot_list_token"] = (await maker.posts("technician", f"/hot-lists/{made['fed_list']}/token"))[
        "token"
    ]
    entries = await maker.does("analyst", "GET", f"/hot-lists/{made['hot_list']}/entries")
    made["list_entry"] = next(
        e["id"] for e in entries["items"] if e["plate"] == maker.plates[-1].replace("-", "")
    )
    return made


async def proposed_for(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """Two entries that wait for a second person."""
    body = entry_body(maker.web, made["manual_list"], made["case"], maker.name)
    return {
        field: (await maker.posts("analyst", "/hot-list-entries", body))["id"]
        for field in ("entry_proposal", "entry_proposal_to_go")
    }


def entry_body(web: CenterWeb, manual: str, case: str, name: str) -> dict[str, object]:
    """A manual entry as somebody proposes it."""
    return {
        "hot_list": manual,
        "plate": invented_plate(99_000),
        "state": STATE,
        "reason": f"missing from {name}",
        "expires_at": rfc3339(web.parts.clock.now() + timedelta(days=2)),
        "purpose": "stolen_vehicle",
        "case": f"case:{case}",
    }


def csv_of(plates: tuple[str, ...], name: str) -> bytes:
    """A file for a hot list."""
    return ("plate,state,reason\n" + "".join(f"{p},{STATE},stolen in {name}\n" for p in plates)).encode()


def kind_body(web: CenterWeb, name: str) -> dict[str, object]:
    """An approval of a kind of file."""
    now = web.parts.clock.now()
    return {
        "kind": "stolen_plate",
        "body": f"Council of {name}",
        "instrument": "Resolution 9",
        "effective_at": rfc3339(now),
        "expires_at": rfc3339(now + timedelta(days=90)),
    }


FED: Final = (
    "PUT /hot-list-feed/entries",
    "POST /hot-list-feed/entries",
    "POST /hot-list-feed/withdrawals",
)
CAP: Final = (
    b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>T-1</identifier><sender>alerts@missing.example</sender>'
    b"<sent>2026-11-22T21:00:00+00:00</sent><status>Test</status><msgType>Alert</msgType><scope>Public</scope></alert>"
)


def fed(plates: tuple[str, ...]) -> bytes:
    """What the machine of a list sends."""
    return f'{{"entries": [{{"plate": "{plates[0]}"}}]}}'.encode()
