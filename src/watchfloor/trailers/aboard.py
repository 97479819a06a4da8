"""What a trailer carries goes where it goes: its cameras and plate readers, each with the heading it has on it.

It says nowhere that something may be recorded there: the door does, and asks anew where the answer may have changed.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from watchfloor.cameras import carried_store as cameras
from watchfloor.cameras import dwelling_store
from watchfloor.cameras.register import CHANGED as CAMERA_CHANGED
from watchfloor.governance import store as governance
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.model import About, Allowed, Ask, Authorisation, Denied
from watchfloor.governance.moving import leave_changes
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point, distance_m
from watchfloor.plates import carried_store as readers
from watchfloor.storage.tx import Tx
from watchfloor.trailers.model import STEP_M, Trailer, heading_of
from watchfloor.trailers.parts import News

# What stands on a trailer, and so is judged by where that stands.
TECHNOLOGIES = (
    TechnologyKind.MOBILE_TRAILER.value,
    TechnologyKind.PLATE_READER.value,
    TechnologyKind.PLATE_READING_ON_VIDEO.value,
)


UNDER_WAY: Final = "on its way"
MOVED: Final = "moved without a placement"


async def follow(tx: Tx, news: News, trailer: Trailer, place: Point) -> bool:
    """On its way what it carries follows it, in steps, each thing by where it stands: one put aboard meanwhile stands elsewhere."""
    stand = [
        *(await cameras.places(tx, list(await cameras.offsets_of(tx, trailer.id)))).values(),
        *(await readers.places(tx, list(await readers.on_trailer(tx, trailer.id)))).values(),
    ]
    if all(distance_m(one, place) < STEP_M for one in stand):
        return False
    # Where nobody placed it nobody knows which way it looks.
    word = MOVED if trailer.told.moved_at is not None else UNDER_WAY
    await move_all(tx, news, trailer, words(word, trailer.name), place, None)
    return True


def words(word: str, of: str) -> str:
    """Where something stands, as a person reads it."""
    return f"{word}: {of}"[:200]


async def move_all(
    tx: Tx, news: News, trailer: Trailer, text: str, place: Point, heading_deg: float | None
) -> None:
    """Everything on the trailer stands here from now on. Without a heading nobody knows where its cameras look."""
    own = await cameras.offsets_of(tx, trailer.id)
    were = await cameras.places(tx, list(own))
    stood = [trailer.place, *were.values()]
    await _unmark(tx, [id for id, was in were.items() if distance_m(was, place) > STEP_M])
    await cameras.move(tx, [cameras.Move(id, text, place, _looks(heading_deg, own[id])) for id in own])
    read = await readers.on_trailer(tx, trailer.id)
    stood += (await readers.places(tx, list(read))).values()
    await readers.move(tx, [readers.Move(id, text, place, _looks(heading_deg, read[id])) for id in read])
    approved = await governance.authorisations(tx, TECHNOLOGIES)
    if any(leave_changes(approved, before, place) for before in stood):
        # Whoever records, reads or watches is asked anew at once, and not when a lease or a look ends.
        await governance.raise_policy_version(tx)
    agency = tx.agency
    for camera in own:
        tell_of(tx, news, agency, camera)


async def _unmark(tx: Tx, moved: list[UUID]) -> None:
    """What these looked at as they stood they look at no more; a pin put right by some metres takes no mark away."""
    for camera in await dwelling_store.carried_off(tx, moved):
        said = {"preset": None, "dwelling": ""}
        await effect(tx, "camera.dwelling_marked", About("camera", camera), detail=dict(said))


def tell_of(tx: Tx, news: News, agency: UUID, camera: UUID) -> None:
    """News of a camera, once this is committed."""
    tx.after_commit(lambda: news(CAMERA_CHANGED, agency, camera))


async def leave_there(tx: Tx, place: Point) -> Allowed | Denied:
    """Whether a trailer's cameras may be recorded at a place, as the recorder would be answered."""
    approved = await governance.authorisations(tx, [TechnologyKind.MOBILE_TRAILER.value])
    return leave_under(approved, tx, place)


def leave_under(approved: list[Authorisation], tx: Tx, place: Point) -> Allowed | Denied:
    """The same, of authorisations that are at hand."""
    ask = Ask(
        process_actor(tx.agency, "record"), Need.CAMERA_RECORD, None, About("camera"), TechnologyKind.MOBILE_TRAILER, place
    )  # fmt: skip
    return authorised(ask, Facts(approved, None, False, zone=tx.zone), now=tx.now)


def _looks(heading_deg: float | None, offset_deg: float | None) -> float | None:
    return None if heading_deg is None else heading_of(heading_deg, offset_deg)
