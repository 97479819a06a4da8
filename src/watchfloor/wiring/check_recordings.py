"""`watchfloor check --recordings` as one types it: storage and index of footage side by side, told as sentences or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.recordings.check import PROCESS, Check, Tally, Teller, Wish, ask
from watchfloor.recordings.compare import SENTENCES, Found, Wrong
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.settings import Settings
from watchfloor.storage.database import Database
from watchfloor.storage.disks import objects_of

# Exit statuses: all agrees; something is wrong; it could not be looked at to the end.
WELL, WRONG, NOT_ALL = 0, 1, 3
_TOLD_EACH: Final = 20
_GB: Final = 1e9


@dataclass(slots=True)
class Terminal:
    """What a person at the terminal, or their program, is told as it comes."""

    as_json: bool
    line: Callable[[str], None]
    progress: Callable[[str], None]
    names: dict[UUID, str] = field(default_factory=dict)
    told: Counter[Wrong] = field(default_factory=Counter)

    def found(self, found: Found) -> None:
        """One thing that is wrong, or was put back; of many of a kind a person is told the first."""
        self.told[found.what] += 1
        if self.as_json:
            self.line(json.dumps(self._as_dict(found)))
        elif self.told[found.what] <= _TOLD_EACH:
            self.line(self._sentence(found))
        elif self.told[found.what] == _TOLD_EACH + 1:
            self.line(f"{found.what.value}: further ones are counted at the end; --json tells each.")

    def day(self, rule: int, day: date, tally: Tally) -> None:
        """A day is done."""
        if self.as_json:
            return
        wrong = sum(tally.wrong.values())
        said = (
            f"{day} (rule {rule}): {tally.files:,} files, {tally.bytes / _GB:,.1f} GB so far, {wrong:,} wrong"
        )
        self.progress(said)

    def end(self, tally: Tally, wish: Wish, *, broke_off: str = "") -> None:
        """What it comes to."""
        if self.as_json:
            counts = {what.value: count for what, count in sorted(tally.wrong.items())}
            done = {"days": tally.days, "files": tally.files, "bytes": tally.bytes, "rows": tally.rows}
            done |= {"waiting": tally.waiting, "restored": tally.restored}
            self.line(json.dumps({"summary": done, "wrong": counts, "broke_off": broke_off or None}))
            return
        for what, count in sorted(tally.wrong.items()):
            is_, means, do = SENTENCES[what]
            self.line(f"\n{count:,} x {what.value}: {is_}\n  {means}\n  -> {do}")
        for sentence in _ending(tally, wish, broke_off):
            self.line(sentence)

    def _sentence(self, found: Found) -> str:
        of = f" of {self.names.get(found.camera, 'a camera that was removed')}" if found.camera else ""
        detail = f" ({found.detail})" if found.detail else ""
        return f"{'put back' if found.restored else found.what.value}{of}: {found.where}{detail}"

    def _as_dict(self, found: Found) -> dict[str, object]:
        return {
            "what": found.what.value,
            "where": found.where,
            "camera": outside("camera", found.camera) if found.camera else None,
            "day": found.day.isoformat() if found.day else None,
            "detail": found.detail or None,
            "restored": found.restored,
        }


def _ending(tally: Tally, wish: Wish, broke_off: str) -> list[str]:
    read = "every file read" if wish.deep else "by name and size; --deep reads every file"
    said = [
        f"{tally.days:,} days, {tally.files:,} files ({tally.bytes / _GB:,.1f} GB), {tally.rows:,} rows: {read}."
    ]
    if tally.waiting:
        said.append(f"{tally.waiting:,} files are on their way into the index.")
    if tally.restored:
        said.append(f"{tally.restored:,} rows were put back; the log has an entry for each camera's day.")
    if broke_off:
        return [*said, f"Not everything was looked at: {broke_off}"]
    return said if tally.wrong else [*said, "Storage and index agree."]


async def check_recordings(settings: Settings, clock: Clock, terminal: Terminal, wish: Wish) -> int:
    """Look, tell, and give the exit status. Raises Unavailable when the center does not run."""
    endpoints = Endpoints.read(settings.data)
    key = endpoints.layout.keys / "footage.key"
    if not key.exists():
        raise Unavailable(
            f"{key} is not there.",
            next_step="Put the keys back from their backup; without them nothing opens.",
        )
    database = await Database.connect(
        endpoints.dsn("wf_app"), role="wf_app", max_size=2, clock=clock, wait_s=3.0, process=PROCESS
    )
    objects = objects_of(settings.objects, endpoints.layout.objects)
    keystore = Keystore(endpoints.layout.keystore, load_wrapping_key(key))
    teller = Teller(terminal.found, terminal.day)
    try:
        door = Door(database, clock, DoorRules({}, identity_store.why_ended, second_factor_required=False))
        spool = endpoints.layout.spool / "footage"
        looking = Check(door, objects, keystore, spool, teller, wish=wish, began=clock.now())
        return await look(door, looking, terminal, wish)
    finally:
        await database.close()


async def look(door: Door, looking: Check, terminal: Terminal, wish: Wish) -> int:
    """Run a check that is made; whatever stops it half way, what was found is told."""
    try:
        async with door.open(Ask(process_actor(NO_AGENCY, PROCESS), Need.SESSION_LOOK_UP)) as tx:
            agencies = await identity_store.agencies(tx)
        for agency in agencies:
            async with door.open(ask(agency)) as tx:
                terminal.names |= {one.id: one.name for one in (await camera_store.cameras(tx)).items}
        tally = await looking.run(agencies)
    except WatchfloorError as error:
        terminal.end(looking.tally, wish, broke_off=error.detail)
        return NOT_ALL
    terminal.end(tally, wish)
    return WRONG if tally.wrong else WELL


def wish(*, deep: bool, rebuild: bool, day: str | None, camera: str | None) -> Wish:
    """What was typed. Raises Invalid for a day or camera that is none."""
    try:
        of = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise Invalid(f"--day: {day} is no day; write it as 2026-11-22.") from error
    return Wish(deep, rebuild, of, inside("camera", camera) if camera else None)
