"""Routes of what two persons change of an authorisation: a body's later yes, required bodies, the end of a suspension."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from watchfloor.governance import bodies, lift
from watchfloor.governance import policy_forms as forms
from watchfloor.governance.api import BodyOf, GovernanceParts, WhyBody, approval_of, proposal_json
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.bodies import Rule
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.route import Stated


class RequiredBody(BaseModel):
    """Whether a technology requires the approval of a body."""

    technology: str
    body: str
    required: bool


def routes(parts: GovernanceParts) -> APIRouter:
    """The routes of approving bodies."""
    router = APIRouter(tags=["governance"], route_class=Stated)

    @router.post(
        "/authorisations/{authorisation_id}/approvals",
        status_code=201,
        openapi_extra=asks(Need.POLICY_PROPOSE),
    )
    async def propose_approval(actor: Asker, authorisation_id: str, body: BodyOf) -> forms.Proposal:
        """Record that a body which the authorisation waits for has approved it; a second person confirms."""
        wanted = inside("authorisation", authorisation_id)
        proposal = await bodies.propose_approval(parts.door, actor, wanted, approval_of(body))
        return proposal_json(proposal, proposal.proposed_at)

    @router.post(
        "/authorisations/{authorisation_id}/lift", status_code=201, openapi_extra=asks(Need.POLICY_PROPOSE)
    )
    async def propose_lift(actor: Asker, authorisation_id: str, body: WhyBody) -> forms.Proposal:
        """Propose that its suspension ends; a second person decides."""
        wanted = inside("authorisation", authorisation_id)
        proposal = await lift.propose_lift(parts.door, actor, wanted, body.reason.strip())
        return proposal_json(proposal, proposal.proposed_at)

    @router.post(
        "/required-bodies",
        status_code=201,
        openapi_extra=asks(Need.POLICY_PROPOSE),
    )
    async def propose_required_body(actor: Asker, body: RequiredBody) -> forms.Proposal:
        """Propose that a technology requires the approval of a body, or no longer does; a second person decides."""
        try:
            rule = Rule(TechnologyKind(body.technology), body.body.strip(), body.required)
        except ValueError as error:
            raise Invalid("It is not a word of the list of technologies.", reason="technology") from error
        proposal = await bodies.propose_required(parts.door, actor, rule)
        return proposal_json(proposal, proposal.proposed_at)

    return router
