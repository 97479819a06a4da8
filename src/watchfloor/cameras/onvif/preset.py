"""Presets of a camera: set where it looks now, under a name, and taken away. The device keeps them; what it says it has is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import dwelling_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.dwelling import AT_REST
from watchfloor.cameras.onvif import store
from watchfloor.cameras.onvif.aiming import marked_anew
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.model import PTZ, Preset, word
from watchfloor.cameras.onvif.probe import presets_of
from watchfloor.cameras.onvif.turn import Turner, refuse_another, told, turning_profile
from watchfloor.cameras.register import CHANGED
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound

if TYPE_CHECKING:
    from watchfloor.cameras.onvif.session import Session

_LONGEST: Final = 60


async def keep(turner: Turner, actor: Actor, camera: UUID, preset: str | None, name: str) -> None:
    """Set a preset to where the camera looks now: a new one, or (by its token) one that is there. Raises as `turn.move`."""
    name = checked_name(name)
    said = {"PresetName": name} | ({"PresetToken": preset} if preset is not None else {})
    await _change(turner, actor, camera, preset, "SetPreset", said, name)


async def remove(turner: Turner, actor: Actor, camera: UUID, preset: str) -> None:
    """Take a preset away. Raises as `turn.move`."""
    await _change(turner, actor, camera, preset, "RemovePreset", {"PresetToken": preset}, "")


async def mark(turner: Turner, actor: Actor, camera: UUID, preset: str | None, dwelling: str) -> None:
    """Mark a preset as a view of a dwelling, or (empty) of none; None: where the camera looks that nobody turned, whether it can be
    turned or not. What it is aimed at counts from now on. Raises Invalid, NotFound, Conflict, Refused.
    """
    dwelling = dwelling.strip()
    if dwelling != word(dwelling, _LONGEST):
        raise Invalid(f"A dwelling is named by at most {_LONGEST} letters, in one line.", reason="dwelling")
    about = About("camera", camera)
    said = {"preset": preset, "dwelling": dwelling}
    async with turner.cameras.door.open(
        Ask(actor, Need.PRESETS_CHANGE, about=about, detail=dict(said))
    ) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        if preset is not None:
            await turning_profile(tx, camera, preset)
        await dwelling_store.mark(tx, camera, AT_REST if preset is None else preset, dwelling)
        await marked_anew(tx, camera, dwelling)
        await effect(tx, "camera.dwelling_marked", about, detail=dict(said))
        agency = tx.agency
        tx.after_commit(lambda: turner.cameras.news(CHANGED, agency, camera))


def checked_name(name: str) -> str:
    """A name as devices take it: printable, one line. Raises Invalid."""
    name = name.strip()
    if not name or name != word(name, _LONGEST):
        raise Invalid(f"A preset has a name of at most {_LONGEST} letters, in one line.", reason="name")
    return name


async def _change(
    turner: Turner,
    actor: Actor,
    camera: UUID,
    preset: str | None,
    operation: str,
    said: Mapping[str, object],
    name: str,
) -> None:
    about = About("camera", camera)
    ask = Ask(actor, Need.PRESETS_CHANGE, about=about, detail={"preset": preset, "name": name})
    # Nobody turns it between the press and the answer: what is kept is what was seen.
    async with turner.order_of(camera):
        async with turner.cameras.door.open(ask) as tx:
            talk = await prepared(tx, turner.cameras, camera)
            profile = await turning_profile(tx, camera, preset, talk.source)
            await refuse_another(tx, actor, camera)
        found: list[Preset] = []

        async def speak(session: Session) -> None:
            await session.ask(PTZ, operation, {"ProfileToken": profile, **said})
            found.extend(presets_of(await session.ask(PTZ, "GetPresets", {"ProfileToken": profile})))

        await told(turner, talk, speak)
        async with turner.cameras.door.open(ask) as tx:
            await store.keep_presets(tx, camera, found)
            if operation == "RemovePreset" and preset is not None:
                await dwelling_store.mark(tx, camera, preset, "")
            await effect(
                tx,
                "camera.preset_set" if operation == "SetPreset" else "camera.preset_removed",
                about,
                detail={"preset": preset, "name": name},
            )
            agency = tx.agency
            tx.after_commit(lambda: turner.cameras.news(CHANGED, agency, camera))
