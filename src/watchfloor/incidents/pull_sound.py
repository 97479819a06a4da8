"""A person pulls a few seconds of a located sound from a microphone that heard it, and hears them. The microphone itself may say no.

What is asked is written in the log before the microphone hears of it, and told to it: it keeps the same in its own journal. A clip may hold
speech: it is of a class of its own, goes with what the authorisations say of sound, is heard while they stand, and each time is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.acoustics import microphone_store, pulse_store
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.pull import Asked, Clip, NoClip, Signer, believed
from watchfloor.acoustics.registry import KIND as MICROPHONE
from watchfloor.acoustics.wire import Wire
from watchfloor.governance import store as governance_store
from watchfloor.governance.audit import effect
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Allowed, Ask, Authorisation, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.incidents import alert_store, clip_store, in_hand
from watchfloor.incidents.clip import AFTER, BEFORE, Around, NotHeardThere, SoundClip, SoundClipId, around
from watchfloor.incidents.in_hand import Alerts, OtherKind
from watchfloor.incidents.sound import Sound
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.storage.classes import DataClass
from watchfloor.storage.tx import Tx

KIND: Final = "sound_clip"
# The way of a sound is some seconds at most; a pulse is sought so long after its round.
_WAY: Final = timedelta(seconds=30)
_NOT_ASKED: Final = NoClip(
    None, "not_asked", "The bus was away: the microphone was not asked. Ask again once it is back."
)

_log = logger("incidents")


@dataclass(frozen=True, slots=True)
class Pulling:
    """What pulling needs: alerts, the key that microphones know, and the way to them, where there is one."""

    alerts: Alerts
    signer: Signer
    wire: Wire | None


class NotReached(Unavailable):
    """On a bus of others microphones send over HTTP, where nobody asks them anything."""

    def __init__(self) -> None:
        super().__init__(
            "Microphones cannot be asked from here: the bus is not this center's own.", reason="not_reached"
        )


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled of an alert, and the names of who asked and of the microphones."""

    clips: Sequence[SoundClip]
    people: Mapping[UUID, str]
    microphones: Mapping[MicrophoneId, str]


async def pull(pulling: Pulling, actor: Actor, alert: UUID, microphone: MicrophoneId) -> Pulled:
    """Ask a microphone for the sound around its first pulse of what is located. Raises Refused without an authorisation of sound there
    and where the microphone is, NotHeardThere, OtherKind, NotFound or Unavailable."""
    ask = await _ask(pulling.alerts, actor, alert, Need.SOUND_PULL)
    async with pulling.alerts.door.open(ask) as tx:
        if pulling.wire is None:
            raise NotReached()
        clip, what = await _asked(tx, ask, alert, microphone)
    said = await _said(pulling.wire, what, pulling.signer.signed(what))
    async with pulling.alerts.door.open(ask) as tx:
        await clip_store.answered(tx, clip.id, said)
        more: dict[str, Json] = {"clip": str(clip.id), "microphone": str(microphone)}
        if isinstance(said, Clip):
            await effect(tx, "sound.clip_came", About("alert", alert), more=more | {"sha256": said.sha256})
        else:
            why = said.reason if isinstance(said, NoClip) else "silent"
            await effect(tx, "sound.no_clip", About("alert", alert), more=more | {"why": why})
        found = await clip_store.clip(tx, alert, clip.id)
        if found is None:
            raise NotFound("The alert is past its retention.")
        return await _named(tx, [found])


async def pulled(alerts: Alerts, actor: Actor, alert: UUID) -> Pulled:
    """What was pulled of an alert, without the sound. Raises NotFound, OtherKind or Refused."""
    async with alerts.door.open(await _ask(alerts, actor, alert, Need.SOUND_HEAR)) as tx:
        await _of_sound(tx, alert)
        return await _named(tx, await clip_store.clips_of(tx, alert))


async def heard(alerts: Alerts, actor: Actor, alert: UUID, clip: UUID) -> SoundClip:
    """A clip with its sound. Raises NotFound where there is none, or none came; or Refused, also where sound is authorised no more."""
    ask = await _ask(alerts, actor, alert, Need.SOUND_HEAR)
    async with alerts.door.open(ask) as tx:
        known = next((one for one in await clip_store.clips_of(tx, alert) if one.id == clip), None)
        if known is not None:
            await _with_sound(tx, ask, known.microphone)
        found = await clip_store.clip(tx, alert, clip)
        if found is None or found.samples is None:
            raise NotFound("There is no such clip, or it is past its retention.")
        await effect(tx, "sound.clip_heard", About("alert", alert), more={"clip": str(clip)})
        return found


