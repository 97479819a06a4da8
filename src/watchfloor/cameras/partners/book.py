"""Whether a partner offers a camera, as recorders ask about each of them: one question a minute for all of a partner's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from watchfloor.cameras.address import Login
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import Offered, Partner
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError

_BELIEVED_S: Final = 50.0
_WITHIN_S: Final = 20.0
# What says that the partner is not there at all; everything else that it answers is its no.
_AWAY: Final = frozenset(
    {
        "no_answer",
        "certificate",
        "redirect",
        "too_large",
        "other_version",
        "address_refused",
        "url",
        "authority",
    }
)


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
        status, reason = offered.status
        if status is not CameraStatus.AT_SITE:
            raise NotThere(status, reason)

    def _asked(self, partner: Partner, reach: Reach, clock: Clock) -> _Known:
        with self._lock:
            known = self._known.setdefault((partner.site, partner.address, partner.login.password), _Known())
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


def _status(reason: str) -> CameraStatus:
    if reason == "login_refused":
        return CameraStatus.CREDENTIALS_REFUSED
    return CameraStatus.UNREACHABLE if reason in _AWAY else CameraStatus.NOT_AUTHORISED
