"""An owner revokes while somebody watches: the picture goes dark at once with the reason, and the owner's page says what stays and why.

A minute is preserved for the case before, so that something stays. In the end the shop gives a new agreement, and all is as it was.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchfloor_sim import story
from watchfloor_sim.city.cameras import CAMERAS, PRIVATE
from watchfloor_sim.people import Answered
from watchfloor_sim.reader import rfc3339
from watchfloor_sim.shop import Shop, shares
from watchfloor_sim.stories.stage import Stage

CAMERA: Final = next(site for site in CAMERAS if site.technology == PRIVATE)
TITLE: Final = "Break-in, Granary Alley"
PURPOSE: Final = "burglary_theft"
_WITHIN_S: Final = 90.0
_PRESERVED: Final = timedelta(minutes=1)
_LOOK_AGAIN_S: Final = 0.5


async def owner_revoking(stage: Stage) -> None:
    """Watched for a while, dark for a while, and then shared again."""
    camera, case = stage.cameras[CAMERA.key], await _case(stage)
    shop = await shares(stage.night, camera)
    try:
        async with _watched(stage, camera, case) as socket, _preserved(stage, camera, case):
            await _revoked(stage, shop, socket)
            dark_at = datetime.now(UTC)
            await asyncio.sleep(stage.lasts_s / 3)
            stays = await _soon("what was recorded is not deleted", lambda: _what_stays(shop))
            stage.told("stays", {"says": " ".join(stays)})
    finally:
        await shop.leave()
    await (await shares(stage.night, camera)).leave()
    await _until_live(stage, camera)
    gap = await _soon("there is no gap by agreement", lambda: _gap(stage, camera, case, dark_at))
    stage.told("gap", {"camera": CAMERA.name, "says": gap})


async def _case(stage: Stage) -> str:
    """The case of an earlier evening, or a new one."""
    cases = (await stage.person("analyst").get("/cases"))["items"]
    for one in cases:
        if (one["title"], one["state"], one["provisional_until"]) == (TITLE, "open", None):
            return f"case:{one['id']}"
    return await story.open_case(
        stage.night, f"26-{stage.chance.randrange(10_000, 99_999)}", TITLE, purpose=PURPOSE
    )


@asynccontextmanager
async def _watched(stage: Stage, camera: str, case: str) -> AsyncIterator[Any]:
    """The live socket of the analyst, with pictures in it; the recorder may open the camera only now."""
    async with asyncio.timeout(_WITHIN_S) as limit:
        while True:
            async with stage.person("analyst").socket(f"/live/{camera}") as socket:
                await socket.send(json.dumps({"purpose": PURPOSE, "case": case}))
                while (message := await socket.recv())[0] not in (2, 5):
                    pass
                if message[0] == 2:
                    limit.reschedule(None)
                    stage.told("shared", {"camera": CAMERA.name})
                    yield socket
                    return
            await asyncio.sleep(_LOOK_AGAIN_S)


@asynccontextmanager
async def _preserved(stage: Stage, camera: str, case: str) -> AsyncIterator[None]:
    """The last minute of it is held for the case meanwhile."""
    analyst, now, why = stage.person("analyst"), datetime.now(UTC), {"purpose": PURPOSE, "case": case}
    span = {"from_at": rfc3339(now - _PRESERVED), "to_at": rfc3339(now)}
    wish = {"data_class": "footage", "about": camera, "reason": "Somebody ran through the alley."}
    hold = await analyst.post("/holds", wish | span | why)
    stage.told("preserved", {"camera": CAMERA.name})
    try:
        yield
    finally:
        await analyst.post(f"/holds/{hold['id']}/end", {"reason": "Nothing of it is needed."} | why)


async def _revoked(stage: Stage, shop: Shop, socket: Any) -> None:
    """After a while of watching the shop presses the button; how long the viewer still saw pictures, and what the viewer is told."""
    loop = asyncio.get_running_loop()
    dark = asyncio.ensure_future(_until_dark(socket))
    try:
        await asyncio.wait({dark}, timeout=stage.lasts_s / 3)
        if dark.done():
            raise Answered(f"the live picture ended before anybody revoked: {dark.result()['detail']}")
        await shop.look()
        form, tapped = shop.form("revoke"), loop.time()
        await shop.send(form)
        async with asyncio.timeout(_WITHIN_S):
            end = await dark
        after_ms = int((end["at"] - tapped) * 1000)
        stage.told("revoked", {"camera": CAMERA.name, "after_ms": after_ms, "why": end["detail"]})
    finally:
        dark.cancel()


async def _until_dark(socket: Any) -> dict[str, Any]:
    """What the end of the live picture says, and when by our clock it came."""
    while (message := await socket.recv())[0] != 5:
        pass
    return dict(json.loads(message[18:])) | {"at": asyncio.get_running_loop().time()}


async def _what_stays(shop: Shop) -> list[str]:
    """Once it is deleted: what was, and what stays until when and why, as the owner reads it."""
    await shop.look()
    return [*shop.says("Deleted:"), *shop.says("What stays:")] if shop.says("Deleted:") else []


async def _until_live(stage: Stage, camera: str) -> None:
    async with asyncio.timeout(_WITHIN_S), aclosing(stage.person("technician").watch("cameras")) as items:
        async for item in items:
            if item["id"] == camera and item["state"]["word"] == "live":
                break
    stage.told("shared_again", {"camera": CAMERA.name})


async def _gap(stage: Stage, camera: str, case: str, dark_at: datetime) -> str:
    """The reason of the gap, in the timeline of the camera."""
    span = {"from": rfc3339(dark_at), "to": rfc3339(datetime.now(UTC))}
    path = f"/cameras/{camera}/timeline"
    line = await stage.person("analyst").get(path, purpose=PURPOSE, case=case, **span)
    return next((str(gap["reason"]) for gap in line["gaps"] if gap["reason"].startswith("By agreement")), "")


async def _soon(otherwise: str, look: Callable[[], Awaitable[Any]]) -> Any:
    """What a look finds as soon as it finds anything. Raises Answered."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(_LOOK_AGAIN_S)
    except TimeoutError as error:
        raise Answered(otherwise) from error
