"""All SQL of devices: what each said that it is, and what it can do beyond pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras.onvif import cover_store
from watchfloor.cameras.onvif.model import Preset
from watchfloor.governance.decide import NOT_PUBLIC
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_NEWEST: Final = Order(
    "capability_changes",
    (("found_at", "timestamptz"), ("camera_id", "uuid"), ("capability", "text")),
    down=True,
)


@dataclass(frozen=True, slots=True)
class KeptDevice:
    """What the device of a camera said when it last answered; `problem` is why it did not since."""

    camera: UUID
    address: str
    profile: str
    manufacturer: str
    model: str
    firmware: str
    serial: str
    turns: bool
    clock_off_ms: int | None
    answered_at: datetime | None
    asked_at: datetime
    problem: str | None
    presets: tuple[Preset, ...]
    heard_at: datetime | None
    heard_problem: str | None
    events: bool
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfRecorder:
    """The recorder of a camera's site: where it speaks ONVIF, and what it calls the camera; None: it told of no such channel."""

    site_id: UUID
    site: str
    address: str
    channel: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Capability:
    """What a device can do beyond pictures. `later`: it came after the device was first asked. Off until acknowledged."""

    camera: UUID
    capability: str
    technology: TechnologyKind
    later: bool
    found_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None


@dataclass(frozen=True, slots=True)
class Known:
    """A camera of the registry, as a found device is compared with it."""

    id: UUID
    name: str
    address: str
    serial: str | None


def _device(row: Row) -> KeptDevice:
    return KeptDevice(
        row["camera_id"],
        row["address"],
        row["profile"],
        row["manufacturer"],
        row["model"],
        row["firmware"],
        row["serial"],
        row["turns"],
        row["clock_off_ms"],
        row["answered_at"],
        row["asked_at"],
        row["problem"],
        tuple(Preset(one["token"], one["name"]) for one in row["presets"]),
        row["heard_at"],
        row["heard_problem"],
        row["events"],
        tuple(row["named"]),
    )


def _capability(row: Row) -> Capability:
    return Capability(
        row["camera_id"],
        row["capability"],
        TechnologyKind(row["technology"]),
        row["later"],
        row["found_at"],
        row["acknowledged_at"],
        row["acknowledged_by"],
    )


@touches(_C, READ)
async def known(tx: Tx) -> list[Known]:
    """Every camera of the registry with its address, and its device's serial number where that is known."""
    rows = await tx.fetch(
        "select c.id, c.name, c.address, d.serial from camera c left join camera_device d on d.camera_id = c.id"
        " where c.removed_at is null order by c.name, c.id"
    )
    return [Known(row["id"], row["name"], row["address"], row["serial"]) for row in rows]


@touches(_C, READ)
async def device_of(tx: Tx, camera: UUID) -> KeptDevice | None:
    """The device of a camera."""
    row = await tx.fetch_one("select * from camera_device where camera_id = %(camera)s", camera=camera)
    return _device(row) if row else None


@touches(_C, READ)
async def devices_of(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, KeptDevice]:
    """The devices of these cameras."""
    rows = await tx.fetch(
        "select * from camera_device where camera_id = any(%(cameras)s)", cameras=list(cameras)
    )
    return {row["camera_id"]: _device(row) for row in rows}


@touches(_C, READ)
async def recorders(tx: Tx, cameras: Sequence[UUID]) -> dict[UUID, OfRecorder]:
    """The recorders of these cameras, of those whose site has one that speaks ONVIF."""
    rows = await tx.fetch(
        "select c.id, c.site_id, c.channel, t.name, t.device, k.source from camera c join camera_site t on t.id = c.site_id"
        " left join camera_site_channel k on k.site_id = c.site_id and k.channel = c.channel and k.gone_at is null"
        " where c.id = any(%(cameras)s) and t.device is not null",
        cameras=list(cameras),
    )
    return {
        row["id"]: OfRecorder(row["site_id"], row["name"], row["device"], row["channel"], row["source"])
        for row in rows
    }


