"""What a whole city has beside the first camera, reader and unit: set up once, found again at every later start.

What was set up is kept at once, so that a start that is cut off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable

from watchfloor_sim.block import Running
from watchfloor_sim.city.cameras import CAMERAS, PRIVATE, READERS
from watchfloor_sim.fleet import POSTS, Post
from watchfloor_sim.memory import Memory
from watchfloor_sim.on_video import read_on_video
from watchfloor_sim.people import API, Answered, Person, accept, invite
from watchfloor_sim.shop import shares
from watchfloor_sim.story import Night, Told, authorise
from watchfloor_sim.yard import park


async def furnish(
    night: Night, devices: Running, memory: Memory, keep: Callable[[], None], told: Told
) -> None:
    """Register every camera and reader of the city, make every unit and put its officer on it; let the shop share its camera; have plates
    read on another."""
    memory.cameras.setdefault(CAMERAS[0].key, memory.camera)
    memory.reader_tokens.setdefault(READERS[0].key, memory.reader_token)
    memory.units.setdefault(POSTS[0].call_sign, memory.unit)
    await _cameras(night, devices, memory, keep)
    await _readers(night, memory, keep)
    await _units(night, memory, keep)
    await park(night, memory, keep)
    await _owner(night, memory, told)
    await read_on_video(night, memory, keep, told)
    told("furnished", {"cameras": len(CAMERAS), "readers": len(READERS), "units": len(POSTS)})


async def _cameras(night: Night, devices: Running, memory: Memory, keep: Callable[[], None]) -> None:
    technician = night.people["technician"]
    for site in CAMERAS:
        if site.key not in memory.cameras:
            entry = site.entry() | login(devices, site.key)
            memory.cameras[site.key] = await _made(technician, "/cameras", "name", entry)
            keep()


async def _owner(night: Night, memory: Memory, told: Told) -> None:
    """The one camera that is a shop's is allowed, and its owner shares it by an agreement."""
    camera = memory.cameras[next(site.key for site in CAMERAS if site.technology == PRIVATE)]
    found = (await night.people["clerk"].get("/authorisations", limit="200"))["items"]
    if not any((one["technology"], one["state"]) == (PRIVATE, "in_force") for one in found):
        await authorise(night, PRIVATE, "Cameras that their owners link", told)
    await (await shares(night, camera)).leave()


async def _readers(night: Night, memory: Memory, keep: Callable[[], None]) -> None:
    technician = night.people["technician"]
    for site in (site for site in READERS if site.key not in memory.reader_tokens):
        reader = await _made(technician, "/readers", "name", site.entry())
        given = await technician.post(f"/readers/{reader}/token", {})
        memory.reader_tokens[site.key] = given["token"]
        keep()


async def _units(night: Night, memory: Memory, keep: Callable[[], None]) -> None:
    """Units with their officers, and a token for the locator of each."""
    supervisor, technician = night.people["supervisor"], night.people["technician"]
    for post in (post for post in POSTS if post.call_sign not in memory.units):
        unit = await _made(supervisor, "/units", "call_sign", {"call_sign": post.call_sign})
        await supervisor.put(f"/units/{unit}/crew", {"people": [await _officer(night, post)]})
        memory.units[post.call_sign] = unit
        keep()
    for post in POSTS:
        if post.call_sign not in memory.unit_tokens:
            given = await technician.post(f"/units/{memory.units[post.call_sign]}/token", {})
            memory.unit_tokens[post.call_sign] = given["token"]
            keep()


async def _officer(night: Night, post: Post) -> str:
    """The id of a unit's officer, who has an account and a password afterwards."""
    administrator = night.people["administrator"]
    base = str(administrator.http.base_url).rstrip("/")
    known = {person["name"]: person for person in (await administrator.get("/people"))["items"]}
    if post.officer not in known:
        officer = await invite(administrator, base, post.officer, post.full_name, "officer")
    elif known[post.officer]["state"] == "invited":
        again = await administrator.post(f"/people/{known[post.officer]['id']}/invitation")
        officer = await accept(base, post.officer, again["token"])
    else:
        return str(known[post.officer]["id"])
    own = (await officer.get("/session"))["person"]["id"]
    await officer.http.aclose()
    return str(own)


async def _made(person: Person, path: str, field: str, entry: dict[str, object]) -> str:
    """The id of what is made now, or was made by a start that was cut off, perhaps before it heard so."""
    try:
        return str((await person.post(path, entry))["id"])
    except Answered:
        there = {item[field]: str(item["id"]) for item in (await person.get(path))["items"]}
        if entry[field] not in there:
            raise
        return there[str(entry[field])]


def login(devices: Running, key: str) -> dict[str, object]:
    """Where a camera is reached, and how one signs in there."""
    camera = devices.cameras[key]
    return {"url": camera.url, "user": devices.camera_user, "password": devices.camera_password}


async def enter_anew(night: Night, devices: Running, memory: Memory, told: Told) -> None:
    """Tell the center the new address of every camera: their port was taken."""
    for key, camera in (memory.cameras or {CAMERAS[0].key: memory.camera}).items():
        answer = await night.people["technician"].http.patch(
            f"{API}/cameras/{camera}", json=login(devices, key)
        )
        if not answer.is_success:
            raise Answered(f"the camera's new address was answered {answer.status_code}: {answer.text[:600]}")
    told("moved", {"cameras": len(devices.cameras)})
