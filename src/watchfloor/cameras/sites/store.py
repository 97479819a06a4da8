"""All SQL of sites: the registry of them, their sealed logins, and where their cameras are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, LiteralString
from uuid import UUID

from watchfloor.cameras.model import CameraId
from watchfloor.cameras.sites.model import Paths, Site, SiteKind
from watchfloor.cameras.transport import Transport
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

if TYPE_CHECKING:
    from watchfloor.cameras.sites.told import Told

_C: Final = DataClass.CAMERA
_BY_NAME: Final = Order("sites", (("name", "text"), ("id", "uuid")))
_BY_CHANNEL: Final = Order("cameras of a site", (("place_of_channel", "text"), ("id", "uuid")))
_SITE: Final[LiteralString] = (
    "select t.*, exists (select from camera_site_secret s where s.site_id = t.id) as has_login,"
    " (select count(*) from camera c where c.site_id = t.id and c.removed_at is null) as cameras,"
    " (select jsonb_object_agg(k.channel, jsonb_build_array(k.stream, k.sub_stream, k.address)) from camera_site_channel k"
    " where k.site_id = t.id) as told,"
    " array(select k.channel from camera_site_channel k where k.site_id = t.id and k.gone_at is null and not exists"
    " (select from camera c where c.site_id = t.id and c.channel = k.channel and c.removed_at is null)"
    " order by lpad(k.channel, 40, '0')) as free"
    " from camera_site t where t.removed_at is null"
)
# Where a site says now that its cameras are: as its recorder told of each, else as its paths say.
_WHERE: Final[LiteralString] = (
    "(select m.id, coalesce(k.address, t.address) as site, t.transport, t.certificate,"
    " coalesce(k.address, t.address) || coalesce(k.stream, nullif(replace(t.stream, '{channel}', m.channel), '')) as address,"
    " case when k.sub_stream is not null then coalesce(k.address, t.address) || k.sub_stream"
    " else t.address || replace(t.sub_stream, '{channel}', m.channel) end as sub_address"
    " from camera m join camera_site t on t.id = m.site_id"
    " left join camera_site_channel k on k.site_id = t.id and k.channel = m.channel)"
)
_GOES_THERE: Final[LiteralString] = (
    " address = n.address, sub_address = n.sub_address, transport = n.transport, certificate = n.certificate,"
    # A replay elsewhere would be asked for by the login of this site.
    " replay_address = case when starts_with(c.address, n.site || '/') then c.replay_address end"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A camera of a site, and its channel there."""

    id: CameraId
    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class Down:
    """A site that answers for none of its cameras: how many those are."""

    site: UUID
    name: str
    cameras: int

    @property
    def sentence(self) -> str:
        """What stands at each of its cameras."""
        many = "its camera" if self.cameras == 1 else f"none of its {self.cameras} cameras"
        said = f"does not answer for {many}" if self.cameras == 1 else f"answers for {many}"
        return f"The site {self.name} is down: it {said}."


def _site(row: Row) -> Site:
    return Site(
        row["id"], row["name"], SiteKind(row["kind"]), row["place"],
        None if row["lat"] is None else Point(row["lat"], row["lon"]), row["address"], row["stream"],
        row["sub_stream"], row["replay"], row["has_login"], row["cameras"], row["version"], Transport(row["transport"]),
        row["certificate"], row["device"],
        {channel: Paths(stream, sub, address) for channel, (stream, sub, address) in (row["told"] or {}).items()}, tuple(row["free"]),
    )  # fmt: skip


@touches(_C, READ)
async def sites(tx: Tx, extent: Extent | None = None) -> Cut[Site]:
    """Sites that are not removed, by name."""
    return (await tx.fetch_page(_SITE, _BY_NAME, extent)).of(_site)


@touches(_C, READ)
async def site_of(tx: Tx, site: UUID) -> Site | None:
    """One site."""
    row = await tx.fetch_one(_SITE + " and t.id = %(id)s", id=site)
    return _site(row) if row else None


@touches(_C, READ)
async def held(tx: Tx, site: UUID) -> int | None:
    """The site's version, which stays until this transaction ends; None when it is gone."""
    row = await tx.fetch_one(
        "select version from camera_site where id = %(id)s and removed_at is null for share", id=site
    )
    return int(row["version"]) if row else None


@touches(_C, WRITE)
async def claim(tx: Tx, site: UUID) -> None:
    """Let nobody else change the site until this transaction ends."""
    await tx.execute("select from camera_site where id = %(id)s and removed_at is null for update", id=site)


@touches(_C, READ)
async def members(tx: Tx, site: UUID, extent: Extent | None = None) -> Cut[Member]:
    """The cameras of a site by channel: numbers as numbers."""
    found = await tx.fetch_page(
        "select id, channel, name, lpad(channel, 40, '0') as place_of_channel from camera"
        " where site_id = %(site)s and removed_at is null",
        _BY_CHANNEL,
        extent,
        site=site,
    )
    return found.of(lambda row: Member(CameraId(row["id"]), row["channel"], row["name"]))