@touches(_C, READ)
async def capabilities_of(tx: Tx, camera: UUID) -> list[Capability]:
    """What a camera's device can do beyond pictures now."""
    rows = await tx.fetch(
        "select * from camera_capability where camera_id = %(camera)s and gone_at is null order by capability",
        camera=camera,
    )
    return [_capability(row) for row in rows]


@touches(_C, READ)
async def changes(tx: Tx, extent: Extent) -> Cut[tuple[Capability, str]]:
    """Capabilities that came later and that nobody has acknowledged, the newest first, with the camera's name."""
    found = await tx.fetch_page(
        "select k.*, c.name from camera_capability k join camera c on c.id = k.camera_id where k.later"
        " and k.gone_at is null and k.acknowledged_at is null and c.removed_at is null",
        _NEWEST,
        extent,
    )
    return found.of(lambda row: (_capability(row), row["name"]))


@touches(_C, WRITE)
async def keep_device(tx: Tx, camera: UUID, fields: Mapping[str, object]) -> None:
    """What the device says that it is, as it answered just now."""
    await cover_store.answers(tx, camera, fields)
    await tx.execute(
        "insert into camera_device (camera_id, agency_id, address, profile, manufacturer, model, firmware, serial, turns,"
        " presets, clock_off_ms, events, named, answered_at, asked_at) values (%(camera)s, %(agency)s, %(address)s, %(profile)s,"
        " %(manufacturer)s, %(model)s, %(firmware)s, %(serial)s, %(turns)s, %(presets)s::jsonb, %(clock_off_ms)s, %(events)s,"
        " %(named)s, %(now)s, %(now)s) on conflict (camera_id) do update set address = excluded.address, profile = excluded.profile,"
        " manufacturer = excluded.manufacturer, model = excluded.model, firmware = excluded.firmware,"
        " serial = excluded.serial, turns = excluded.turns, presets = excluded.presets,"
        " clock_off_ms = excluded.clock_off_ms, events = excluded.events, named = excluded.named,"
        " answered_at = excluded.answered_at, asked_at = excluded.asked_at,"
        " problem = null",
        camera=camera,
        agency=tx.agency,
        now=tx.now,
        **fields,
    )


@touches(_C, WRITE)
async def keep_presets(tx: Tx, camera: UUID, presets: Sequence[Preset]) -> None:
    """The presets that the device has, as it said just now."""
    said = msgspec.json.encode([{"token": one.token, "name": one.name} for one in presets]).decode()
    await tx.execute(
        "update camera_device set presets = %(said)s::jsonb where camera_id = %(camera)s",
        camera=camera,
        said=said,
    )


@touches(_C, WRITE)
async def keep_problem(tx: Tx, camera: UUID, problem: str) -> None:
    """Why the device did not answer just now; what it said before stays."""
    await tx.execute(
        "update camera_device set problem = %(problem)s, asked_at = %(now)s where camera_id = %(camera)s",
        camera=camera,
        problem=problem,
        now=tx.now,
    )


@touches(_C, WRITE)
async def keep_capabilities(
    tx: Tx, camera: UUID, found: Mapping[str, TechnologyKind], *, later: bool
) -> list[str]:
    """Keep what the device can do now; those of it that are new. One that went and came back is new, and acknowledged no more."""
    await tx.execute(
        "update camera_capability set gone_at = %(now)s where camera_id = %(camera)s and gone_at is null"
        # What spoke in its events is in no list of its modules.
        " and capability <> all(%(found)s) and capability not like '%% (events)'",
        camera=camera,
        found=list(found),
        now=tx.now,
    )
    new: list[str] = []
    for capability, technology in found.items():
        new += [capability] * await tx.execute(
            "insert into camera_capability as known (camera_id, agency_id, capability, technology, later, found_at)"
            " values (%(camera)s, %(agency)s, %(capability)s, %(technology)s, %(later)s, %(now)s)"
            " on conflict (camera_id, capability) do update set gone_at = null, later = true, found_at = excluded.found_at,"
            " acknowledged_at = null, acknowledged_by = null where known.gone_at is not null",
            camera=camera,
            agency=tx.agency,
            capability=capability,
            technology=technology.value,
            later=later,
            now=tx.now,
        )
    return new


