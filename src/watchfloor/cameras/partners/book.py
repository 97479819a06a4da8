"""Whether a partner offers a camera, as recorders ask about each of them: one question a minute for all of a partner's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from watchfloor.cameras.address import Login
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import Lent, Offered, Partner
from watchfloor.cameras.partners.session import LentPlace
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.governance.lending import OF_AUTHORISATION, REASONS
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError

_BELIEVED_S: Final = 50.0
_WITHIN_S: Final = 20.0
# A no of its rules. Every other answer may pass: a center that ends, is without its database, or lets nobody sign in for a while.
_NO_LEAVE: Final = REASONS | OF_AUTHORISATION | {"role"}


@dataclass(slots=True)
class _Known:
    """What a partner last said, and when."""

    busy: threading.Lock = field(default_factory=threading.Lock)
    at: float | None = None
    offered: Mapping[str, Offered] = field(default_factory=dict)
    fault: tuple[CameraStatus, str] | None = None


class PartnerBook:
    """What partners offer, as this process knows it. Called from threads, each of which may wait for the network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[UUID, str, str], _Known] = {}
        self._sessions = Sessions()

    def must_offer(self, camera: Camera, login: Login | None, reach: Reach, clock: Clock) -> None:
        """Raises NotThere with what the partner says of the camera, unless it is as it should be."""
        _, offered = self._offered(camera, login, reach, clock)
        status, reason = offered.status
        if status is not CameraStatus.AT_SITE:
            raise NotThere(status, reason)

    def must_lend(
        self, camera: Camera, login: Login | None, reach: Reach, clock: Clock, since: float
    ) -> tuple[LentPlace, Lent]:
        """Where a camera is taken that its partner lends to us, and under what. A no from before `since`, of the monotonic clock, is asked
        for again. Raises NotThere where it does not lend it."""
        partner, offered = self._offered(camera, login, reach, clock)
        if offered.lent is None and (self._asked(partner, reach, clock).at or 0.0) < since:
            self._forget(partner)
            partner, offered = self._offered(camera, login, reach, clock)
        if offered.lent is None:
            said = f"{partner.name} does not lend this camera to us to be recorded."
            raise NotThere(CameraStatus.NOT_LENT, said)
        ended = partial(self._forget, partner)
        return LentPlace(partner, offered.channel, reach, self._sessions, ended), offered.lent

    def _forget(self, partner: Partner) -> None:
        """It said that something is otherwise: it is asked at the next question."""
        with self._lock:
            known = self._known.get(_key(partner))
            if known is not None and known.at is not None:
                known.at -= _BELIEVED_S

    def _offered(
        self, camera: Camera, login: Login | None, reach: Reach, clock: Clock
    ) -> tuple[Partner, Offered]:
        name, site = camera.site_name or "The other center", camera.details.site_id
        if login is None or site is None:
            said = f"Nobody entered the name and password that {name} gave us."
            raise NotThere(CameraStatus.CREDENTIALS_REFUSED, said)
        parts = urlsplit(camera.address)
        partner = Partner(site, name, f"{parts.scheme}://{parts.netloc}", login)
        known = self._asked(partner, reach, clock)
        if known.fault is not None:
            raise NotThere(*known.fault)
        offered = known.offered.get(camera.details.channel or "")
        if offered is None:
            raise NotThere(CameraStatus.NOT_AUTHORISED, f"{name} does not offer this camera to us any more.")
        return partner, offered

    def _asked(self, partner: Partner, reach: Reach, clock: Clock) -> _Known:
        with self._lock:
            known = self._known.setdefault(_key(partner), _Known())
        # Whoever comes while it is being asked goes by what was known, and waits only where nothing is.
        if known.busy.acquire(blocking=known.at is None):
            try:
                if known.at is None or clock.monotonic() - known.at > _BELIEVED_S:
                    asyncio.run(self._ask(partner, reach, known))
                    known.at = clock.monotonic()
            finally:
                known.busy.release()
        return known

    async def _ask(self, partner: Partner, reach: Reach, known: _Known) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S):
                offered = await Talk(partner, reach, self._sessions).offered()
            known.offered, known.fault = {one.channel: one for one in offered}, None
        except WatchfloorError as error:
            known.fault = (_status(error.reason), error.detail)
        except TimeoutError:
            known.fault = (CameraStatus.UNREACHABLE, f"{partner.name} does not answer in time.")


def _key(partner: Partner) -> tuple[UUID, str, str]:
    return partner.site, partner.address, partner.login.password


def _status(reason: str) -> CameraStatus:
    if reason == "login_refused":
        return CameraStatus.CREDENTIALS_REFUSED
    return CameraStatus.NOT_AUTHORISED if reason in _NO_LEAVE else CameraStatus.UNREACHABLE
