"""Sites are registered, changed and removed, and many of their cameras added at once: a use case each. Logins go in and never come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from watchfloor.cameras import register, store
from watchfloor.cameras.details import CameraKind, Details, FootageKept, agreed
from watchfloor.cameras.onvif import cover_store
from watchfloor.cameras.onvif import store as device_store
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.register import CHANGED, Cameras, Entry, at_site
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.model import CHANNEL, Site, SiteEntry, SiteKind, channels_of, columns
from watchfloor.cameras.sites.told import Recorder, Told
from watchfloor.cameras.sites.told import ask as ask_recorder
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Batch:
    """Cameras to be added to a site at once. `name` holds {channel}; `place` None is the site's."""

    channels: str
    name: str
    technology: TechnologyKind | None
    kind: CameraKind | None
    place_text: str
    place: Point | None
    footage_kept: FootageKept = FootageKept.HERE


@dataclass(frozen=True, slots=True)
class Channel:
    """One camera of a batch: what it would be called, and why it cannot be added, or None."""

    channel: str
    name: str
    refused: str | None


async def add(cameras: Cameras, actor: Actor, entry: SiteEntry) -> Site:
    """A new site. One without paths is asked by ONVIF which cameras it has. Raises Invalid, Refused, or Conflict when the name is taken."""
    told: Sequence[Told] = ()
    if entry.by_onvif:
        recorder = await ask_recorder(cameras, actor, entry)
        entry, told = replace(entry, address=recorder.address), recorder.cameras
    fields, login, address = columns(entry)
    await register.looked_up(cameras, address, "address")
    ask = Ask(actor, Need.CAMERAS_CHANGE, about=About("site"), detail=_detail(entry))
    async with cameras.door.open(ask) as tx:
        site = uuid7(tx.now)
        if not await site_store.insert_site(tx, site, fields):
            raise _taken(entry)
        if login is not None:
            await site_store.put_secret(tx, site, cameras.vault.seal_of_site(site, login))
        more: dict[str, Json] = {"channels": len(told)} if told else {}
        if told:
            await site_store.put_told(tx, site, told)
        await effect(tx, "site.registered", About("site", site), detail=_detail(entry), more=more)
        return await there(tx, site)


async def change(
    cameras: Cameras, actor: Actor, site: UUID, entry: SiteEntry, *, version: int | None
) -> Site:
    """Change a site; its cameras go with it. Raises NotFound, Invalid, Refused, Stale or Conflict."""
    fields, login, address = columns(entry)
    await register.looked_up(cameras, address, "address")
    about = About("site", site)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about, detail=_detail(entry))) as tx:
        await site_store.claim(tx, site)
        before = await there(tx, site)
        if version is not None and version != before.version:
            raise Stale("The site was changed since you read it.", next_step="Read it again.")
        _stays_what_it_is(before, entry)
        if fields["replay"] is None and fields["device"] is None:
            await _keeps_none(tx, site)
        if not fields["stream"]:
            await _all_are_told(tx, site)
        if not await site_store.update_site(tx, site, fields):
            raise _taken(entry)
        moved, forgotten = fields["address"] != before.address, 0
        if moved:
            forgotten = await _elsewhere(tx, site)
        elif before.device is not None and fields["device"] != before.device:
            await site_store.forget_devices(tx, site, before.device)
            await cover_store.unheld_at(tx, site)
        if login is not None:
            await site_store.put_secret(tx, site, cameras.vault.seal_of_site(site, login))
        # What another recorder told, or one that nobody can ask again, is no reason against the paths that were said now.
        untold = fields["stream"] and (moved or fields["device"] is None)
        untold = bool(untold and await site_store.forget_told(tx, site))
        opened = 0
        if moved or untold or login is not None or _streams(fields) != _streams_of(before):
            opened = await site_store.move_members(tx, site)
            await borrowed_store.moved(tx, site=site)
            # Under another login it is the same device, which may still hold masks that were taken away.
            await (cover_store.unheld_at if moved else cover_store.unconfirmed_at)(tx, site)
        more: dict[str, Json] = {"moved": moved, "opened_anew": opened, "own_logins_forgotten": forgotten}
        await effect(tx, "site.changed", about, detail=_detail(entry), more=more)
        _tell(cameras, tx, site)
        return await there(tx, site)


