"""Sounds of an agency: one to say what came of, and two of which what was said waits for a second person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from tests.web.matrix.recipe import Recipe
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.ids import uuid7

if TYPE_CHECKING:
    from tests.web.matrix.recipes import Kitchen
    from tests.web.matrix.things import Maker

MISSED: Final[dict[str, Any]] = {"at": "2026-11-01T03:14:15Z", "lat": 38.63, "lon": -90.19, "how": "call"}
SAID: Final[dict[str, Any]] = {"said": "nothing_found", "why": "It was looked for again."}


@dataclass(frozen=True, kw_only=True)
class OfSounds:
    """What an agency has of sounds, by outside ids."""

    sound: str
    sound_waits: str
    sound_waits_to_go: str
    sound_outcome: str
    sound_outcome_to_go: str


async def heard(maker: Maker, person: str) -> dict[str, Any]:
    """Sounds that were told, of two of which the person said that they were fireworks."""
    made: dict[str, Any] = {}
    ask = Ask(process_actor(maker.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with maker.web.parts.door.open(ask) as tx:
        for field, outcome in (
            ("sound", None),
            ("sound_waits", "sound_outcome"),
            ("sound_waits_to_go", "sound_outcome_to_go"),
        ):
            one, said = uuid7(tx.now), uuid7(tx.now)
            made[field] = outside("sound", one)
            await tx.execute(
                "insert into sound_record (id, agency_id, what, source, at, told_at, district, lat, lon)"
                " values (%(id)s, %(agency)s, 'alert', 'own', %(now)s, %(now)s, 'North', 38.63, -90.19)",
                id=one,
                agency=tx.agency,
                now=tx.now,
            )
            if outcome is not None:
                made[outcome] = outside("sound_outcome", said)
                await tx.execute(
                    "insert into sound_outcome (id, agency_id, sound_id, state, said, evidence, victims, cause, recorded_by, recorded_at)"
                    " values (%(id)s, %(agency)s, %(sound)s, 'waits', 'confirmed_false', '{witness}', 0, 'fireworks', %(by)s, %(now)s)",
                    id=said,
                    agency=tx.agency,
                    sound=one,
                    by=inside("person", person),
                    now=tx.now,
                )
    return made


def of_waiting(act: str) -> Callable[[Kitchen], Recipe]:
    """To agree with what waits, or not: each of another sound."""
    to_go = "_to_go" if act == "refuse" else ""

    def cook(kitchen: Kitchen) -> Recipe:
        of = {"sound_id": f"sound_waits{to_go}", "outcome_id": f"sound_outcome{to_go}"}
        path = {name: getattr(kitchen.things, field) for name, field in of.items()}
        return Recipe({"why": "They were shots."} if to_go else None, path=path)

    return cook


def vendors(name: str, part: str) -> Recipe:
    """A file of another vendor: to look at, or to take by its hash."""
    content = f"id,at,lat,lon,type\r\n1,2026-11-01T03:14:15Z,38.63,-90.19,{name}\r\n".encode()
    taken = {} if part else {"sha256": sha256(content).hexdigest()}
    query = {"vendor": "Raven", "form": "csv", **taken}
    return Recipe(content=content, query=query, headers={"Content-Type": "text/csv"})


OF_SOUNDS: Final[dict[str, Callable[[Kitchen], Recipe]]] = {
    "POST /sounds/misses": lambda _: Recipe(MISSED),
    "POST /sounds/imports": lambda k: vendors(k.things.name, ""),
    "POST /sounds/imports/look": lambda k: vendors(k.things.name, "/look"),
    "POST /sounds/{sound_id}/outcomes": lambda _: Recipe(SAID),
    "POST /sounds/{sound_id}/outcomes/{outcome_id}/agree": of_waiting("agree"),
    "POST /sounds/{sound_id}/outcomes/{outcome_id}/refuse": of_waiting("refuse"),
}
