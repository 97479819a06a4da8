"""Public pages of owners: offer a camera, prove an address. HTML that works without JavaScript; a page calls a use case, no more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from watchfloor.governance.forms import outside
from watchfloor.kit.errors import Invalid, Kind, TooLarge, WatchfloorError
from watchfloor.kit.route import Beside
from watchfloor.owners import html
from watchfloor.owners import sign_up as use
from watchfloor.owners.html import Fields, Html
from watchfloor.owners.model import Faulty, LinkUse, Owner, OwnerState, Shares
from watchfloor.owners.sign_up import Known, Owners

_LARGEST_FORM: Final = 32 * 1024
_MOST_FIELDS: Final = 60
STATUS: Final = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.REFUSED: 403,
    Kind.CONFLICT: 409,
    Kind.NOT_FOUND: 404,
    Kind.TOO_MANY: 429,
    Kind.EXPIRED: 410,
    Kind.TOO_LARGE: 413,
}
_HEADERS: Final = {"Cache-Control": "no-store"}
_CSS: Final = Path(__file__).parent / "page.css"
_AGENCY: Final = "watchfloor"
_TRAP: Final = Html(
    '<div class="trap" aria-hidden="true"><label>Leave this empty'
    '<input name="website" tabindex="-1" autocomplete="off"></label></div>'
)


def routes(owners: Owners) -> APIRouter:
    """The public pages."""
    router = APIRouter(include_in_schema=False, route_class=Beside)

    @router.get("/owners/page.css")
    async def style() -> Response:
        """How the pages look."""
        return FileResponse(_CSS, media_type="text/css", headers={"Cache-Control": "max-age=300"})

    _add_sign_up(router, owners)
    _add_verify(router, owners)
    _add_withdraw(router, owners)
    return router


def _add_sign_up(router: APIRouter, owners: Owners) -> None:
    @router.get("/owners/sign-up")
    async def sign_up_page(request: Request) -> Response:
        """The form by which somebody offers a camera."""
        try:
            agency = await use.agency_of(owners, request.query_params.get("agency"))
        except WatchfloorError as error:
            return fault(error)
        if isinstance(agency, list):
            return shown(choose("Offer a camera", "/owners/sign-up", agency))
        if owners.settings.sign_up != "open":
            return shown(_closed(agency))
        return shown(_form(owners, agency, {"cameras": "1"}, {}))

    @router.post("/owners/sign-up")
    async def sign_up(request: Request) -> Response:
        """Take what was filled in, or show it again with what is wrong."""
        try:
            typed = await read_form(request)
            agency = await use.agency_of(owners, typed.get("agency"))
            if isinstance(agency, list) or owners.settings.sign_up != "open":
                raise Invalid("No offers are taken here.", reason="agency")
            answer = await use.sign_up(owners, agency.id, typed, source_of(request))
        except WatchfloorError as error:
            return fault(error)
        if isinstance(answer, Faulty):
            return shown(_form(owners, agency, typed, answer.faults), 422)
        return shown(_thanks(owners, agency))


def _add_verify(router: APIRouter, owners: Owners) -> None:
    @router.get("/owners/verify")
    async def verify_page(request: Request) -> Response:
        """Where the link of a letter leads: a button, for a link that is only looked at uses nothing up."""
        try:
            agency, token = await link_of(owners, dict(request.query_params))
            owner = await use.found_by(owners, agency.id, token, LinkUse.VERIFY)
        except WatchfloorError as error:
            return fault(error)
        return shown(_to_verify(agency, token, owner))

    @router.post("/owners/verify")
    async def verify(request: Request) -> Response:
        """The address is theirs; with the answer to what they were asked."""
        try:
            typed = await read_form(request)
            agency, token = await link_of(owners, typed)
            owner = await use.verify(owners, agency.id, token, typed.get("answer", ""))
        except WatchfloorError as error:
            return fault(error)
        return shown(_verified(agency, owner))


def _add_withdraw(router: APIRouter, owners: Owners) -> None:
    @router.get("/owners/withdraw")
    async def withdraw_page(request: Request) -> Response:
        """The button by which an offer that waits is taken back."""
        try:
            agency, token = await link_of(owners, dict(request.query_params))
            await use.found_by(owners, agency.id, token, LinkUse.WITHDRAW)
        except WatchfloorError as error:
            return fault(error)
        said = html.p("Your offer is forgotten after 30 days; until then nobody acts on it.")
        button = html.button("Take my offer back", look="serious")
        form = html.form("/owners/withdraw", *hidden_of(agency, token), said, button)
        return shown(html.page("Take your offer back", agency.name, form))

    @router.post("/owners/withdraw")
    async def withdraw(request: Request) -> Response:
        """Take it back."""
        try:
            agency, token = await link_of(owners, await read_form(request))
            await use.withdraw(owners, agency.id, token)
        except WatchfloorError as error:
            return fault(error)
        return shown(
            html.page("Taken back", agency.name, html.note("Your offer is taken back.", level="good"))
        )


async def link_of(owners: Owners, given: Mapping[str, str]) -> tuple[Known, str]:
    """The agency and the secret of a link. Raises NotFound, LinkOver."""
    agency = await use.agency_of(owners, given.get("agency"))
    token = given.get("token", "")
    if isinstance(agency, list) or not 20 <= len(token) <= 100:
        raise use.LinkOver
    return agency, token


def hidden_of(agency: Known, token: str) -> tuple[Html, Html]:
    """What goes with the button of a link."""
    return html.hidden("agency", outside("agency", agency.id)), html.hidden("token", token)


async def read_form(request: Request) -> dict[str, str]:
    """What a form says, the last of each name. Raises TooLarge, Invalid."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            raise TooLarge(f"At most {_LARGEST_FORM // 1024} kB are taken in a form.")
    try:
        return dict(
            parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError as error:  # no UTF-8, or too many fields
        raise Invalid("This form cannot be read.", reason="form") from error


def source_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else "unknown"


def shown(content: Html, status: int = 200) -> Response:
    """A page as an answer."""
    return HTMLResponse(content, status, headers=_HEADERS)


def fault(error: WatchfloorError) -> Response:
    """A page that says what went wrong and what to do."""
    title = "That did not work" if error.kind is not Kind.TOO_MANY else "Too often"
    parts = [html.note(error.detail, level="serious", alert=True)]
    if error.next_step:
        parts.append(html.p(error.next_step))
    answer = shown(html.page(title, _AGENCY, *parts), STATUS.get(error.kind, 503))
    if error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def choose(title: str, path: str, agencies: list[Known]) -> Html:
    """Several agencies share this center: which one is meant?"""
    each = (html.link(one.name, f"{path}?agency={outside('agency', one.id)}") for one in agencies)
    return html.page(
        title, _AGENCY, html.p("Which agency is it for?"), *(html.block(one, look="card") for one in each)
    )


def _closed(agency: Known) -> Html:
    return html.page("Offer a camera", agency.name, html.note("No offers are taken at present."))


def _form(owners: Owners, agency: Known, typed: Mapping[str, str], faults: Mapping[str, str]) -> Html:
    fields = Fields(typed, faults)
    offers = (
        (
            Shares.STREAM.value,
            "Pictures of it, by an agreement that says when. You can end that at any time.",
        ),
        (Shares.ASK_ME.value, "Only that it is there: ask me when something happened, and I decide."),
    )
    return html.page(
        "Offer a camera",
        agency.name,
        html.p("You have a camera that sees a street, and want it to help."),
        html.p("Who you are is told to nobody but the staff who look after owners."),
        fields.summary(),
        html.form(
            "/owners/sign-up",
            html.hidden("agency", outside("agency", agency.id)),
            fields.choice("kind", "You are", (("person", "A person, at home"), ("business", "A business or another body"))),
            fields.line("name", "Your name, or that of the business", most=120, fill="name"),
            fields.line("email", "E-mail", kind="email", hint="We send a link there, so that we know it is yours.", most=254, fill="email"),
            fields.line("phone", "Telephone, if we may call", kind="tel", most=40, fill="tel"),
            fields.line("address", "Where the camera is", hint="Street and number.", fill="street-address"),
            html.block(
                fields.line("lat", "Or its point on a map: latitude", most=24),
                fields.line("lon", "Longitude", most=24),
                Html(f'<p class="fault">{html.text(faults["place"])}</p>' if "place" in faults else ""),
                look="two",
            ),
            fields.line("cameras", "How many cameras", most=3),
            fields.line("make", "Make of the camera, if you know it", most=80),
            fields.choice("shares", "What you offer", offers),
            fields.area("note", "What else we should know"),
            html.h2("Terms"),
            html.p(owners.settings.terms),
            fields.yes("terms", "I have read the terms and say yes to them"),
            _TRAP,
            html.button("Offer the camera", look="first"),
        ),
    )  # fmt: skip


def _thanks(owners: Owners, agency: Known) -> Html:
    mailed = "We have sent a letter to the address you wrote. Open the link in it within 48 hours; then we look at your offer."
    by_hand = "No mail server is set here, so somebody of our staff gives you a link by which you say that the address is yours."
    return html.page(
        "Thank you",
        agency.name,
        html.note(mailed if owners.mails else by_hand, level="good"),
        html.p(
            "No letter after some minutes? Look among unwanted mail, or offer the camera again with the same address."
        ),
    )


def _to_verify(agency: Known, token: str, owner: Owner) -> Html:
    """What is confirmed is shown: somebody else may have written it with this address."""
    said, asked = owner.signed_up, owner.state is OwnerState.ASKED
    if asked:
        answer = Fields({}, {}).area("answer", "Your answer")
        parts = [html.p("We have a question about your camera:"), html.note(owner.said), answer]
    else:
        what = f"{said.name} offers {said.cameras} camera(s){f', {said.address}' if said.address else ''}."
        parts = [
            html.p("With this address somebody wrote:"),
            html.note(what),
            html.p("Was it you, and is it right?"),
        ]
    button = html.button("Send" if asked else "Yes", look="first")
    return html.page(
        "A question" if asked else "Is this your address?",
        agency.name,
        html.form("/owners/verify", *hidden_of(agency, token), *parts, button),
        html.p(
            "Nothing is kept of it if you do nothing."
            if not asked
            else "We decide once we have your answer.",
            look="soft",
        ),
    )


def _verified(agency: Known, owner: Owner) -> Html:
    if owner.state is OwnerState.ASKED:
        said = "Your answer is with our staff."
    else:
        said = "Your address is proved. Our staff look at your offer and write to you."
    return html.page("Thank you", agency.name, html.note(said, level="good"))
