"""Sound that is pulled of an alert: microphones that answer as our own program does, and what a person gets of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import numpy as np
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.sensor.sounds import RATE, sixteen, street
from watchfloor.acoustics.pull import Clip, NoClip, Signer, answer
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.journal import Journal
from watchfloor_sensor.pull import Heard
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.timing import Recorded

if TYPE_CHECKING:
    from tests.incidents.listening import City

SIGNER = Signer.of(b"the secret of this center")
_PULSES: LiteralString = "select key, at from pulse where microphone_id = %s"


class Roof(Ears):
    """Ears that have heard the minute before now, and what the center has of their pulses."""

    def __init__(self, began: datetime, pulses: Callable[[], dict[str, datetime]]) -> None:
        super().__init__(RATE, Recorded(RATE, began, 1.0), full_scale_db=120.0)
        self._began, self._pulses = began, pulses
        self.wave = sixteen(street(60.0))
        self.ring.put(self.wave)

    def heard(self) -> dict[str, Heard]:
        """What it sent."""
        return {
            key: Heard(at, round((at - self._began).total_seconds() * RATE))
            for key, at in self._pulses().items()
        }


@dataclass
class Roofs:
    """The microphones of a city. `away` says nothing, `lies` sends sound of another time, of `cut` the bus is away; `ahead`: their clocks,
    and what they remember, are so much later."""

    dsn: str
    folder: Path
    away: set[str] = field(default_factory=set)
    lies: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    ahead: timedelta = timedelta(0)
    roofs: dict[str, tuple[Roof, Pulls]] = field(default_factory=dict)

    async def ask(self, microphone: str, pull: str, payload: bytes) -> Clip | NoClip | None:
        """As over the bus."""
        if microphone in self.cut:
            raise Unavailable("The bus is away.", reason="bus")
        if microphone in self.away:
            return None
        if microphone not in self.roofs:
            self.roofs[microphone] = self._begun(microphone)
        said = answer(self.roofs[microphone][1].answer(payload), by=microphone)
        assert said.pull == pull
        if microphone in self.lies and isinstance(said, Clip):
            return replace(said, begins=said.begins - timedelta(milliseconds=6))
        return said

    def journal(self, microphone: str) -> list[dict[str, Any]]:
        """What it wrote down."""
        lines = (self.folder / f"{microphone}.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def _begun(self, microphone: str) -> tuple[Roof, Pulls]:
        def pulses() -> dict[str, datetime]:
            with psycopg.connect(self.dsn) as owner:
                return dict(owner.execute(_PULSES, (inside("microphone", microphone),)).fetchall())

        def now() -> datetime:
            return datetime.now(UTC) + self.ahead  # noqa: TID251 -- a board's clock is its own

        roof = Roof(now() - self.ahead - timedelta(seconds=60), pulses)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(SIGNER.public))
        return roof, Pulls(microphone, roof, key, Journal(self.folder / f"{microphone}.jsonl"), now)


async def sound_is_pulled(city: City, roofs: Roofs, alert: dict[str, Any]) -> None:
    """Not under an authorisation without sound; under one with it, from who heard it, and what each microphone makes of it."""
    heard = alert["sound"]["sources"][0]["heard"]
    path = f"/api/v1/alerts/{alert['id']}/sound-clips"
    analyst, technician = await city.web.person("analyst"), await city.web.person("technician")
    silent = await analyst.post(path, json={"microphone": heard[0]})
    assert silent.json()["reason"] == "no_sound" and not roofs.roofs, "it never heard of it"
    await city.web.kept_refusal(silent)
    later = rfc3339(city.web.parts.clock.now() + timedelta(days=366))
    await city.stands(audio=True, keep_by_class={"sound_clip": 3}, area=_around(alert), expires_at=later)
    beside = await analyst.post(path, json={"microphone": heard[0]})
    assert beside.json()["reason"] == "no_sound" and not roofs.roofs, "nor where the sound alone may be heard"
    await city.stands(audio=True, keep_by_class={"sound_clip": 7})
    assert (await technician.post(path, json={"microphone": heard[0]})).json()["reason"] == "role"
    roofs.away.add(heard[1])
    clips = [await analyst.post(path, json={"microphone": one}) for one in heard[:2]]
    clip, nothing = (one.json() for one in clips)
    assert (clips[0].status_code, clip["state"], nothing["state"]) == (201, "clip", "silent"), clips[0].text
    roofs.ahead = timedelta(minutes=1)
    late = (await analyst.post(path, json={"microphone": heard[2]})).json()
    assert (late["state"], late["reason"]) == ("clip", None) and late["audio"], "a clock may be off a little"
    roofs.ahead = timedelta(minutes=9)
    stale = (await analyst.post(path, json={"microphone": heard[3]})).json()
    assert (stale["state"], stale["reason"], stale["audio"]) == ("refused", "stale", None)
    assert stale["detail"] == "The request is not of this moment."
    await _is_not_believed(city, roofs, path, heard)
    deaf = await technician.post(
        "/api/v1/microphones",
        json={"name": "deaf", "lat": 38.6, "lon": -90.2, "error_m": 2, "clock_bound_ms": 1},
    )
    never = await analyst.post(path, json={"microphone": deaf.json()["id"]})
    assert (never.status_code, never.json()["reason"]) == (409, "not_heard_there")
    await _is_heard_and_drawn(city, roofs, alert, clip)


def _around(alert: dict[str, Any]) -> list[list[float]]:
    """An area of some forty metres: of the sound, and of no microphone."""
    source, far = alert["sound"]["sources"][0], 2e-4
    corners = ((-far, -far), (-far, far), (far, far), (far, -far))
    return [[source["lat"] + north, source["lon"] + east] for north, east in corners]


async def _is_not_believed(city: City, roofs: Roofs, path: str, heard: list[str]) -> None:
    """Sound of another time is kept as none; where nobody could be asked, that is said, and not that the microphone is silent."""
    roofs.ahead = timedelta(0)
    liar, cut = heard[-1], heard[-2]
    assert liar not in heard[:4] and cut not in heard[:4]
    roofs.lies.add(liar)
    roofs.cut.add(cut)
    for one, why in ((liar, "another_time"), (cut, "not_asked")):
        said = (await (await city.web.person("analyst")).post(path, json={"microphone": one})).json()
        assert (said["state"], said["reason"], said["audio"]) == ("refused", why, None)
    assert len(roofs.journal(liar)) == 1 and cut not in roofs.roofs


async def _is_heard_and_drawn(city: City, roofs: Roofs, alert: dict[str, Any], clip: dict[str, Any]) -> None:
    analyst, path = await city.web.person("analyst"), f"/api/v1/alerts/{alert['id']}/sound-clips"
    (line,) = roofs.journal(clip["microphone"]["id"])
    sound = await analyst.get(clip["audio"])
    assert (sound.headers["content-type"], sound.headers["cache-control"]) == ("audio/wav", "no-store")
    assert (
        np.frombuffer(sound.content[44:], "<i2").tobytes()
        in roofs.roofs[clip["microphone"]["id"]][0].wave.tobytes()
    )
    assert len(sound.content) == 44 + 2 * 3 * RATE
    shown = (await analyst.get(clip["spectrogram"])).json()
    assert len(shown["bands"]) == len(shown["hertz"]) == 48
    assert {len(row) for row in shown["bands"]} == {len(shown["loudness"])} and shown["step_s"] < 0.02
    listed = (await analyst.get(path)).json()["items"]
    assert [one["state"] for one in listed] == ["clip", "silent", "clip", *["refused"] * 3]
    assert "samples" not in str(listed) and listed[0]["asked_by"]["name"]
    # What the roof wrote down is in the log, and the other way round.
    entries = city.rows("select id from audit_entry where reason = 'sound.asked'")
    assert _entry(line["log_entry"]) in {row[0] for row in entries} and len(entries) == 6
    deeds = city.rows(
        "select reason from audit_entry where reason like 'sound.%' and reason <> 'sound.asked'"
    )
    assert (
        sorted(row[0] for row in deeds)
        == ["sound.clip_came"] * 2 + ["sound.clip_heard"] * 2 + ["sound.no_clip"] * 4
    )
    await _is_kept_and_heard_as_both_authorisations_say(city, line["authorisation"], clip)
    city.rows("update sound_clip set erase_after = now() - interval '1 s' returning id")
    assert (await analyst.get(path)).json()["items"] == []
    assert (await analyst.get(clip["audio"])).status_code == 404, "though the sweep be late"


async def _is_kept_and_heard_as_both_authorisations_say(city: City, named: str, clip: dict[str, Any]) -> None:
    ((days, under),) = city.rows(
        "select distinct round(extract(epoch from erase_after - asked_at) / 86400), authorisation_id from sound_clip"
    )
    assert days == 3, "the shorter of what both authorisations say of sound"
    assert inside("authorisation", named) == under, "the one of where the microphone hangs"
    analyst, supervisor = await city.web.person("analyst"), await city.web.person("supervisor")
    await supervisor.post(f"/api/v1/authorisations/{named}/suspend", json={"reason": "the council asked"})
    await city.web.parts.door.look_now(city.web.parts.agency)
    for way in (clip["audio"], clip["spectrogram"]):
        assert (await analyst.get(way)).json()["reason"] == "no_sound", (
            "sound is heard while it is authorised"
        )


def _entry(text: str) -> object:
    return inside("entry", text)
