"""An owner's own page: what became of the pictures, with proof; agree, change, suspend, revoke. HTML without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor
from watchfloor.identity.api import browser_of, cookie_name, identity_of, keep_cookie, person, session
from watchfloor.identity.enter import enter
from watchfloor.identity.sign_in import sign_out
from watchfloor.kit.errors import Invalid, Unauthenticated, Unavailable, WatchfloorError
from watchfloor.kit.extent import Extent
from watchfloor.kit.route import Beside
from watchfloor.owners import agree, html, look, own_html
from watchfloor.owners import sign_up as use
from watchfloor.owners.html import Fields, Html
from watchfloor.owners.model import LinkUse
from watchfloor.owners.pages import choose, fault, hidden_of, link_of, read_form, shown, source_of
from watchfloor.owners.sign_up import Known, Owners
from watchfloor.owners.terms import minutes_of, terms_of

_PAGE: Final = 50
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class OwnPages:
    """What the pages need: the use cases, and the folder of the published log."""

    owners: Owners
    ledger: Path


def routes(parts: OwnPages) -> APIRouter:
    """The pages of owners who are accepted."""
    router = APIRouter(include_in_schema=False, route_class=Beside)
    _add_enter(router, parts.owners)
    _add_page(router, parts.owners)
    _add_proof(router, parts)
    return router


def _add_enter(router: APIRouter, owners: Owners) -> None:
    @router.get("/owners/enter")
    async def enter_page(request: Request) -> Response:
        """Ask for a link to one's page; with a link, the button that opens it."""
        try:
            agency = await use.agency_of(owners, request.query_params.get("agency"))
            if isinstance(agency, list):
                return shown(choose("Your page", "/owners/enter", agency))
            token = request.query_params.get("token")
            if token is None:
                return shown(_ask_for_link(agency, "", {}))
            await use.found_by(owners, agency.id, token, LinkUse.ENTER)
        except WatchfloorError as error:
            return fault(error)
        button = html.button("Open my page", look="first")
        return shown(
            html.page("Your page", agency.name, html.form("/owners/enter", *hidden_of(agency, token), button))
        )

    @router.post("/owners/enter")
    async def enter_by_link(request: Request) -> Response:
        """Open the page by a link, or send a link to whoever is an owner under that address."""
        try:
            typed = await read_form(request)
            if "token" not in typed:
                return await _send_link(owners, request, typed)
            agency, token = await link_of(owners, typed)
            account = await use.entered(owners, agency.id, token)
            opened = await enter(identity_of(request), agency.id, account, browser_of(request))
        except WatchfloorError as error:
            return fault(error)
        answer = RedirectResponse("/owners/me", 303)
        await keep_cookie(request, answer, opened)
        return answer


async def _send_link(owners: Owners, request: Request, typed: Mapping[str, str]) -> Response:
    agency = await use.agency_of(owners, typed.get("agency"))
    if isinstance(agency, list):
        raise Invalid("Which agency is it for?", reason="agency")
    await use.ask_to_enter(owners, agency.id, typed.get("email", ""), source_of(request))
    said = "If that is an owner's address, a link is on its way to it. It works once, within 30 minutes."
    by_hand = "No mail server is set here: ask the staff who look after owners for a link."
    return shown(
        html.page("Your page", agency.name, html.note(said if owners.mails else by_hand, level="good"))
    )


def _ask_for_link(agency: Known, email: str, faults: Mapping[str, str]) -> Html:
    fields = Fields({"email": email}, faults)
    form = html.form(
        "/owners/enter",
        html.hidden("agency", outside("agency", agency.id)),
        fields.line("email", "Your e-mail address", kind="email", most=254, fill="email"),
        html.button("Send me a link", look="first"),
    )
    return html.page(
        "Your page", agency.name, html.p("You have no password here: a link is sent to you."), form
    )


def _add_page(router: APIRouter, owners: Owners) -> None:
    @router.get("/owners/me")
    async def my_page(request: Request) -> Response:
        """What became of my pictures, and what is agreed."""
        try:
            return shown(await _page(owners, await _who(request), request))
        except Unauthenticated:
            return RedirectResponse("/owners/enter", 303)
        except WatchfloorError as error:
            return fault(error)

    @router.post("/owners/me")
    async def act(request: Request) -> Response:
        """One act of mine."""
        try:
            actor, typed = await _who(request), await read_form(request)
            done = await _act(owners, actor, typed)
        except Unauthenticated:
            return RedirectResponse("/owners/enter", 303)
        except WatchfloorError as error:
            return fault(error)
        if done == "withdraw":
            return shown(html.page("Goodbye", "", html.note("You are no owner any more.", level="good")))
        return RedirectResponse(f"/owners/me?done={done}", 303)

    @router.post("/owners/leave")
    async def leave(request: Request) -> Response:
        """Sign out."""
        answer = RedirectResponse("/owners/enter", 303)
        try:
            await sign_out(identity_of(request), await session(request))
        except WatchfloorError as error:
            return fault(error)
        answer.delete_cookie(cookie_name(request), path="/")
        return answer


def _add_proof(router: APIRouter, parts: OwnPages) -> None:
    @router.get("/owners/me/proof/{entry}")
    async def proof(request: Request, entry: str) -> Response:
        """The proof of one use: an extract of the log that anybody checks without us."""
        try:
            found = await look.proof(parts.owners, await _who(request), inside("entry", entry), parts.ledger)
            if found.extract is None:
                raise Unavailable(
                    found.trouble or "This entry waits for the next signature of the log.", reason="proof"
                )
        except WatchfloorError as error:
            return fault(error)
        headers = {"Content-Disposition": f'attachment; filename="{entry}.json"', "Cache-Control": "no-store"}
        return Response(
            json.dumps(found.extract.as_json(), indent=2), media_type="application/json", headers=headers
        )


async def _who(request: Request) -> Actor:
    return await person(request)


async def _page(owners: Owners, actor: Actor, request: Request) -> Html:
    own = await agree.own(owners, actor)
    found = await look.looked(owners, actor, Extent(_PAGE, request.query_params.get("after")))
    held = await look.stays(owners, actor)
    agency = await use.agency_of(owners, outside("agency", actor.agency))
    name = agency.name if isinstance(agency, Known) else ""
    return own_html.page(name, own, found, held, own.zone, done=request.query_params.get("done", ""))


async def _act(owners: Owners, actor: Actor, typed: Mapping[str, str]) -> str:
    """Do what a button of the page says. Raises Invalid for what is none."""
    word = typed.get("act", "")
    if word == "withdraw":
        await agree.withdraw(owners, actor)
        return word
    if word in ("yes", "no"):
        minutes = minutes_of(typed) if word == "yes" else None
        await agree.answer(owners, actor, inside("sharing_request", typed.get("request", "")), minutes)
        return word
    agreement = inside("agreement", typed.get("agreement", ""))
    if word == "change":
        own = await agree.own(owners, actor)
        zones = {one.agreement.id: one.agreement.zone for one in own.shared}
        await agree.change(owners, actor, agreement, terms_of(typed, zones.get(agreement, _UTC)))
        return word
    acts: Mapping[str, agree.OwnAct] = {
        "agree": agree.agree, "suspend": agree.suspend, "resume": agree.resume, "revoke": agree.revoke,
    }  # fmt: skip
    if word not in acts:
        raise Invalid("That is none of the acts of this page.", reason="act")
    await acts[word](owners, actor, agreement)
    return word
