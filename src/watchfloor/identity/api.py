"""Routes of identity, and the dependencies by which every other route learns who asks."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from watchfloor.governance.api import version_of
from watchfloor.governance.asker import ACT
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import Actor, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity import agency, devices, forms, people, workstations
from watchfloor.identity import sign_in as use
from watchfloor.identity.model import MINIMUM_PASSWORD, Browser, Person, SignIn, Workstation
from watchfloor.kit.errors import Conflict, Invalid, Unauthenticated, Unavailable
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

COOKIE: Final = "wf_session"
SECURE_COOKIE: Final = "__Host-wf_session"
WORKSTATION_COOKIE: Final = "wf_workstation"


def identity_of(connection: HTTPConnection) -> use.Identity:
    """The process's Identity, set when the web application is assembled."""
    identity: use.Identity = connection.app.state.identity
    return identity


def cookie_name(connection: HTTPConnection) -> str:
    """Over TLS the cookie is bound to this host and to TLS."""
    return SECURE_COOKIE if connection.url.scheme in ("https", "wss") else COOKIE


def workstation_cookie(connection: HTTPConnection) -> str:
    """The same for the cookie of a workstation."""
    return cookie_name(connection).replace(COOKIE, WORKSTATION_COOKIE)


def browser_of(connection: HTTPConnection) -> Browser:
    """What the browser brings along."""
    kept = connection.cookies
    return Browser(kept.get(cookie_name(connection)), kept.get(workstation_cookie(connection)))


def keep(request: Request, response: Response, name: str, value: str, *, for_s: int) -> None:
    """A cookie that only this server gets, and no script."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=for_s, httponly=True, secure=secure, samesite="strict", path="/")


async def session(connection: HTTPConnection) -> SignIn:
    """The session of the cookie. Raises Unauthenticated."""
    token = connection.cookies.get(cookie_name(connection))
    if not token:
        raise Unauthenticated("Nobody is signed in.", next_step="Sign in.")
    return await use.session_of(identity_of(connection), token)


async def signed_in(connection: HTTPConnection, found: Annotated[SignIn, Depends(session)]) -> Actor:
    """The person who asks, with the act that the request's idempotency key names."""
    return use.actor_of(found, connection.scope.get(ACT))


async def person(connection: HTTPConnection) -> Actor:
    """The same for who has only the connection. Raises Unauthenticated."""
    return await signed_in(connection, await session(connection))


async def device(connection: HTTPConnection) -> Actor:
    """The device of the token: a bearer's, or the password where a device knows only name and password. Raises Unauthenticated."""
    scheme, _, said = connection.headers.get("authorization", "").partition(" ")
    name, token = devices.named_token(said) if scheme.lower() == "basic" else ("", said.strip())
    if scheme.lower() not in ("bearer", "basic") or not token:
        raise Unauthenticated(
            "A device token is needed.",
            next_step="Send `Authorization: Bearer <token>`, or the device's id and the token as name and password.",
        )
    found = await devices.device_of(identity_of(connection), token)
    if name and name.rpartition("_")[2].upper() != outside("reader", found.id).rpartition("_")[2].upper():
        raise Unauthenticated(
            "This token is another device's than the name says.",
            next_step="Use the id of the device as the name, and its own token as the password.",
        )
    return found


async def person_or_device(connection: HTTPConnection) -> Actor:
    """Whoever asks: a device with a token, else a person with a session."""
    if "authorization" in connection.headers:
        return await device(connection)
    return await person(connection)


async def why(
    wf_purpose: Annotated[str | None, Header()] = None,
    wf_case: Annotated[str | None, Header()] = None,
    wf_asked_for: Annotated[
        str | None, Header(description="Of a partner center: the role of whom it asks for.")
    ] = None,
) -> Why | None:
    """Purpose and case from the headers of a GET."""
    return why_of(wf_purpose, wf_case, wf_asked_for)


Session = Annotated[SignIn, Depends(session)]
Signed = Annotated[Actor, Depends(signed_in)]
Device = Annotated[Actor, Depends(device)]
Either = Annotated[Actor, Depends(person_or_device)]
Purposed = Annotated[Why | None, Depends(why)]
IfMatch = Annotated[str | None, Header()]


class SignInBody(BaseModel):
    """Name and password, and the code where one is asked."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=1024)
    code: str | None = Field(default=None, max_length=12)


class InvitationBody(BaseModel):
    """A one-time link's secret and the new password."""

    token: str = Field(max_length=100)
    password: str = Field(max_length=1024)


