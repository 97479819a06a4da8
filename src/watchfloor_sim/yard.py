"""The city's one trailer: set up by a technician and a supervisor; it reports, and its lights answer, while the city stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from watchfloor_sim.city.cameras import CAMERAS, TRAILER
from watchfloor_sim.memory import Memory
from watchfloor_sim.people import API, Answered
from watchfloor_sim.story import Night, Told
from watchfloor_sim.trailer import TrailerDevice, switch_of, tell

NAME: Final = "Trailer 2"
SITE: Final = next(site for site in CAMERAS if site.technology == TRAILER)
_EVERY_S: Final = 15.0


async def park(night: Night, memory: Memory, keep: Callable[[], None]) -> None:
    """Its camera is on it, it stands where its camera stood, and its device has a token."""
    if memory.trailer_token:
        return
    technician, supervisor = night.people["technician"], night.people["supervisor"]
    there = {one["name"]: one for one in (await technician.get("/trailers"))["items"]}
    trailer = there.get(NAME) or await technician.post("/trailers", {"name": NAME})
    path, camera = f"/trailers/{trailer['id']}", memory.cameras[SITE.key]
    if trailer["placement"] is None:
        body = {"place": SITE.place, "lat": SITE.lat, "lon": SITE.lon, "heading_deg": SITE.heading_deg}
        await supervisor.post(f"{path}/place", body | {"reason": "Copper is stolen from the depot at night"})
    answer = await technician.http.patch(f"{API}{path}", json={"cameras": [{"id": camera}]})
    if not answer.is_success:
        raise Answered(f"what is on the trailer was answered {answer.status_code}: {answer.text[:600]}")
    memory.trailer, memory.trailer_token = (
        str(trailer["id"]),
        (await technician.post(f"{path}/token", {}))["token"],
    )
    keep()


async def stand(night: Night, memory: Memory, told: Told) -> None:
    """It reports and answers for ever; the secret of its lights is made anew with each start."""
    device, technician = TrailerDevice(SITE.lat, SITE.lon), night.people["technician"]
    base = str(technician.http.base_url).rstrip("/")
    async with switch_of(device) as url:
        made = await technician.put(f"/trailers/{memory.trailer}/lights-switch", {"url": url})
        device.secret = str(made["secret"])
        told("trailer", {"name": NAME, "place": SITE.place})
        await tell(device, base, memory.trailer_token, _EVERY_S)
