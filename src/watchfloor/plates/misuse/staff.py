"""Which plates are of staff and of their households: said by each, or brought in by a supervisor or a clerk, and shown to nobody.

What is said is hashed at once; neither log nor table has a plate of it. Nobody takes a plate of their own away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.plates.misuse import store
from watchfloor.plates.misuse.fingerprints import Fingerprints
from watchfloor.plates.misuse.rules import Relation
from watchfloor.plates.misuse.store import Said
from watchfloor.plates.model import Plate
from watchfloor.storage.tx import Tx

MOST: Final = 20
MOST_ROWS: Final = 10_000
_COLUMNS: Final = ("person", "plate", "relation")
_LEAST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that was not taken: its number in the file, and why; never its plate."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a file: people and rows that were taken, and rows that were not."""

    people: int
    taken: int
    bad: Sequence[BadRow]


@dataclass(frozen=True, slots=True)
class StaffPlates:
    """What registering needs."""

    door: Door
    fingerprints: Fingerprints

    async def own(self, actor: Actor) -> Said:
        """How many plates of the asker are registered."""
        async with self.door.open(Ask(actor, Need.STAFF_PLATES_OWN)) as tx:
            return await _of(tx, actor.id)

    async def say(self, actor: Actor, plates: Mapping[str, Relation]) -> Said:
        """Register plates of one's own; with none, say that there are no more. Raises BadPlate or Invalid."""
        if len(plates) > MOST:
            raise Invalid(f"At most {MOST} plates at once.", reason="plates")
        known = {Plate.of(text).folded: relation for text, relation in plates.items()}
        async with self.door.open(Ask(actor, Need.STAFF_PLATES_OWN)) as tx:
            await self._register(tx, actor.id, known)
            return await _of(tx, actor.id)

    async def everybody(self, actor: Actor, extent: Extent) -> Cut[Said]:
        """Who said which plates are theirs, and how many; never which."""
        async with self.door.open(Ask(actor, Need.STAFF_PLATES_VIEW)) as tx:
            return await store.said(tx, extent)

    async def bring_in(self, actor: Actor, content: bytes) -> Brought:
        """Register plates from a CSV of person (sign-in name), plate, relation. Raises Invalid where it is no such table."""
        rows = list(_rows(content))
        async with self.door.open(Ask(actor, Need.STAFF_PLATES_CHANGE)) as tx:
            people = await store.people_named(tx, sorted({person for _, person, _, _ in rows}))
            bad: list[BadRow] = []
            taken: dict[UUID, dict[str, Relation]] = {}
            for number, person, plate, relation in rows:
                read = _read(people.get(person), plate, relation)
                if isinstance(read, str):
                    bad.append(BadRow(number, read))
                else:
                    who, folded, whose = read
                    taken.setdefault(who, {})[folded] = whose
            for one, plates in taken.items():
                await self._register(tx, one, plates)
            return Brought(len(taken), len(rows) - len(bad), bad)

    async def clear(self, actor: Actor, person: UUID, why: str) -> Said:
        """Forget all plates of a person, so that they are said anew. Raises NotFound, Invalid, or Refused for one's own."""
        if len(why.strip()) < _LEAST_WORDS:
            raise Invalid("Say in words why.", reason="why")
        about = About("person", person)
        async with self.door.open(
            Ask(actor, Need.STAFF_PLATES_CHANGE, about=about, detail={"why": why.strip()})
        ) as tx:
            if person == actor.id:
                raise Refused(Denied("same_person", "Nobody clears their own plates."))
            found = await _of(tx, person)
            await store.clear(tx, person)
            await effect(tx, "staff_plates.cleared", about, more={"plates": found.plates})
            return await _of(tx, person)

    async def _register(self, tx: Tx, person: UUID, plates: Mapping[str, Relation]) -> None:
        hashed = {self.fingerprints.of(tx.agency, folded): relation for folded, relation in plates.items()}
        await store.register(tx, person, hashed)
        await effect(tx, "staff_plates.said", About("person", person), more={"plates": len(hashed)})


def _read(person: UUID | None, plate: str, relation: str) -> tuple[UUID, str, Relation] | str:
    """Whose plate a row names, folded, and how it is theirs; or why it is not taken."""
    if person is None:
        return "There is nobody with this sign-in name."
    try:
        folded = Plate.of(plate).folded
    except Invalid:
        return "This is no plate."
    try:
        return person, folded, Relation(relation or Relation.OWN)
    except ValueError:
        return "The relation is own or household."


async def _of(tx: Tx, person: UUID) -> Said:
    found = (await store.said(tx, person=person)).items
    if not found:
        raise NotFound("There is no such person.")
    return sure(found[0])


def _rows(content: bytes) -> Iterator[tuple[int, str, str, str]]:
    """Number in the file, person, plate and relation of each row. Raises Invalid."""
    try:
        text = content.decode("utf-8-sig")
        read = csv.DictReader(io.StringIO(text), strict=True)
        names = [name.strip().lower() for name in read.fieldnames or ()]
        if not set(_COLUMNS[:2]) <= set(names):
            raise Invalid(
                "The file has no columns person and plate.",
                reason="columns",
                next_step="Its first row names its columns: person,plate,relation (own or household).",
            )
        read.fieldnames = names
        for number, row in enumerate(read, 2):
            if number > MOST_ROWS + 1:
                raise Invalid(f"A file has at most {MOST_ROWS} rows.", reason="rows")
            person, plate, relation = ((row.get(name) or "").strip() for name in _COLUMNS)
            if person or plate:
                yield number, person, plate, relation.lower()
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("The file is no CSV in UTF-8.", reason="file") from error