class CodeBody(BaseModel):
    """Nothing to begin; a code to prove."""

    code: str | None = Field(default=None, max_length=12)


class PersonBody(BaseModel):
    """A new account."""

    name: str
    full_name: str
    roles: list[str]


class AgencyBody(BaseModel):
    """What the agency is called, and its time zone by its IANA name."""

    name: str = Field(max_length=1000)
    time_zone: str = Field(max_length=100)


class RolesBody(BaseModel):
    """All the roles that somebody has from now on."""

    roles: list[str]


class ReasonBody(BaseModel):
    """Why, in words."""

    reason: str = Field(min_length=3, max_length=500)


def person_json(person: Person) -> forms.Person:
    """The outside form of an account."""
    return {
        "id": outside("person", person.id),
        "name": person.name,
        "full_name": person.full_name,
        "roles": sorted(person.roles),
        "state": person.state,
        "second_factor": person.second_factor,
        "last_signed_in_at": person.last_signed_in_at,
        "invited_until": person.invited_until,
        "version": person.version,
    }


def workstation_json(found: Workstation) -> forms.Workstation:
    """The outside form of a workstation."""
    return {
        "id": outside("workstation", found.id),
        "name": found.name,
        "registered_by": found.registered_by,
        "registered_at": found.registered_at,
    }


async def session_json(request: Request, found: SignIn) -> forms.Session:
    """The outside form of a session, at the browser that asks."""
    identity = identity_of(request)
    here = await workstations.workstation_at(identity.door, found, browser_of(request))
    return {
        "person": {"id": outside("person", found.person), "name": found.name},
        "full_name": found.full_name,
        "agency": {
            "id": outside("agency", found.agency),
            "name": found.agency_name,
            "time_zone": found.time_zone,
            "version": agency.version_of_agency(found.agency_name, found.time_zone),
        },
        "roles": sorted(found.roles),
        "second_factor": found.second_factor,
        "second_factor_required": identity.second_factor_required,
        "signed_in_at": found.at,
        "ends_at": found.until,
        "idle_min": identity.settings.idle_min,
        "lock_min": identity.settings.lock_min,
        "workstation": workstation_json(here) if here is not None else None,
        "looks_stay_min": identity.settings.looks_stay_min,
    }


def routes() -> APIRouter:
    """The routes of identity."""
    router = APIRouter(tags=["identity"], route_class=Stated)
    _add_session_routes(router)
    _add_proof_routes(router)
    _add_agency_routes(router)
    _add_people_routes(router)
    return router


def _add_session_routes(router: APIRouter) -> None:
    @router.get("/notice")
    async def notice(request: Request) -> forms.Notice:
        """The system-use notice, shown before anybody signs in."""
        return {
            "notice": identity_of(request).settings.notice,
            "agency": await use.agency_shown(identity_of(request)),
            "minimum_password": MINIMUM_PASSWORD,
        }

    @router.post("/session")
    async def sign_in(request: Request, response: Response, body: SignInBody) -> forms.Session:
        """Sign in."""
        source = request.client.host if request.client else "unknown"
        opened = await use.sign_in(
            identity_of(request), body.name, body.password, body.code, source, browser=browser_of(request)
        )
        return await _with_cookie(request, response, opened)

    @router.get("/session", openapi_extra=asks())
    async def current_session(request: Request, found: Session) -> forms.Session:
        """Who is signed in."""
        return await session_json(request, found)

    @router.delete("/session", status_code=204, openapi_extra=asks())
    async def sign_out(
        request: Request,
        response: Response,
        found: Session,
        because: Literal["signed_out", "locked", "left_idle"] = "signed_out",
    ) -> None:
        """Sign out, or lock the screen: what the session holds open ends; on a locked workstation live pictures of incidents stay."""
        await use.sign_out(identity_of(request), found, use.Ending(because), browser_of(request))
        response.delete_cookie(cookie_name(request), path="/")


def _add_proof_routes(router: APIRouter) -> None:
    # Secrets that are not proved yet: they are lost with the process, and begun anew.
    pending: dict[UUID, str] = {}

    @router.post("/session/second-factor", openapi_extra=asks())
    async def second_factor(
        request: Request, found: Session, body: CodeBody
    ) -> forms.SecondFactor | forms.Session:
        """Begin a second factor (no code), or prove it (with a code)."""
        identity = identity_of(request)
        if body.code is None:
            secret, uri = await use.begin_second_factor(identity, found)
            pending[found.id] = secret
            return {"secret": secret, "uri": uri}
        begun = pending.get(found.id)
        if begun is None:
            raise Conflict(
                "No second factor was begun in this session.", reason="not_begun", next_step="Begin again."
            )
        await use.prove_second_factor(identity, found, begun, body.code)
        del pending[found.id]
        return await session_json(request, await session(request))

    @router.post("/invitations/accept")
    async def accept_invitation(request: Request, response: Response, body: InvitationBody) -> forms.Session:
        """Set a password with a one-time link, and be signed in."""
        opened = await use.accept_invitation(
            identity_of(request), body.token, body.password, browser=browser_of(request)
        )
        return await _with_cookie(request, response, opened)


