"""Accounts for those who try the demo, apart from the simulated people's: one for each role, opened by a one-time link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from watchfloor_sim.people import Person

ROLES: Final = (
    "analyst",
    "detective",
    "supervisor",
    "officer",
    "clerk",
    "auditor",
    "technician",
    "administrator",
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to be. Without a link they have chosen a password already."""

    id: str
    name: str
    role: str
    link: str | None = field(repr=False)
    new: bool = False


async def welcome(administrator: Person, base: str) -> Sequence[Guest]:
    """An account for each role, and a fresh link for whoever has not opened theirs."""
    known = {person["name"]: person for person in (await administrator.get("/people"))["items"]}
    return [await _guest(administrator, base, role, known.get(f"guest-{role}")) for role in ROLES]


async def _guest(administrator: Person, base: str, role: str, known: dict[str, str] | None) -> Guest:
    name = f"guest-{role}"
    if known is None:
        form = {"name": name, "full_name": f"Guest ({role})", "roles": [role]}
        made = await administrator.post("/people", form)
        return Guest(made["person"]["id"], name, role, _link(base, made["invitation"]["token"]), new=True)
    if known["state"] != "invited":
        return Guest(known["id"], name, role, None)
    again = await administrator.post(f"/people/{known['id']}/invitation")
    return Guest(known["id"], name, role, _link(base, again["token"]))


def _link(base: str, token: str) -> str:
    return f"{base}/invitation#{token}"