@touches(_C, READ)
async def names_among(tx: Tx, names: Sequence[str]) -> set[str]:
    """Those of these names that a camera of the registry has."""
    rows = await tx.fetch(
        "select name from camera where removed_at is null and name = any(%(names)s)", names=list(names)
    )
    return {row["name"] for row in rows}


@touches(_C, READ)
async def kept_there(tx: Tx, site: UUID) -> int:
    """How many of its cameras have their footage at the site alone, or there as well."""
    row = await tx.fetch_one(
        "select count(*) as n from camera where site_id = %(site)s and removed_at is null and footage_kept <> 'here'",
        site=site,
    )
    return int(row["n"]) if row else 0


@touches(_C, READ)
async def down(tx: Tx, said_for: timedelta, *, cameras: Sequence[UUID] | None = None) -> dict[UUID, Down]:
    """The sites that answer for none of their cameras, by camera: of all, or of these.

    A camera that is switched off or may not be opened says nothing of its site; a recorder that has been silent neither.
    """
    rows = await tx.fetch(
        "with asked as (select c.id, c.site_id, s.status from camera c join camera_state s on s.camera_id = c.id"
        " where c.site_id is not null and c.removed_at is null and c.enabled and s.said_at > %(since)s"
        " and s.status not in ('off', 'new', 'not_authorised', 'by_agreement', 'not_lent')),"
        " gone as (select site_id, count(*) as n from asked group by site_id having bool_and(status = 'unreachable'))"
        " select a.id, a.site_id, t.name, g.n from asked a join gone g on g.site_id = a.site_id"
        " join camera_site t on t.id = a.site_id where %(all)s or a.id = any(%(cameras)s)",
        since=tx.now - said_for,
        all=cameras is None,
        cameras=list(cameras or ()),
    )
    return {row["id"]: Down(row["site_id"], row["name"], row["n"]) for row in rows}


@touches(_C, WRITE)
async def insert_site(tx: Tx, site: UUID, fields: Mapping[str, object]) -> bool:
    """Register a site; False when the name is taken."""
    done = await tx.execute(
        "insert into camera_site (id, agency_id, name, kind, place, lat, lon, address, stream, sub_stream, replay,"
        " device, transport, certificate, created_at, created_by, version) values (%(id)s, %(agency)s, %(name)s, %(kind)s, %(place)s,"
        " %(lat)s, %(lon)s, %(address)s,"
        " %(stream)s, %(sub_stream)s, %(replay)s, %(device)s, %(transport)s, %(certificate)s, %(now)s, %(by)s, 1) on conflict do nothing",
        id=site,
        agency=tx.agency,
        now=tx.now,
        by=tx.actor,
        **fields,
    )
    return bool(done)


@touches(_C, WRITE)
async def update_site(tx: Tx, site: UUID, fields: Mapping[str, object]) -> bool:
    """Change what people give; False when the name is another's."""
    done = await tx.execute(
        "update camera_site t set name = %(name)s, kind = %(kind)s, place = %(place)s, lat = %(lat)s, lon = %(lon)s,"
        " address = %(address)s, stream = %(stream)s, sub_stream = %(sub_stream)s, replay = %(replay)s, device = %(device)s,"
        " transport = %(transport)s, certificate = %(certificate)s, version = version + 1"
        " where t.id = %(id)s and t.removed_at is null and not exists (select from camera_site o"
        " where o.id <> t.id and o.removed_at is null and o.name = %(name)s)",
        id=site,
        **fields,
    )
    return bool(done)


@touches(_C, WRITE)
async def move_members(tx: Tx, site: UUID, *, only_moved: bool = False) -> int:
    """Put the site's cameras where it says now that they are, each to be opened anew (or those alone that are elsewhere now); how many."""
    return await tx.execute(
        "update camera c set"
        + _GOES_THERE
        + ", version = c.version + 1 from "
        + _WHERE
        + " n where n.id = c.id"
        " and c.site_id = %(site)s and c.removed_at is null and (not %(only)s or c.address <> n.address"
        " or c.sub_address is distinct from n.sub_address)",
        site=site,
        only=only_moved,
    )


@touches(_C, WRITE)
async def settle(tx: Tx, camera: UUID) -> None:
    """Put a camera of a site where the site says now that it is: its login goes nowhere else."""
    await tx.execute(
        "update camera c set"
        + _GOES_THERE
        + " from "
        + _WHERE
        + " n where n.id = c.id and c.id = %(camera)s and n.address is not null",
        camera=camera,
    )


@touches(_C, READ)
async def sources(tx: Tx, site: UUID) -> dict[str, str]:
    """The channels of what a site's recorder ever told of, by what it calls its cameras."""
    rows = await tx.fetch(
        "select source, channel from camera_site_channel where site_id = %(site)s", site=site
    )
    return {row["source"]: row["channel"] for row in rows}


