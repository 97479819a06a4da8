"""A page of Chromium that nobody listens to but who asks.

What drives a browser for tests has the body of each answer that the page fetches kept, in the page's own process and as long as
it lives: a page that is measured for an hour grows by what it fetched. And all that comes over a socket is told to it once more, as
text: of video that is more work than the page has with it. So this one is opened beside the driver, and only what is asked for is
turned on.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from watchfloor.kit.errors import Unavailable

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession

_ANSWERS_WITHIN_S: Final = 60.0


class Line:
    """One session with a page, in Chromium's own words."""

    def __init__(self, browser: CDPSession, session: str) -> None:
        self._browser, self._session = browser, session
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Mapping[str, object]]] = {}
        browser.on("Target.receivedMessageFromTarget", self._heard)

    async def ask(self, method: str, **given: object) -> Mapping[str, object]:
        """Its answer. Raises Unavailable where the page refuses or is gone."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = json.dumps({"id": number, "method": method, "params": given})
        await self._browser.send(
            "Target.sendMessageToTarget", {"sessionId": self._session, "message": message}
        )
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                said = await answer
        except TimeoutError as error:
            raise Unavailable(f"The page does not answer {method}.") from error
        finally:
            del self._waiting[number]
        if "error" in said:
            raise Unavailable(f"The page refused {method}: {said['error']}")
        return cast("Mapping[str, object]", said["result"])

    async def evaluate(self, expression: str) -> object:
        """What the expression is in the page, or comes to."""
        said = await self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in said:
            raise Unavailable(f"The page could not say {expression!r}.")
        return cast("Mapping[str, object]", said["result"]).get("value")

    def _heard(self, event: Mapping[str, str]) -> None:
        if event["sessionId"] != self._session:
            return
        said = json.loads(event["message"])
        answer = self._waiting.get(said.get("id"))
        if answer is not None and not answer.done():
            answer.set_result(said)


class BarePage:
    """A page of its own, with as many lines to it as are asked for."""

    def __init__(self, browser: CDPSession, target: str) -> None:
        self._browser, self._target = browser, target

    @classmethod
    async def open(cls, chromium: Browser, width: int, height: int) -> BarePage:
        browser = await chromium.new_browser_cdp_session()
        context = (await browser.send("Target.createBrowserContext"))["browserContextId"]
        target = await browser.send(
            "Target.createTarget",
            {"url": "about:blank", "browserContextId": context, "width": width, "height": height},
        )
        return cls(browser, target["targetId"])

    async def line(self) -> Line:
        said = await self._browser.send("Target.attachToTarget", {"targetId": self._target, "flatten": False})
        return Line(self._browser, said["sessionId"])
