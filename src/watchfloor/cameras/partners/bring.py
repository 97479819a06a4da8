"""What a partner offers is looked at, brought into the registry and refreshed: a use case each. Only what is chosen is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from watchfloor.cameras import register, store
from watchfloor.cameras.details import Details, FootageKept
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import partner_at
from watchfloor.cameras.partners.model import (
    Offered,
    OfferVerdict,
    Partner,
    called,
    kept_alone,
    line,
    other_version,
    same_word,
)
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk
from watchfloor.cameras.register import Cameras, Entry, at_site
from watchfloor.cameras.sites import keep, knock
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import Site, SiteEntry, SiteKind, columns
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Offer:
    """A camera that is offered, or was: what it is called here, what it is to the registry, and the camera of ours where there is one."""

    channel: str
    name: str
    verdict: OfferVerdict
    place_text: str
    word: str
    camera: UUID | None = None
    lent_until: datetime | None = None
    """Until when its center lets us record it; None where it does not."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A partner that was tried: what its center is called, and how many cameras it offers us."""

    center: str
    cameras: int


class _Agency(msgspec.Struct, frozen=True):
    name: str


class _Session(msgspec.Struct, frozen=True):
    agency: _Agency


@dataclass(frozen=True, slots=True)
class Partners:
    """What the use cases need beside the cameras': the sessions of this process at partners."""

    cameras: Cameras
    sessions: Sessions

    @property
    def reach(self) -> Reach:
        """Where partners may be."""
        return Reach(self.cameras.networks, self.cameras.resolve)


async def attempt(partners: Partners, actor: Actor, entry: SiteEntry, site: UUID | None) -> Answered:
    """Try a partner by the login that was typed, else by the one that is kept. Raises Invalid with what is wrong, or Refused."""
    fields, _, address = columns(entry)
    login = await knock.login_of(partners.cameras, actor, entry, site)
    if login is None:
        raise Invalid("Another center is asked by the name and password that it gave us.", reason="user")
    await register.looked_up(partners.cameras, address, "address")
    partner = Partner(site or UUID(int=0), "The other center", str(fields["address"]), login)
    # A session of its own: the login that was typed is tried, and is kept by nobody yet.
    talk = Talk(partner, partners.reach, Sessions())
    try:
        await talk.sign_in()
        center = _center(await talk.asks("/session", {}))
        return Answered(center, len(await talk.offered()))
    except WatchfloorError as error:
        raise Invalid(error.detail, reason=error.reason, next_step=error.next_step) from error


def _center(data: bytes) -> str:
    try:
        return line(msgspec.json.decode(data, type=_Session).agency.name, 80)
    except (msgspec.DecodeError, RecursionError) as error:
        raise other_version() from error


async def looked(partners: Partners, actor: Actor, site: UUID) -> list[Offer]:
    """What the partner offers, beside what we have of it. Raises NotFound, Conflict, Refused, or what the partner says."""
    _, offered = await _asked(partners, actor, site)
    async with partners.cameras.door.open(_find(actor, site)) as tx:
        found = await keep.there(tx, site)
        return [one for one, _ in await _judged(tx, found, offered)]


async def bring(partners: Partners, actor: Actor, site: UUID, channels: Sequence[str] | None) -> list[Offer]:
    """Bring in the new cameras among these (all of them without any) and refresh those that changed; what each came to. Raises as
    `looked`."""
    cameras = partners.cameras
    before, offered = await _asked(partners, actor, site)
    about = About("site", site)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about)) as tx:
        await site_store.held(tx, site)
        found = await keep.there(tx, site)
        if found.version != before.version:
            raise Conflict(
                "The site was changed meanwhile.", reason="changed", next_step="Look at its list again."
            )
        wanted = set(channels) if channels is not None else None
        done = [
            (one, entry)
            for one, entry in await _judged(tx, found, offered)
            if entry is not None
            and (one.verdict is OfferVerdict.CHANGED or wanted is None or one.channel in wanted)
        ]
        if not done:
            raise Conflict("Nothing of it is new or changed.", reason="nothing_to_do")
        for one, entry in done:
            await _kept(tx, one, entry, found)
        counts: dict[str, Json] = {
            "cameras": sum(one.verdict is OfferVerdict.NEW for one, _ in done),
            "refreshed": sum(one.verdict is OfferVerdict.CHANGED for one, _ in done),
        }
        await effect(tx, "site.cameras_added", about, more=counts)
        agency = tx.agency
        tx.after_commit(lambda: cameras.news(register.CHANGED, agency, site))
        return [one for one, _ in done]