async def _ask(alerts: Alerts, actor: Actor, alert: UUID, need: Need) -> Ask:
    known = await in_hand.look(alerts, actor, alert)
    about = About("alert", alert)
    return Ask(actor, need, about=about, technology=known.technology, place=known.spot.point)


async def _of_sound(tx: Tx, alert: UUID) -> Sound:
    """What is located. Raises NotFound or OtherKind."""
    found = await alert_store.alert_of(tx, alert)
    if found is None:
        raise NotFound("There is no such alert.")
    if found.sound is None:
        raise OtherKind(of_sound=False)
    return found.sound


async def _asked(tx: Tx, ask: Ask, alert: UUID, microphone: MicrophoneId) -> tuple[SoundClip, Asked]:
    """Keep that it is asked for, and what the microphone is told."""
    if await microphone_store.microphone(tx, microphone) is None:
        raise NotFound("There is no such microphone.")
    sound = await _of_sound(tx, alert)
    authorisation, keep_for = await _with_sound(tx, ask, microphone)
    what = around(sound, microphone)
    fired = what.source.located
    at = await pulse_store.came_at(
        tx, microphone, what.key, begins=fired.at - BEFORE, ends=fired.until + _WAY
    )
    if at is None:
        raise NotHeardThere("The pulse that this microphone had of it is not kept any more.")
    id = SoundClipId(uuid7(tx.now))
    entry = await effect(
        tx, "sound.asked", About("alert", alert), more={"clip": str(id), "microphone": str(microphone)}
    )
    clip = SoundClip(
        id,
        alert,
        what.source.id,
        microphone,
        authorisation.id,
        entry,
        tx.actor,
        tx.now,
        at - BEFORE,
        at + AFTER,
        tx.now + keep_for,
    )
    await clip_store.insert(tx, clip)
    return clip, _told(clip, what, alert)


def _told(clip: SoundClip, what: Around, alert: UUID) -> Asked:
    """What the microphone is told, ids as they are outside."""
    return Asked(
        pull=outside(KIND, clip.id),
        microphone=outside(MICROPHONE, clip.microphone),
        incident=outside("alert", alert),
        heard_by=tuple((outside(MICROPHONE, who), key) for who, key in what.heard_by),
        begins=clip.begins,
        ends=clip.ends,
        authorisation=outside("authorisation", clip.authorisation),
        log_entry=outside("entry", clip.entry),
        asked_at=clip.asked_at,
    )


async def _said(wire: Wire, what: Asked, payload: bytes) -> Clip | NoClip | None:
    """What it answers, as far as that is believed; a no of the center's own where it could not even be asked."""
    try:
        said = await wire.ask(what.microphone, what.pull, payload)
    except Unavailable as error:
        _log.warning("a microphone could not be asked", microphone=what.microphone, why=error.detail)
        return _NOT_ASKED
    held = believed(what, said)
    if held is not said:
        _log.warning("a microphone answered with another sound", microphone=what.microphone, pull=what.pull)
    return held


async def _with_sound(tx: Tx, ask: Ask, microphone: MicrophoneId) -> tuple[Authorisation, timedelta]:
    """The authorisation with sound where this microphone hears, and how long a clip is kept: the shorter of what that one says and of
    what the one at the place of the sound says. The door let this in under one of the array, which may be without sound. Raises Refused."""
    hears = await microphone_store.microphone(tx, microphone)
    found = await governance_store.authorisations(tx, [TechnologyKind.ACOUSTIC_ARRAY.value])
    facts = Facts([one for one in found if one.audio], None, second_factor_required=False, zone=tx.zone)
    asked = replace(ask, technology=TechnologyKind.ACOUSTIC_ARRAY)
    there = authorised(asked, facts, now=tx.now)
    # What is recorded is what is said where the microphone hangs, however far away the sound was.
    here = authorised(replace(asked, place=hears.spot.point if hears else None), facts, now=tx.now)
    both = [one.authorisation for one in (here, there) if isinstance(one, Allowed) and one.authorisation]
    if len(both) == 2:
        return both[0], min(one.keeping(DataClass.SOUND_CLIP).keep_for for one in both)
    raise Refused(
        Denied(
            "no_sound",
            "No authorisation of the acoustic array with sound is in force at the sound and at the microphone.",
            next_step="The approving bodies decide; a clerk can propose one with sound.",
        )
    )


async def _named(tx: Tx, clips: Sequence[SoundClip]) -> Pulled:
    people = await names_of(tx, sorted({one.asked_by for one in clips}))
    return Pulled(clips, people, await microphone_store.names_of(tx, [one.microphone for one in clips]))