@touches(_C, READ)
async def untold(tx: Tx, site: UUID) -> int:
    """How many of its cameras are at channels of which its recorder never told."""
    row = await tx.fetch_one(
        "select count(*) as n from camera c where c.site_id = %(site)s and c.removed_at is null and not exists"
        " (select from camera_site_channel k where k.site_id = c.site_id and k.channel = c.channel)",
        site=site,
    )
    return int(row["n"]) if row else 0


@touches(_C, WRITE)
async def put_told(tx: Tx, site: UUID, told: Sequence[Told]) -> tuple[int, int]:
    """Keep what a site's recorder tells of its cameras; how many are new or shown elsewhere now, and how many are told of no more."""
    changed = await tx.execute(
        "insert into camera_site_channel as k (site_id, agency_id, channel, source, stream, sub_stream, address, read_at)"
        " select %(site)s, %(agency)s, n.*, %(now)s from unnest(%(channels)s::text[], %(sources)s::text[], %(streams)s::text[],"
        " %(subs)s::text[], %(addresses)s::text[]) n on conflict (site_id, channel) do update set source = excluded.source,"
        " stream = excluded.stream, sub_stream = excluded.sub_stream, address = excluded.address, read_at = excluded.read_at,"
        " gone_at = null where (k.source, k.stream, k.sub_stream, k.address, k.gone_at)"
        " is distinct from (excluded.source, excluded.stream, excluded.sub_stream, excluded.address, null::timestamptz)",
        site=site,
        agency=tx.agency,
        now=tx.now,
        channels=[one.channel for one in told],
        sources=[one.source for one in told],
        streams=[one.paths.stream for one in told],
        subs=[one.paths.sub_stream for one in told],
        addresses=[one.paths.address for one in told],
    )
    gone = await tx.execute(
        "update camera_site_channel set gone_at = %(now)s where site_id = %(site)s and gone_at is null"
        " and channel <> all(%(channels)s::text[])",
        site=site,
        now=tx.now,
        channels=[one.channel for one in told],
    )
    if changed or gone:
        # Whoever registers a camera by the site as it was before is told that it changed.
        await tx.execute("update camera_site set version = version + 1 where id = %(site)s", site=site)
    return changed, gone


@touches(_C, WRITE)
async def at_one_address(tx: Tx, site: UUID) -> None:
    """The site is elsewhere: the ports where its recorder showed single cameras were those of where it was."""
    await tx.execute("update camera_site_channel set address = null where site_id = %(site)s", site=site)


@touches(_C, WRITE)
async def forget_told(tx: Tx, site: UUID) -> int:
    """Forget what a recorder told of its cameras: it is not asked any more, or another one is there; how many."""
    return await tx.execute("delete from camera_site_channel where site_id = %(site)s", site=site)


@touches(DataClass.CAMERA_SECRET, WRITE)
async def forget_own_logins(tx: Tx, site: UUID) -> int:
    """Forget the logins that cameras of the site have of their own; how many."""
    return await tx.execute(
        "delete from camera_secret s using camera c where c.id = s.camera_id and c.site_id = %(site)s",
        site=site,
    )


@touches(_C, WRITE)
async def forget_devices(tx: Tx, site: UUID, at: str | None = None) -> None:
    """Forget which devices are behind the site's cameras: they were where the site was, and its login goes nowhere else. With `at`,
    those alone that are the recorder there, which is asked elsewhere now, or not any more."""
    await tx.execute(
        "delete from camera_device d using camera c where c.id = d.camera_id and c.site_id = %(site)s"
        " and (%(at)s::text is null or d.address = %(at)s)",
        site=site,
        at=at,
    )


@touches(_C, WRITE)
async def remove_site(tx: Tx, site: UUID) -> None:
    """Take a site out of the registry. Cameras that were removed before keep their word of it."""
    await tx.execute(
        "update camera_site set removed_at = %(now)s, version = version + 1 where id = %(id)s and removed_at is null",
        id=site,
        now=tx.now,
    )


@touches(DataClass.CAMERA_SECRET, WRITE)
async def put_secret(tx: Tx, site: UUID, sealed: bytes | None) -> None:
    """Keep the site's sealed login, or forget it."""
    if sealed is None:
        await tx.execute("delete from camera_site_secret where site_id = %(id)s", id=site)
        return
    await tx.execute(
        "insert into camera_site_secret (site_id, agency_id, sealed, changed_at, changed_by)"
        " values (%(id)s, %(agency)s, %(sealed)s, %(now)s, %(by)s) on conflict (site_id)"
        " do update set sealed = excluded.sealed, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        id=site,
        agency=tx.agency,
        sealed=sealed,
        now=tx.now,
        by=tx.actor,
    )


@touches(DataClass.CAMERA_SECRET, READ)
async def secret_of(tx: Tx, site: UUID) -> bytes | None:
    """The site's sealed login."""
    row = await tx.fetch_one("select sealed from camera_site_secret where site_id = %(id)s", id=site)
    return row["sealed"] if row else None
