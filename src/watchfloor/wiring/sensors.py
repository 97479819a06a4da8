"""Sensors over MQTT: who lets them in, and who takes what they send. On a bus that is not ours nobody does: they send over HTTP."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Final

from watchfloor.acoustics.admit import OUTCOMES, Admission
from watchfloor.acoustics.hear import CONSUMER, SUBJECT, Hearing
from watchfloor.acoustics.pull import Signer
from watchfloor.acoustics.take import Intake
from watchfloor.acoustics.wire import OverBus
from watchfloor.engines.keys import given
from watchfloor.engines.layout import write_private
from watchfloor.engines.nats import DOORKEEPER, ISSUER, WATCHER, secret_of
from watchfloor.identity.sign_in import Identity
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.pull_sound import Pulling
from watchfloor.kit.envelope import key_from_file
from watchfloor.storage.doorkeeper import Doorkeeper, Sharing
from watchfloor.storage.nats import Bus
from watchfloor.storage.nkeys import Issuer
from watchfloor.storage.streams import SENSORS
from watchfloor.web.counts import Figure
from watchfloor.wiring.parts import Parts

PROVIDER_OF_OTHERS: Final = "url"
SOUND_KEY: Final = "sounds.key"
"""What microphones that are asked for sound know the center by; beside it, as `.pub`, what each is given."""


def pulling(parts: Parts, alerts: Alerts) -> Pulling:
    """How microphones are asked for sound; on a bus that is not ours they are not."""
    key = parts.layout.keys / SOUND_KEY
    signer, told = Signer.of(key_from_file(key)), key.with_suffix(".pub")
    if not told.exists() or told.read_text() != signer.public + "\n":
        write_private(told, signer.public + "\n")
    ours = parts.settings.nats.provider != PROVIDER_OF_OTHERS
    return Pulling(alerts, signer, OverBus(parts.bus) if ours else None)


@dataclass
class Sensors:
    """What sensors come in by, and are heard by."""

    parts: Parts
    identity: Identity
    intake: Intake
    admission: Admission = field(init=False)
    hearing: Hearing = field(init=False)
    _kept_since: int | None = None

    def __post_init__(self) -> None:
        self.admission = Admission(self.identity, self.parts.agencies)
        self.hearing = Hearing(self.intake, self.parts.agencies)

    async def run(self) -> None:
        """Let sensors in until cancelled."""
        if self.parts.settings.nats.provider == PROVIDER_OF_OTHERS:
            return
        door, watch = await self._bus(DOORKEEPER), await self._bus(WATCHER)
        issuer = Issuer.of(self._secret(ISSUER))
        try:
            await Doorkeeper(
                door,
                watch,
                issuer,
                self.parts.clock,
                decides=self.admission.decides,
                may_stay=self.admission.may_stay,
                ready=self._ready,
                sharing=Sharing(self._waits, self.hearing.too_much),
            ).run()
        finally:
            await door.close()
            await watch.close()

    async def hear(self) -> None:
        """Take what they send until cancelled."""
        if self.parts.settings.nats.provider != PROVIDER_OF_OTHERS:
            await self.hearing.run(self.parts.bus)

    def loops(self) -> list[Coroutine[object, None, None]]:
        """Both."""
        return [self.run(), self.hear()]

    def figures(self) -> list[Figure]:
        """What became of those who tried to come in."""
        counts = self.admission.outcomes
        return [Figure("sensor_sign_ins_total", {name: float(counts[name]) for name in OUTCOMES}, "outcome")]

    async def _ready(self) -> None:
        """Nobody comes in before what they send is kept: made once, and again when the bus was away, for it may have been made anew."""
        bus = self.parts.bus
        if self._kept_since != bus.comings:
            since = bus.comings
            await bus.ensure_sensors((CONSUMER, SUBJECT))
            self._kept_since = since

    async def _waits(self) -> int:
        return (await self.parts.bus.waiting(SENSORS)).bytes

    async def _bus(self, user: str) -> Bus:
        password = self._secret(user)
        url = self.parts.endpoints.nats
        return await Bus.connect(
            url, user=user, password=password, name=user, clock=self.parts.clock, wait_s=0
        )

    def _secret(self, name: str) -> str:
        path = secret_of(self.parts.layout, name)
        return given(str(path), setting=f"password of {name} on the bus")
