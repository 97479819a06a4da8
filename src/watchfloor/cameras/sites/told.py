"""Which cameras the recorder of a site tells of by ONVIF, which channels those are, and where each is shown. It keeps nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.cameras.address import Address, parse
from watchfloor.cameras.onvif.channels import Channel, channels
from watchfloor.cameras.onvif.model import Profile, Reach, as_rtsp, device_address
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.sites.knock import login_of
from watchfloor.cameras.sites.model import Paths, SiteEntry, bare, columns, is_channel
from watchfloor.governance.model import Actor
from watchfloor.kit.errors import Invalid

_RTSP_PORT: Final = 554
_NUMBERED: Final = re.compile(r"(\D*)(\d{1,5})")
_ELSEWHERE: Final = "The stream of a camera comes under TLS unlike those of the others, or alone in the clear: it is left out."


@dataclass(frozen=True, slots=True)
class Told:
    """One camera of a recorder: its channel, what the recorder calls it, where it is shown, and the size and form of its main stream."""

    channel: str
    source: str
    paths: Paths
    width: int
    height: int
    codec: str


@dataclass(frozen=True, slots=True)
class Recorder:
    """What a recorder tells: the address of most of its streams, and its cameras. `remarks` say what is not followed."""

    address: str
    cameras: tuple[Told, ...]
    remarks: tuple[str, ...]


async def ask(
    cameras: Cameras,
    actor: Actor,
    entry: SiteEntry,
    *,
    site: UUID | None = None,
    known: Mapping[str, str] | None = None,
) -> Recorder:
    """Ask the recorder of a site which cameras it has, by the login that was typed, else by the one that is kept of `site`.

    `known` are the channels of what it told before, by what it calls them. Raises Invalid with what is wrong, or Refused.
    """
    given = (entry.address or "").strip()
    if not given:
        entry = replace(entry, address=_usual(entry.device or ""))
    fields, _, address = columns(entry)
    if fields["device"] is None:
        raise Invalid("Say where the recorder speaks ONVIF.", reason="device")
    login = await login_of(cameras, actor, entry, site)
    certificate = fields["certificate"]
    device = device_address(str(fields["device"]), None if certificate is None else str(certificate))
    reach = Reach(cameras.networks, cameras.resolve)
    found = await channels(reach, device, login, cameras.clock)
    at, told, remarks = placed(found.cameras, address if given else None, known or {})
    return Recorder(at, told, (*found.remarks, *remarks))


def _usual(device: str) -> str:
    """Where a recorder's streams are until it says so itself: at its host, by the usual port. Raises Invalid."""
    try:
        return bare(replace(as_rtsp(device_address(device)), port=_RTSP_PORT))
    except Invalid as error:
        raise Invalid(error.detail, reason="device") from error


def placed(
    found: Sequence[Channel], address: Address | None, known: Mapping[str, str]
) -> tuple[str, tuple[Told, ...], tuple[str, ...]]:
    """The recorder's cameras, and the address of its site, which is that of most of them where nobody said one: whatever is at another
    port of it keeps that. Raises Invalid where none of them is at the site's."""
    where = [(one, _where(one.main)) for one in found]
    if address is None:
        ((scheme, host, port), _), *_ = Counter(_key(at) for _, at in where).most_common(1)
        address = Address(scheme, host, port, "/")
    if all(_key(at) != _key(address) for _, at in where):
        streams = bare(where[0][1])
        raise Invalid(
            f"The recorder shows its streams at {streams}, not at the site's address.",
            reason="address",
            next_step=f"Enter {streams}, or leave the address empty.",
        )
    there = [(one, at) for one, at in where if _key(at)[:2] == _key(address)[:2]]
    channel = numbered([one.source for one, _ in there], known)
    told = tuple(
        Told(channel[one.source], one.source, _paths(one, at, address), one.main.width, one.main.height, one.main.codec)
        for one, at in there
    )  # fmt: skip
    return bare(address), told, (_ELSEWHERE,) if len(there) < len(where) else ()


def numbered(sources: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """The channel of each source: the one it had; of sources that differ in their number alone that number; else its own name where
    that can be a channel; else the first number that is free."""
    numbers = [_NUMBERED.fullmatch(source) for source in sources]
    alike = {one[1] for one in numbers if one} if all(numbers) else set()
    wanted = {
        source: number[2] if number and len(alike) == 1 else source if is_channel(source) else None
        for source, number in zip(sources, numbers, strict=True)
    }
    found = {source: known[source] for source in sources if source in known}
    # Of those that are told of no more too: a camera that is at such a channel stays where it was.
    taken = set(known.values())
    asked = {one for source, one in wanted.items() if one and source not in known}
    for source in sources:
        if source in found:
            continue
        name = wanted[source]
        if name is None or name in taken:
            free = (str(number) for number in range(1, len(sources) + len(taken) + len(asked) + 1))
            name = next(one for one in free if one not in taken and one not in asked)
        found[source] = name
        taken.add(name)
    return {source: found[source] for source in sources}


def _where(profile: Profile) -> Address:
    return parse(profile.url or "")[0]


def _key(address: Address) -> tuple[str, str, int]:
    return address.scheme, address.host.lower(), address.port


def _paths(channel: Channel, at: Address, site: Address) -> Paths:
    """Where that one is shown, with the port where that is another than the site's."""
    return Paths(at.path, _sub(channel.sub, at), None if _key(at) == _key(site) else bare(at))


def _sub(profile: Profile | None, address: Address) -> str | None:
    """The path of a smaller stream, where that is at the same address as the main one."""
    at = None if profile is None else _where(profile)
    return at.path if at is not None and _key(at) == _key(address) else None