async def _with_cookie(request: Request, response: Response, opened: use.Opened) -> forms.Session:
    await keep_cookie(request, response, opened)
    return await session_json(request, opened.sign_in)


async def keep_cookie(request: Request, response: Response, opened: use.Opened) -> None:
    """Give a browser the cookie of the session that was opened for it."""
    identity = identity_of(request)
    browser, of = browser_of(request), opened.sign_in.agency
    await use.replace_elsewhere(identity, browser.session, of)
    with contextlib.suppress(Unavailable):  # whoever signed in keeps the new session in any event
        await workstations.looks_end_elsewhere(identity.door, browser, of, workstations.SIGNED_IN)
    keep(request, response, cookie_name(request), opened.token, for_s=identity.settings.session_h * 3600)


def _add_agency_routes(router: APIRouter) -> None:
    @router.put("/agency", openapi_extra=asks(Need.AGENCY_CHANGE))
    async def name_agency(
        request: Request, actor: Signed, body: AgencyBody, if_match: IfMatch = None
    ) -> forms.Agency:
        """Name the agency and set its time zone."""
        door, name, version = identity_of(request).door, body.name.strip(), version_of(if_match)
        await agency.name_agency(door, actor, name, body.time_zone, version=version)
        return {
            "id": outside("agency", actor.agency),
            "name": name,
            "time_zone": body.time_zone,
            "version": agency.version_of_agency(name, body.time_zone),
        }


def _add_people_routes(router: APIRouter) -> None:
    @router.get("/people", openapi_extra=asks(Need.PEOPLE_VIEW))
    async def list_people(request: Request, actor: Signed, extent: InPages) -> Page[forms.Person]:
        """Accounts and roles, by name."""
        return page((await people.everybody(identity_of(request).door, actor, extent)).of(person_json))

    @router.post("/people", status_code=201, openapi_extra=asks(Need.PEOPLE_CHANGE))
    async def invite(request: Request, actor: Signed, body: PersonBody) -> forms.Invited:
        """Create an account and its one-time link, shown once."""
        made, invitation = await people.invite(
            identity_of(request).door, actor, body.name, body.full_name, _roles(body.roles)
        )
        return {
            "person": person_json(made),
            "invitation": _invitation(invitation.token, invitation.expires_at),
        }

    @router.post("/people/{person_id}/invitation", openapi_extra=asks(Need.PEOPLE_CHANGE))
    async def invite_again(request: Request, actor: Signed, person_id: str) -> forms.Invitation:
        """A new one-time link."""
        invitation = await people.invite_again(identity_of(request).door, actor, inside("person", person_id))
        return _invitation(invitation.token, invitation.expires_at)

    @router.put("/people/{person_id}/roles", openapi_extra=asks(Need.PEOPLE_CHANGE))
    async def change_roles(
        request: Request, actor: Signed, person_id: str, body: RolesBody, if_match: IfMatch = None
    ) -> forms.Person:
        """Give somebody other roles; they sign in anew."""
        known, wanted, roles = identity_of(request), inside("person", person_id), _roles(body.roles)
        return person_json(
            await people.change_roles(known, actor, wanted, roles, version=version_of(if_match))
        )

    @router.post("/people/{person_id}/suspend", openapi_extra=asks(Need.PEOPLE_CHANGE))
    async def suspend(request: Request, actor: Signed, person_id: str, body: ReasonBody) -> forms.Person:
        """Close an account at once."""
        done = await people.suspend(identity_of(request), actor, inside("person", person_id), body.reason)
        return person_json(done)


def _invitation(token: str, expires_at: datetime) -> forms.Invitation:
    return {"token": token, "expires_at": expires_at}


def _roles(words: list[str]) -> frozenset[Role]:
    try:
        return frozenset(Role(word) for word in words)
    except ValueError as error:
        raise Invalid(f"{error}; known roles are {', '.join(Role)}.", reason="roles") from error
