"""Another vendor's alerts are brought into the ledger: looked at first, then taken as they were looked at, each once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from watchfloor.dispatch.sounds import vendor_store
from watchfloor.dispatch.sounds.model import OWN
from watchfloor.dispatch.sounds.record import Sounds
from watchfloor.dispatch.sounds.vendor import Parsed, VendorAlert, VendorForm, parsed
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.places.district import District, within
from watchfloor.places.district_store import districts

_NAME: Final = re.compile(r"[^\W_][\w .&'-]{1,39}")
_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file would bring: what it says, how many of its alerts are new, and the hash by which it is taken."""

    vendor: str
    parsed: Parsed
    new: int
    sha256: str


async def look(parts: Sounds, actor: Actor, vendor: str, data: bytes, form: VendorForm) -> Looked:
    """Look at a file of a vendor; nothing is kept. Raises Invalid."""
    name = _vendor(vendor)
    async with parts.door.open(Ask(actor, Need.SOUNDS_IMPORT)) as tx:
        # Asked before working, as for other files.
        said = await asyncio.to_thread(parsed, data, form, tx.zone, now=tx.now)
        known = await vendor_store.known(tx, name, [one.ref for one in said.alerts])
    return Looked(name, said, len(said.alerts) - len(known), sha256(data).hexdigest())


async def bring(
    parts: Sounds, actor: Actor, vendor: str, data: bytes, form: VendorForm, looked_at: str
) -> Looked:
    """Take the alerts of a file that was looked at; those that are kept stay as they are.

    Raises Invalid, or Conflict where it is another file than that.
    """
    name = _vendor(vendor)
    digest = sha256(data).hexdigest()
    if digest != looked_at:
        raise Conflict(
            "It is another file than the one that was looked at.",
            reason="sha256",
            next_step="Look at it first.",
        )
    async with parts.door.open(Ask(actor, Need.SOUNDS_IMPORT)) as tx:
        said = await asyncio.to_thread(parsed, data, form, tx.zone, now=tx.now)
        areas = await districts(tx)
        new = 0
        for begins in range(0, len(said.alerts), _AT_ONCE):
            some = said.alerts[begins : begins + _AT_ONCE]
            new += await vendor_store.insert(tx, name, some, await asyncio.to_thread(_districts, areas, some))
        more: dict[str, Json] = {"vendor": name, "new": new, "refused": len(said.bad), "sha256": digest}
        await effect(tx, "sounds.brought_in", About("agency", tx.agency), more=more)
    return Looked(name, said, new, digest)


def _districts(areas: Sequence[District], alerts: Sequence[VendorAlert]) -> list[str | None]:
    """The city's own district of each; what the file calls it only where the city's are not known here."""
    return [within(areas, one.place) if areas else one.area for one in alerts]


def _vendor(name: str) -> str:
    said = " ".join(name.split())
    if _NAME.fullmatch(said) is None or said.lower() == OWN:
        raise Invalid(
            "Say whose alerts they are: a name of 2 to 40 letters and digits, not “own”.", reason="vendor"
        )
    return said