async def _elsewhere(tx: Tx, site: UUID) -> int:
    """A login goes to the site it was given for and nowhere else: a new address must name it again; how many were forgotten."""
    await site_store.put_secret(tx, site, None)
    await site_store.forget_devices(tx, site)
    await site_store.at_one_address(tx, site)
    return await site_store.forget_own_logins(tx, site)


async def _keeps_none(tx: Tx, site: UUID) -> None:
    """Raises Conflict where footage is kept at a site that would not say any more how it is played."""
    if elsewhere := await site_store.kept_there(tx, site):
        raise Conflict(
            f"Footage of {elsewhere} of its cameras is kept at the site: without a replay or ONVIF address nobody could see it.",
            reason="footage_kept",
            next_step="Record those cameras here first.",
        )


async def _all_are_told(tx: Tx, site: UUID) -> None:
    """Raises Conflict where nobody would say any more where some of its cameras are."""
    if lost := await site_store.untold(tx, site):
        raise Conflict(
            f"Of {lost} of its cameras its recorder never told: without the path of a stream nobody could find them.",
            reason="stream",
            next_step="Read its channels, and take those cameras out of the site that it does not have.",
        )


def _stays_what_it_is(before: Site, entry: SiteEntry) -> None:
    """Raises Conflict when a recorder with cameras would become another center, or the other way."""
    if before.cameras and before.kind is not entry.kind and SiteKind.WATCHFLOOR in (before.kind, entry.kind):
        raise Conflict(
            "Its cameras would be reached in another way: what has cameras stays a center, or stays none.",
            reason="has_cameras",
            next_step="Register the other as a site of its own.",
        )


async def remove(cameras: Cameras, actor: Actor, site: UUID) -> None:
    """Take a site out of the registry. Raises NotFound, Refused, or Conflict while cameras are at it."""
    about = About("site", site)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about)) as tx:
        found = await there(tx, site)
        if found.cameras:
            raise Conflict(
                f"{found.cameras} cameras are at this site." if found.cameras > 1 else "A camera is at this site.",
                reason="has_cameras",
                next_step="Remove them, or take them out of the site, first.",
            )  # fmt: skip
        await site_store.put_secret(tx, site, None)
        await site_store.remove_site(tx, site)
        await effect(tx, "site.removed", about)


async def read_channels(cameras: Cameras, actor: Actor, site: UUID) -> tuple[Recorder, Site]:
    """Ask a site's recorder anew which cameras it has, and keep that: those that it shows elsewhere now are opened there. What it told,
    and the site after it. Raises NotFound, Invalid, Refused, or Conflict."""
    about = About("site", site)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_FIND, about=about)) as tx:
        before, known = await there(tx, site), await site_store.sources(tx, site)
    if before.device is None:
        raise Conflict(
            "Nobody said where this site speaks ONVIF.",
            reason="device",
            next_step="Enter its ONVIF address first.",
        )
    recorder = await ask_recorder(cameras, actor, _entry_of(before), site=site, known=known)
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about)) as tx:
        await site_store.claim(tx, site)
        if (await there(tx, site)).version != before.version:
            raise Stale("The site was changed meanwhile.", next_step="Read its channels once more.")
        changed, gone = await site_store.put_told(tx, site, recorder.cameras)
        await device_store.due_at(tx, site)
        opened = await site_store.move_members(tx, site, only_moved=True)
        if opened:
            await borrowed_store.moved(tx, site=site)
            await cover_store.unconfirmed_at(tx, site)
        more: dict[str, Json] = {
            "channels": len(recorder.cameras),
            "changed": changed,
            "gone": gone,
            "opened_anew": opened,
        }
        await effect(tx, "site.channels_read", about, more=more)
        _tell(cameras, tx, site)
        return recorder, await there(tx, site)


def _entry_of(site: Site) -> SiteEntry:
    return SiteEntry(
        site.name, site.kind, site.place_text, site.place, site.address, site.stream, site.sub_stream, site.replay, None,
        site.transport, site.certificate, site.device,
    )  # fmt: skip


async def preview(cameras: Cameras, actor: Actor, site: UUID, batch: Batch) -> list[Channel]:
    """What adding these cameras would come to; nothing changes. Raises NotFound, Invalid or Refused."""
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=About("site", site))) as tx:
        found = await there(tx, site)
        return [one for one, _ in await _judged(tx, found, batch)]


