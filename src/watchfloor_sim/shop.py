"""An invented shop that shares its camera, on the public pages alone, as a browser without JavaScript does.

What can be done is read from the page, and a button is pressed by sending the form that it stands in. Who looks after owners
hands links over, as where no mail server is set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from watchfloor_sim.people import Answered, Person, client
from watchfloor_sim.story import Night

OFFER: Final = {
    "kind": "business", "name": "Lock Street Bakery", "email": "bakery@rivercity.example", "address": "Granary Alley at Lock St",
    "cameras": "1", "shares": "stream", "terms": "yes",
}  # fmt: skip
TERMS: Final = {"mode": "always", "radius_m": 300, "hours": [], "ends_at": None}
_FORM: Final = re.compile(r"<form [^>]*>.*?</form>", re.DOTALL)
_HIDDEN: Final = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')
_PARAGRAPH: Final = re.compile(r"<p[^>]*>([^<]*)</p>")


@dataclass(slots=True)
class Shop:
    """The shop at its page. What it last saw there is `page`."""

    person: Person
    page: str = ""

    async def look(self) -> str:
        """The page as it is now."""
        answer = await self.person.http.get("/owners/me")
        if not answer.is_success:
            raise Answered(f"the owner's page answered {answer.status_code}: {answer.text[:600]}")
        self.page = answer.text
        return self.page

    def may(self, act: str) -> bool:
        """Whether there is a button for it."""
        return f'value="{act}"' in self.page

    def form(self, act: str) -> Mapping[str, str]:
        """What the first button for it sends."""
        for form in _FORM.findall(self.page):
            if f'name="act" value="{act}"' in form:
                return dict(_HIDDEN.findall(form)) | {"act": act}
        raise Answered(f"the owner's page has no button to {act}")

    async def press(self, act: str) -> None:
        """Press that button, and see the page that comes of it."""
        await self.send(self.form(act))
        await self.look()

    async def send(self, form: Mapping[str, str]) -> None:
        """What pressing a button sends."""
        answer = await self.person.http.post("/owners/me", data=dict(form))
        if answer.status_code != 303:
            raise Answered(f"the owner's page answered {answer.status_code}: {answer.text[:600]}")

    def says(self, begin: str) -> list[str]:
        """The paragraphs of the page that begin so."""
        said = [unescape(words) for words in _PARAGRAPH.findall(self.page)]
        return [words for words in said if words.startswith(begin)]

    async def leave(self) -> None:
        """Close the browser."""
        await self.person.http.aclose()


async def shares(night: Night, camera: str) -> Shop:
    """The shop at its page, and its camera is shared: whatever of that was not so before is done now."""
    staff = night.people["technician"]
    owner = await _accepted(staff)
    shop = Shop(_visitor(staff))
    await _follow(shop.person, (await staff.post(f"/owners/{owner}/link"))["link"])
    await shop.look()
    if not shop.may("revoke"):
        if not shop.may("agree"):
            await staff.post(f"/owners/{owner}/agreements", TERMS | {"camera": camera})
            await shop.look()
        await shop.press("agree")
    if shop.may("resume"):
        await shop.press("resume")
    return shop


async def _accepted(staff: Person) -> str:
    """What the center calls the shop: it has signed up and proved its address, and is accepted."""
    found = await _listed(staff)
    visitor = _visitor(staff)
    try:
        if found is None:
            answer = await visitor.http.post("/owners/sign-up", data=OFFER)
            found = await _listed(staff)
            if found is None:
                raise Answered(f"the shop signed up, and staff do not see it: {answer.text[:600]}")
        owner, state = str(found["id"]), found["state"]
        if state in ("unverified", "asked"):
            await _follow(
                visitor, (await staff.post(f"/owners/{owner}/link"))["link"], answer="It looks at our door."
            )
            state = "waiting"
        if state == "waiting":
            await staff.post(f"/owners/{owner}/accept")
        return owner
    finally:
        await visitor.http.aclose()


def _visitor(staff: Person) -> Person:
    """A browser of the shop, at the center that staff are at."""
    return Person("the shop", client(str(staff.http.base_url).rstrip("/")))


async def _listed(staff: Person) -> dict[str, object] | None:
    owners = (await staff.get("/owners", limit="500"))["items"]
    return next((one for one in owners if one["email"] == OFFER["email"]), None)


async def _follow(visitor: Person, link: str, **said: str) -> None:
    """Open a one-time link and press the one button of its page."""
    shown = await visitor.http.get(link)
    sent = dict(_HIDDEN.findall(shown.text)) | said
    answer = await visitor.http.post(urlsplit(link).path, data=sent)
    if answer.status_code not in (200, 303):
        raise Answered(f"the link answered {answer.status_code}: {answer.text[:600]}")
