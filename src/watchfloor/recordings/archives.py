"""Which archive a camera has: by what stands at its site, and within what its owner shares. It reads the registry and opens nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.address import parse
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.onvif import store as device_store
from watchfloor.cameras.onvif.kept import Lens
from watchfloor.cameras.onvif.model import DeviceAddress, device_address
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.rtsp.replay import NotReplayed
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import Site
from watchfloor.cameras.store import secrets_of
from watchfloor.cameras.vault import Vault
from watchfloor.governance.agreement import Agreement
from watchfloor.governance.agreement_store import agreements, suspensions
from watchfloor.governance.model import Ask
from watchfloor.governance.words import TechnologyKind
from watchfloor.recordings.agreed import shared
from watchfloor.recordings.archive import Archive, Has, Pictures, Stretch, within
from watchfloor.recordings.by_rtsp import ByRtsp, Reached
from watchfloor.recordings.model import GAP_SENTENCES, GapReason, us
from watchfloor.storage.tx import Tx

NOT_REGISTERED: Final = "The camera was not registered then."
BY_AGREEMENT: Final = GAP_SENTENCES[GapReason.BY_AGREEMENT]


@dataclass(frozen=True, slots=True)
class AtSite:
    """What may be had of a camera's footage at its site: from when it was registered on, and within what its owner shares.

    `dark` are the times for which its owner had suspended it.
    """

    camera: Camera
    archive: Archive
    agreement: Agreement | None
    dark: tuple[Stretch, ...] = ()

    @property
    def site(self) -> str:
        """The site's name."""
        return self.archive.site

    def open_to_us(self, begin_us: int, end_us: int) -> list[Stretch]:
        """What of that time may be asked for."""
        begin_us = max(begin_us, us(self.camera.created_at))
        if self.camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK:
            return lacking(self.dark, shared(self.agreement, begin_us, end_us))
        return [(begin_us, end_us)] if begin_us < end_us else []

    async def has(self, begin_us: int, end_us: int) -> Has:
        """What the site says that it has of what may be asked for. Raises NotReplayed."""
        may = self.open_to_us(begin_us, end_us)
        if not may:
            return Has(())
        said = await self.archive.has(may[0][0], may[-1][1])
        if said.stretches is None:
            return said
        return Has(tuple(one for a, b in may for one in within(said.stretches, a, b)), said.said)

    async def pictures(self, begin_us: int, end_us: int) -> Pictures:
        """The pictures from that moment on, until `end` or what may not be asked for. Raises NotReplayed."""
        may = next((one for one in self.open_to_us(begin_us, end_us) if one[0] <= begin_us), None)
        if may is None:
            owned = self.camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK
            raise NotReplayed(BY_AGREEMENT if owned else NOT_REGISTERED, nothing=True)
        return await self.archive.pictures(begin_us, may[1])


@dataclass(frozen=True, slots=True)
class Archives:
    """The sites as this process reaches them."""

    vault: Vault
    reached: Reached

    @classmethod
    def of(cls, cameras: Cameras) -> Archives:
        """By what cameras are reached with."""
        return cls(cameras.vault, Reached(cameras.networks, cameras.resolve, cameras.clock))

    async def at_site(self, tx: Tx, ask: Ask, camera: Camera) -> AtSite | None:
        """The camera's footage at its site, for whoever asks and why; None where it is kept here alone."""
        if camera.details.footage_kept is FootageKept.HERE:
            return None
        archive = await self.archive(tx, ask, camera)
        if archive is None:
            return None
        owned = camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK
        agreement = (await agreements(tx, [camera.id])).get(camera.id) if owned else None
        dark = await suspensions(tx, agreement.id) if agreement is not None else ()
        return AtSite(camera, archive, agreement, tuple((us(a), us(b)) for a, b in dark))

    async def archive(self, tx: Tx, ask: Ask, camera: Camera) -> Archive | None:
        """What the camera's site may have recorded of it, wherever its footage is meant to be; None where it is at none that plays."""
        site = camera.details.site_id
        found = None if site is None else await site_store.site_of(tx, site)
        # One of another kind is asked in its own way.
        if found is None or not found.plays or not found.address.startswith("rtsp"):
            return None
        return await self._by_rtsp(tx, camera, found)

    async def _by_rtsp(self, tx: Tx, camera: Camera, site: Site) -> ByRtsp:
        sealed = (await secrets_of(tx, [camera.id])).get(camera.id)
        login = self.vault.open(camera.id, sealed) if sealed is not None else None
        skew_ms = camera.said.skew_ms if camera.said is not None else None
        device, lens = await _device(tx, camera, site)
        return ByRtsp(
            camera.id, site, camera.details.channel or "", login, None if skew_ms is None else skew_ms * 1000, tx.zone,
            self.reached,
            (camera.transport, camera.certificate), device, lens,
        )  # fmt: skip


async def _device(tx: Tx, camera: Camera, site: Site) -> tuple[DeviceAddress | None, Lens]:
    """Who says what was recorded: the camera's own device where it is known, else the site's."""
    own = await device_store.device_of(tx, camera.id)
    if own is not None and own.address != site.device:
        return device_address(own.address, camera.certificate), Lens(profile=own.profile)
    if site.device is None:
        return None, Lens()
    known = (await device_store.recorders(tx, [camera.id])).get(camera.id)
    lens = Lens(source=known.source) if known and known.source else Lens(path=parse(camera.address)[0].path)
    return device_address(site.device, site.certificate), lens


def lacking(has: Sequence[Stretch], may: Sequence[Stretch]) -> list[Stretch]:
    """What of the stretches that may be asked for the site does not have. Pure."""
    left: list[Stretch] = []
    for begin, end in may:
        for a, b in within(has, begin, end):
            if a > begin:
                left.append((begin, a))
            begin = b
        if begin < end:
            left.append((begin, end))
    return left


def not_kept(site: str) -> str:
    """Why footage is missing that its site should have, and who answers for that."""
    return f"Not kept at the site: {site} has nothing of this time, and answers for it."
