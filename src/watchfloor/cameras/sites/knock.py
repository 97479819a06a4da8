"""Asks a site for one of its streams: whether the login is taken and pictures come. It keeps nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.cameras.address import HTTPS, Login, Networks, Resolve, parse, permitted
from watchfloor.cameras.frames import Assembly, NewRun
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.register import Cameras, looked_up
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.rtsp.sdp import NoVideo
from watchfloor.cameras.rtsp.session import Place, Refused, Session
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import CHANNEL, Site, SiteEntry, channel_of, columns
from watchfloor.cameras.source import not_there
from watchfloor.cameras.state import SENTENCES, CameraStatus, NotThere
from watchfloor.cameras.stream import Format
from watchfloor.cameras.transport import TLS, Transport
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid

_OPEN_WITHIN_S: Final = 8.0
_SILENT_AFTER_S: Final = 5.0
_FIRST_PICTURE_S: Final = 12.0
_FAULTS: Final = (OSError, Refused, BadMessage, NoVideo, BadStream)
_NEXT: Final = {
    CameraStatus.CREDENTIALS_REFUSED: "Check name and password. After several wrong ones many recorders lock for some minutes.",
    CameraStatus.CERTIFICATE_REFUSED: "Compare it with what its own page shows, and enter it as the site’s certificate.",
    CameraStatus.UNREACHABLE: "Check the address, the port, the path and the channel, and the way from this machine to its network.",
    CameraStatus.SILENT: "Its camera may be off or not connected to it: try another channel.",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a channel: pictures of this size, in this form."""

    channel: str
    width: int
    height: int
    mime: str


async def knock(
    cameras: Cameras, actor: Actor, entry: SiteEntry, channel: str, *, site: UUID | None = None
) -> Answered:
    """Try a site's stream of a channel, by the login that was typed, else by the one that is kept of `site` where it is at the
    same address. Raises Invalid with what is wrong, or Refused."""
    fields, _, address = columns(entry)
    channel = channel_of(channel)
    login, kept = await _kept(cameras, actor, entry, site, channel)
    await looked_up(cameras, address, "address")
    own = None if kept is None else kept.told.get(channel)
    stream = own.stream if own is not None else str(fields["stream"]).replace(CHANNEL, channel)
    url = f"{fields['address']}{stream}"
    transport, certificate = Transport(str(fields["transport"])), fields["certificate"]
    carried = transport, None if certificate is None else str(certificate)

    def look() -> Format:
        return _looked(place_of(url, login, cameras.networks, cameras.resolve, carried), cameras.clock)

    try:
        found = await asyncio.to_thread(look)
    except NotThere as error:
        raise Invalid(str(error), reason=error.status.value, next_step=_NEXT.get(error.status)) from None
    return Answered(channel, found.width, found.height, found.mime)


async def login_of(
    cameras: Cameras, actor: Actor, entry: SiteEntry, site: UUID | None, channel: str = ""
) -> Login | None:
    """The login that was typed, else the one that is kept of `site` where it is at the same address. Raises Invalid, Refused."""
    return (await _kept(cameras, actor, entry, site, channel))[0]


async def _kept(
    cameras: Cameras, actor: Actor, entry: SiteEntry, site: UUID | None, channel: str
) -> tuple[Login | None, Site | None]:
    """That login, and the site as it is kept where it is at the same address."""
    fields, login, _ = columns(entry)
    about = About("site", site) if site else About("site")
    ask = Ask(actor, Need.CAMERAS_FIND, about=about, detail={"channel": channel} if channel else {})
    async with cameras.door.open(ask) as tx:
        kept = None if site is None else await site_store.site_of(tx, site)
        if kept is None or kept.address != fields["address"]:
            return login, None
        sealed = None if login is not None else await site_store.secret_of(tx, kept.id)
    return (login if sealed is None else cameras.vault.open_of_site(kept.id, sealed)), kept


def place_of(
    url: str, login: Login | None, networks: Networks, resolve: Resolve, carried: tuple[Transport, str | None]
) -> Place:
    """Where a stream is, looked up anew and held to where cameras may be; `carried` over what, by which certificate. Raises NotThere."""
    try:
        address, _ = parse(url)
        if address.scheme == HTTPS:
            raise NotThere(CameraStatus.UNREACHABLE, "Another center is asked by its own API alone.")
        ip = permitted(address, networks, resolve(address.host, address.port))
    except OSError as error:
        raise NotThere(
            CameraStatus.UNREACHABLE, "The name in the address leads nowhere at present."
        ) from error
    except Invalid as error:
        raise NotThere(CameraStatus.UNREACHABLE, error.detail) from error
    return Place(str(address), str(ip), address.port, address.scheme == TLS, login, *carried)


def _looked(place: Place, clock: Clock) -> Format:
    """The form of the first picture. In a thread. Raises NotThere."""
    ends = clock.monotonic() + _FIRST_PICTURE_S
    playing = False
    try:
        session = Session.open(place, clock, open_within_s=_OPEN_WITHIN_S, silent_after_s=_SILENT_AFTER_S)
        playing = True
        try:
            return _first(session, clock, ends)
        finally:
            session.close()
    except _FAULTS as error:
        raise not_there(error, playing=playing) from None


def _first(session: Session, clock: Clock, ends: float) -> Format:
    assembly = Assembly(UUID(int=0), session.track.codec, session.track.sets, clock, 0)
    pictures: list[AccessUnit] | None = session.early()
    while pictures is not None and clock.monotonic() < ends:
        for picture in pictures:
            for out in assembly.take(picture.units, picture.ticks, clock.monotonic(), None):
                if isinstance(out, NewRun):
                    return out.run.format
            if assembly.failure is not None:
                raise NotThere(CameraStatus.BAD_STREAM, assembly.failure)
        pictures = session.received()
    if pictures is None:
        raise NotThere(CameraStatus.UNREACHABLE, "The camera ended the connection.")
    raise NotThere(CameraStatus.SILENT, SENTENCES[CameraStatus.SILENT])