@touches(_C, WRITE)
async def acknowledge(tx: Tx, camera: UUID, capability: str) -> bool:
    """Somebody knows of it, under an authorisation of its technology; False when that was done before, or there is none."""
    done = await tx.execute(
        "update camera_capability set acknowledged_at = %(now)s, acknowledged_by = %(by)s where camera_id = %(camera)s"
        " and capability = %(capability)s and gone_at is null and acknowledged_at is null",
        camera=camera,
        capability=capability,
        now=tx.now,
        by=tx.actor,
    )
    return bool(done)


@touches(_C, READ)
async def of_owners(tx: Tx) -> list[UUID]:
    """The cameras that belong to owners, who agree when they are shared."""
    rows = await tx.fetch(
        "select id from camera where removed_at is null and technology = any(%(owned)s)",
        owned=[one.value for one in NOT_PUBLIC],
    )
    return [row["id"] for row in rows]


@touches(_C, READ, _C, WRITE)
async def begin_at_sites(tx: Tx, withheld: Sequence[UUID] = ()) -> int:
    """Cameras of a site whose recorder speaks ONVIF have that as their device, due to be asked, but those withheld; how many are new."""
    return await tx.execute(
        "insert into camera_device (camera_id, agency_id, address, profile, manufacturer, model, firmware, serial, turns, asked_at,"
        " problem) select c.id, c.agency_id, t.device, '', '', '', '', '', false, %(now)s - interval '2 days', %(problem)s"
        " from camera c join camera_site t on t.id = c.site_id where c.removed_at is null and t.device is not null"
        " and c.id <> all(%(withheld)s)"
        " and not exists (select 1 from camera_device d where d.camera_id = c.id) on conflict do nothing",
        withheld=list(withheld),
        now=tx.now,
        problem="Its recorder was not asked about it yet.",
    )


@touches(_C, WRITE)
async def due_at(tx: Tx, site: UUID) -> None:
    """What the recorder of a site says of its cameras may be otherwise: each is due to be asked."""
    await tx.execute(
        "update camera_device d set asked_at = d.asked_at - interval '2 days' from camera c join camera_site t on t.id = c.site_id"
        " where c.id = d.camera_id and t.id = %(site)s and d.address = t.device",
        site=site,
    )


@touches(_C, WRITE)
async def take_due(
    tx: Tx, before: datetime, again: datetime, most: int, withheld: Sequence[UUID] = ()
) -> Sequence[UUID]:
    """Cameras, but those withheld, whose device is to be asked: not since `before`, or its pictures came back since it answered and it
    was not asked since `again`. Who takes them asks them now; the others wait for their turn, and so do all but two of one recorder.
    """
    rows = await tx.fetch(
        "with due as materialized (select k.camera_id, k.address from camera_device k join camera c"
        " on c.id = k.camera_id left join camera_state s on s.camera_id = c.id where c.removed_at is null and c.enabled"
        " and c.id <> all(%(withheld)s)"
        " and (k.asked_at < %(before)s or (k.asked_at < %(again)s and s.status = 'live' and s.since > k.answered_at))"
        " order by k.asked_at limit %(many)s for update of k skip locked),"
        " taken as (select camera_id from (select *, row_number() over (partition by address) as nth from due) each"
        " where nth <= 2 limit %(most)s)"
        " update camera_device d set asked_at = %(now)s from taken"
        " where d.camera_id = taken.camera_id returning d.camera_id",
        before=before,
        withheld=list(withheld),
        # Of a recorder many are due at once: enough that they leave room for others.
        many=most * 32,
        again=again,
        most=most,
        now=tx.now,
    )
    return [row["camera_id"] for row in rows]