async def _kept(tx: Tx, one: Offer, entry: Entry, site: Site) -> None:
    entry = at_site(entry, site)
    fields, _, _ = register.columns(entry, entry.url or "", None)
    if one.camera is None:
        camera, told = uuid7(tx.now), "camera.registered"
        done = await store.insert_camera(tx, camera, fields)
    else:
        camera, told = one.camera, "camera.changed"
        done = await store.update_camera(tx, camera, fields)
    if not done:
        raise Conflict(f"A camera {one.name!r} came in meanwhile.", reason="name_taken")
    await effect(tx, told, About("camera", camera), detail={"name": one.name}, more={"channel": one.channel})


async def _asked(partners: Partners, actor: Actor, site: UUID) -> tuple[Site, list[Offered]]:
    """The site, and what it offers. Not in a transaction: it waits for the partner."""
    async with partners.cameras.door.open(_find(actor, site)) as tx:
        found = await keep.there(tx, site)
        if found.kind is not SiteKind.WATCHFLOOR:
            raise Conflict(
                f"{found.name} is no other center: it offers no list of cameras.",
                reason="no_center",
                next_step="Add its cameras by their channels.",
            )
        partner = await partner_at(tx, partners.cameras.vault, found)
    return found, await Talk(partner, partners.reach, partners.sessions).offered()


def _find(actor: Actor, site: UUID) -> Ask:
    return Ask(actor, Need.CAMERAS_FIND, about=About("site", site))


async def _judged(tx: Tx, site: Site, offered: Sequence[Offered]) -> list[tuple[Offer, Entry | None]]:
    """Each camera that is offered, beside ours, with the entry that it would have; and ours that are offered no more."""
    ours = {one.details.channel or "": one for one in await store.cameras_at(tx, [site.id])}
    taken = await site_store.names_among(
        tx, [name for one in offered for name in (one.name, called(one, site.name, {one.name}))]
    )
    by_name = sorted(offered, key=lambda one: one.name)
    found = [_offer(one, ours.get(one.channel), site, taken) for one in by_name]
    there = {one.channel for one in offered}
    gone = [camera for channel, camera in sorted(ours.items()) if channel not in there]
    found += [(_of_ours(camera, OfferVerdict.GONE, "not offered any more"), None) for camera in gone]
    return found


def _offer(one: Offered, camera: Camera | None, site: Site, taken: set[str]) -> tuple[Offer, Entry | None]:
    if camera is None:
        name = called(one, site.name, taken)
        taken.add(name)
        details = Details(one.kind, footage_kept=FootageKept.AT_SITE, site_id=site.id, channel=one.channel)
        offer = Offer(one.channel, name, OfferVerdict.NEW, one.place_text, one.word, lent_until=_until(one))
        return offer, _entry(one, name, details, enabled=True)
    if same_word(camera, one):
        return _of_ours(camera, OfferVerdict.SAME, one.word, one), None
    details = replace(camera.details, kind=one.kind)
    return _of_ours(camera, OfferVerdict.CHANGED, one.word, one), _entry(
        one, camera.name, details, enabled=camera.enabled
    )


def _of_ours(camera: Camera, verdict: OfferVerdict, word: str, offered: Offered | None = None) -> Offer:
    until = _until(offered) if offered is not None else None
    if until is None and offered is not None and not kept_alone(camera):
        word = f"{word}; not lent to us any more"
    return Offer(
        camera.details.channel or "", camera.name, verdict, camera.place_text, word, camera.id, until
    )


def _until(offered: Offered) -> datetime | None:
    return offered.lent.until if offered.lent is not None else None


def _entry(one: Offered, name: str, details: Details, *, enabled: bool) -> Entry:
    return Entry(
        name, one.technology, None, None, one.place_text, one.place, one.heading_deg, enabled, one.field_deg, one.range_m,
        None, details,
    )  # fmt: skip
