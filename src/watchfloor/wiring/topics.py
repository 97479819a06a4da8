"""The lists that people watch over the events socket: what each asks of the door, how it is loaded, after which news."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from watchfloor.calls.forms import Call
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras.forms import Camera
from watchfloor.cameras.partners import lendings
from watchfloor.dispatch import api as dispatch_api
from watchfloor.dispatch.forms import IncidentDetail, NewMessages, OpenAssignment, OwnAssignment
from watchfloor.dispatch.message import new_messages
from watchfloor.dispatch.show import new_messages_form
from watchfloor.evidence import api as evidence_api
from watchfloor.evidence import request as exporting
from watchfloor.evidence.forms import Export
from watchfloor.governance import api as governance_api
from watchfloor.governance import authorise, policy_store
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_forms import Proposal
from watchfloor.governance.proposals import TwoPersonAct
from watchfloor.identity.store import names_of
from watchfloor.incidents import alert_store
from watchfloor.incidents import api as incidents_api
from watchfloor.incidents.forms import Alert, Incident
from watchfloor.incidents.nearby import cameras_beside
from watchfloor.owners import seal
from watchfloor.places.skyline import Skyline
from watchfloor.plates import budgets, co_travel, file_kinds, hot_lists, watches
from watchfloor.storage.tx import Tx
from watchfloor.units import api as units_api
from watchfloor.units.change import every as every_unit
from watchfloor.units.forms import Unit
from watchfloor.web.feed import Item, Load, Topic, Versions

ACTS: Final[Mapping[str, TwoPersonAct]] = {
    **authorise.ACTS,
    hot_lists.KIND: hot_lists.ACT,
    file_kinds.KIND: file_kinds.ACT,
    budgets.KIND: budgets.ACT,
    watches.KIND: watches.ACT,
    co_travel.KIND: co_travel.ACT,
    exporting.KIND: exporting.ACT,
    seal.KIND: seal.ACT,
    lendings.KIND: lendings.ACT,
}

_ALERT_NEWS: Final = ("incidents.alert",)
_INCIDENT_NEWS: Final = ("incidents.incident", "dispatch.assignment", "units.unit")
_CAMERA_NEWS: Final = ("cameras.camera", "governance.policy")
_UNIT_NEWS: Final = ("units.unit", "dispatch.assignment")
_POLICY_NEWS: Final = ("governance.policy",)
_EXPORT_NEWS: Final = ("evidence.export", "governance.policy")


def besides(skyline: Skyline) -> tuple[incidents_api.Beside, ...]:
    """What other slices put beside an incident: who was sent and what came of it, the cameras that see it."""
    return dispatch_api.beside_incident, cameras_beside(skyline)


def topics(skyline: Skyline) -> dict[str, Topic]:
    """The lists people can watch, by name."""
    alerts = Versions(alert_store.open_versions, incidents_api.alerts_by_id)
    every = (
        Topic("alerts", _asks(Need.ALERTS_VIEW), alerts, _ALERT_NEWS, form=Alert),
        Topic("incidents", _asks(Need.INCIDENTS_VIEW), _incidents, _INCIDENT_NEWS, form=Incident),
        Topic("incident", _asks_about_incident, _incident(skyline), _INCIDENT_NEWS, form=IncidentDetail),
        Topic("cameras", _asks(Need.CAMERAS_VIEW), _cameras, _CAMERA_NEWS, form=Camera),
        Topic("units", _asks(Need.UNITS_VIEW), _units, _UNIT_NEWS, form=Unit),
        Topic(
            "assignments",
            _asks(Need.ASSIGNMENTS_VIEW),
            _assignments,
            _INCIDENT_NEWS,
            personal=True,
            form=OwnAssignment,
        ),
        Topic(
            "open_assignments",
            _asks(Need.INCIDENTS_VIEW),
            _open_assignments,
            _INCIDENT_NEWS,
            form=OpenAssignment,
        ),
        Topic(
            "new_messages",
            _asks(Need.MESSAGE_SEND),
            _new_messages,
            _INCIDENT_NEWS,
            personal=True,
            form=NewMessages,
        ),
        Topic("unanswered_calls", _asks(Need.DISPATCH_PROPOSE), _unanswered_calls, _INCIDENT_NEWS, form=Call),
        Topic("exports", _asks(Need.EXPORTS_VIEW), _exports, _EXPORT_NEWS, form=Export),
        Topic("proposals", _asks(Need.POLICY_VIEW), _proposals, _POLICY_NEWS, personal=True, form=Proposal),
    )
    return {topic.name: topic for topic in every}


async def _incidents(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return await incidents_api.open_incidents(tx)


async def _cameras(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return (await cameras_api.listing(tx)).items


async def _units(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return [units_api.unit_json(unit, tx.now) for unit in (await every_unit(tx)).items]


async def _assignments(tx: Tx, actor: Actor, _: str) -> Sequence[Item]:
    return await dispatch_api.own_assignments(tx, actor)


async def _open_assignments(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return (await dispatch_api.open_assignments(tx)).items


async def _new_messages(tx: Tx, actor: Actor, _: str) -> Sequence[Item]:
    return [new_messages_form(one) for one in (await new_messages(tx, actor)).items]


async def _unanswered_calls(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return (await incidents_api.unanswered_calls(tx)).items


def _incident(skyline: Skyline) -> Load:
    beside = besides(skyline)

    async def load(tx: Tx, _: Actor, key: str) -> Sequence[Item]:
        return [await incidents_api.incident_detail(tx, inside("incident", key), beside)]

    return load


async def _exports(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
    return await evidence_api.listed(tx)


async def _proposals(tx: Tx, actor: Actor, _: str) -> Sequence[Item]:
    seen = [kind for kind in sorted(ACTS) if governance_api.may_see(ACTS[kind], actor)]
    found = (await policy_store.proposals(tx, seen, open_only=True)).items
    names = await names_of(tx, governance_api.people_of(found))
    return [governance_api.proposal_json(proposal, tx.now, names) for proposal in found]


def _asks_about_incident(actor: Actor, key: str) -> Ask:
    return Ask(actor, Need.INCIDENTS_VIEW, about=About("incident", inside("incident", key)))


def _asks(need: Need) -> Callable[[Actor, str], Ask]:
    return lambda actor, _: Ask(actor, need)
