"""`watchfloor sites`: federated sites from the terminal, over the API that the console uses.

It has no door of its own: a person signs in, and what they may not do there they may not do here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typer

from watchfloor.cameras.import_command import Center, signed_in
from watchfloor.kit.errors import Invalid, NotFound

_PAGE: Final = 500


async def list_(*, url: str, name: str, password_file: Path | None = None, as_json: bool = False) -> int:
    """Every site, and how its cameras are.

    Example: watchfloor sites list --url https://center.example.gov --name t.weiss --json
    """
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        for site in await _all(center, "/sites"):
            _tell(site, f"{site['name']}: {site['cameras']} cameras, {site['says']}", as_json=as_json)
    return 0


async def show(
    *, site: str, url: str, name: str, password_file: Path | None = None, as_json: bool = False
) -> int:
    """One site and its cameras, by channel; the site by its name or id.

    Example: watchfloor sites show --site "Union Station" --url https://center.example.gov --name t.weiss
    """
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        found = await _site(center, site)
        said = f"{found['name']}, {found['place']}: {found['address']}, {found['says']}"
        _tell(found, said, as_json=as_json)
        for one in await _all(center, f"/sites/{found['id']}/cameras"):
            _tell(one, f"{one['channel']:>6}  {one['name']}: {one['state']['word']}", as_json=as_json)
    return 0


async def add(
    *,
    site: str,
    place: str,
    address: str | None = None,
    url: str,
    name: str,
    stream: str = "",
    kind: str = "nvr",
    lat: float | None = None,
    lon: float | None = None,
    sub_stream: str | None = None,
    replay: str | None = None,
    transport: str = "tcp",
    certificate: str | None = None,
    device: str | None = None,
    user: str | None = None,
    login_file: Path | None = None,
    authority_file: Path | None = None,
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """Register the site called SITE. With --user its password is asked for, or read from --login-file; yours from --password-file.

    A recorder with --device (its ONVIF address) tells of its cameras itself, and needs neither --stream nor --address. Of another center
    (--kind watchfloor) no paths are said, and --authority-file is who vouches for it where it is not a known one.

    Example: watchfloor sites add --site Depot --place Yard --address rtsp://10.0.4.20 --stream /{channel}/main --url https://wf --name a
    """
    body: dict[str, object] = {
        "name": site, "kind": kind, "place": place, "lat": lat, "lon": lon, "address": address, "stream": stream,
        "sub_stream": sub_stream, "replay": replay, "transport": transport, "certificate": certificate, "device": device,
    }  # fmt: skip
    if user is not None:
        body |= {"user": user, "password": _read(login_file) or _asked(f"Password of {user} at the site")}
    body |= {"authority": _read(authority_file)} if authority_file is not None else {}
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        made = await center.asks("POST", "/sites", content=json.dumps(body).encode())
        _tell(made, f"{made['name']} is registered: {made['id']}{_free(made)}", as_json=as_json)
    return 0


async def try_(
    *,
    site: str,
    channel: str,
    url: str,
    name: str,
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """Ask a registered site for one channel's pictures, by the login that is kept of it.

    Example: watchfloor sites try --site "Union Station" --channel 1 --url https://center.example.gov --name t.weiss
    """
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        found = await _site(center, site)
        body = {
            "site": found["id"],
            "address": found["address"],
            "stream": found["stream"],
            "channel": channel,
            "transport": found["transport"],
            "certificate": found["certificate"],
            "device": found["device"],
        }
        seen = await center.asks("POST", "/sites/tries", content=json.dumps(body).encode())
        if "channels" in seen:
            told = [one for one in seen["channels"] if one["channel"] == channel]
            if not told:
                raise NotFound(f"Its recorder tells of no channel {channel!r}.")
            _tell(told[0], f"Its recorder tells of channel {channel}: {_size(told[0])}", as_json=as_json)
            return 0
        _tell(seen, f"Pictures come of channel {channel}: {_size(seen)}", as_json=as_json)
    return 0


async def channels(
    *,
    site: str,
    url: str,
    name: str,
    channels: str | None = None,
    called: str | None = None,
    kind: str = "municipal",
    preview: bool = False,
    yes: bool = False,
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """Add the cameras at these channels, such as 1-16; without --channels those that its recorder tells of by ONVIF and that are not here
    yet. CALLED is the name of each, with {channel}; with --preview no camera is kept.

    Example: watchfloor sites channels --site "Union Station" --channels 1-16 --url https://center.example.gov --name t.weiss
    """
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        found = await _site(center, site)
        wanted = channels or await _told(center, found, as_json=as_json)
        if not wanted:
            return 1
        body = {"channels": wanted, "name": called or f"{found['name']} {{channel}}", "kind": kind}
        path, content = f"/sites/{found['id']}/cameras", json.dumps(body).encode()
        looked = await center.asks("POST", f"{path}/preview", content=content)
        for one in looked["channels"]:
            _tell(one, f"{one['channel']:>6}  {one['name']}{_why(one)}", as_json=as_json)
        if preview or not looked["added"]:
            return 0 if looked["added"] else 1
        if not yes and not typer.confirm(f"Add {looked['added']} cameras?", err=True):
            return 1
        made = await center.asks("POST", path, content=content)
        _tell({"added": made["added"]}, f"{made['added']} cameras are added.", as_json=as_json)
    return 0


async def offers(
    *,
    site: str,
    url: str,
    name: str,
    bring: bool = False,
    password_file: Path | None = None,
    as_json: bool = False,
) -> int:
    """What another center offers, beside what we have of it; with --bring what is new comes in and what changed is refreshed.

    Example: watchfloor sites offers --site County --bring --url https://center.example.gov --name t.weiss
    """
    async with signed_in(url.rstrip("/"), name, _password(name, password_file)) as center:
        path = f"/sites/{(await _site(center, site))['id']}/offers"
        looked = await center.asks("GET", path)
        for one in looked["offers"]:
            _tell(one, f"{one['verdict']:>8}  {one['name']}: {one['word']}", as_json=as_json)
        if not bring or not looked["new"] + looked["changed"]:
            return 0
        done = await center.asks("POST", path, content=b"{}")
        said = {"new": done["new"], "changed": done["changed"]}
        _tell(said, f"{done['new']} are brought in, {done['changed']} refreshed.", as_json=as_json)
    return 0


async def _told(center: Center, site: Mapping[str, Any], *, as_json: bool) -> str:
    """The channels that a site's recorder tells of and that are not here yet, and what it said beside them."""
    read = await center.asks("POST", f"/sites/{site['id']}/channels", content=b"{}")
    for remark in read["remarks"]:
        _tell({"remark": remark}, remark, as_json=as_json)
    free = [one["channel"] for one in read["channels"] if one["free"]]
    said = f"Its recorder tells of {len(read['channels'])} cameras; {len(free)} are not here yet."
    _tell({"told": len(read["channels"]), "free": len(free)}, said, as_json=as_json)
    return ", ".join(free)


def _free(site: Mapping[str, Any]) -> str:
    return f"; it tells of {len(site['channels_free'])} cameras" if site["channels_free"] else ""


def _size(seen: Mapping[str, Any]) -> str:
    return f"{seen['width']} x {seen['height']}"


def _why(one: Mapping[str, Any]) -> str:
    return f": {one['refused']}" if one["refused"] else ""


async def _site(center: Center, named: str) -> dict[str, Any]:
    """The site of this name or id. Raises NotFound."""
    for site in await _all(center, "/sites"):
        if named in (site["name"], site["id"]):
            return site
    raise NotFound(f"There is no site {named!r}.")


async def _all(center: Center, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        query = {"limit": str(_PAGE), **({"after": after} if after else {})}
        part = await center.asks("GET", path, query=query)
        found += part["items"]
        after = part["next"]
    return found


def _password(name: str, file: Path | None) -> str:
    return _read(file) or _asked(f"Password of {name}")


def _asked(what: str) -> str:
    return str(typer.prompt(what, hide_input=True, err=True))


def _read(file: Path | None) -> str:
    try:
        return file.read_text().strip() if file else ""
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}.") from error


def _tell(said: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(said) if as_json else sentence)