async def add_cameras(cameras: Cameras, actor: Actor, site: UUID, batch: Batch) -> list[Channel]:
    """Add those cameras of a batch that can be; what each came to. Raises NotFound, Invalid, Refused, or Conflict when none can."""
    about, detail = About("site", site), {"channels": batch.channels[:200], "name": batch.name[:80]}
    async with cameras.door.open(Ask(actor, Need.CAMERAS_CHANGE, about=about, detail=detail)) as tx:
        await site_store.held(tx, site)
        judged = await _judged(tx, await there(tx, site), batch)
        added = [(one, fields) for one, fields in judged if fields is not None]
        if not added:
            raise Conflict("None of these cameras can be added.", reason="nothing_to_do")
        for one, fields in added:
            camera = uuid7(tx.now)
            if not await store.insert_camera(tx, camera, fields):
                raise Conflict(f"A camera {one.name!r} came in meanwhile.", reason="name_taken")
            more: dict[str, Json] = {"channel": one.channel}
            await effect(
                tx, "camera.registered", About("camera", camera), detail={"name": one.name}, more=more
            )
        await effect(tx, "site.cameras_added", about, more={"cameras": len(added)})
        _tell(cameras, tx, site)
        return [one for one, _ in judged]


async def _judged(tx: Tx, site: Site, batch: Batch) -> list[tuple[Channel, dict[str, object] | None]]:
    """Each channel and the columns of its camera; None where it cannot be added."""
    if site.kind is SiteKind.WATCHFLOOR:
        raise Conflict(
            f"{site.name} says itself which cameras it offers.",
            reason="offers",
            next_step="Bring them in from its list.",
        )
    if CHANNEL not in batch.name and len(channels_of(batch.channels)) > 1:
        raise Invalid(
            "Several cameras need {channel} in their name, so that no two are called the same.", reason="name"
        )
    place = batch.place or site.place
    if place is None:
        raise Invalid("Say where the cameras are: of the site itself nobody did.", reason="place")
    technology, kind = agreed(batch.technology, batch.kind)
    taken = {member.channel: member.name for member in (await site_store.members(tx, site.id)).items}
    named = {one: " ".join(batch.name.replace(CHANNEL, one).split()) for one in channels_of(batch.channels)}
    names = await site_store.names_among(tx, list(named.values()))
    found: list[tuple[Channel, dict[str, object] | None]] = []
    for channel, name in named.items():
        details = replace(Details(kind), footage_kept=batch.footage_kept, site_id=site.id, channel=channel)
        entry = Entry(
            name, technology, None, None, batch.place_text or site.place_text, place, None, details=details
        )
        if channel in taken:
            found.append((Channel(channel, name, f"{taken[channel]} has this channel already."), None))
        elif name in names:
            found.append((Channel(channel, name, "A camera of the registry has this name."), None))
        elif not site.shows(channel):
            found.append((Channel(channel, name, "The recorder tells of no such channel."), None))
        else:
            names.add(name)
            entry = at_site(entry, site)
            fields, _, _ = register.columns(entry, entry.url or "", None)
            found.append((Channel(channel, name, None), fields))
    return found


async def there(tx: Tx, site: UUID) -> Site:
    """The site. Raises NotFound."""
    found = await site_store.site_of(tx, site)
    if found is None:
        raise NotFound("There is no such site.")
    return found


def _streams(fields: dict[str, object]) -> tuple[object, ...]:
    return fields["stream"], fields["sub_stream"], fields["transport"], fields["certificate"]


def _streams_of(site: Site) -> tuple[object, ...]:
    return site.stream, site.sub_stream, site.transport.value, site.certificate


def _taken(entry: SiteEntry) -> Conflict:
    return Conflict(f"There is a site {entry.name!r} already.", reason="name_taken")


def _detail(entry: SiteEntry) -> dict[str, str]:
    """What the log keeps of an entry: never an address, which could hold a password typed into the wrong field."""
    return {"name": entry.name[:80], "kind": entry.kind.value, "place": entry.place_text[:200]}


def _tell(cameras: Cameras, tx: Tx, site: UUID) -> None:
    agency = tx.agency
    tx.after_commit(lambda: cameras.news(CHANGED, agency, site))
