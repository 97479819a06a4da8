"""Whether the rules say yes, and why. Pure: it reads no clock, setting or database, and every answer has a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from shapely import Polygon, intersects_xy, prepare

from watchfloor.governance.agreement import (
    NOTHING_AGREED,
    Agreements,
    Covered,
    agreement_allows,
    stored_allows,
)
from watchfloor.governance.lending import NOTHING_LENT, Lendings, NotLent, lent
from watchfloor.governance.model import ActorKind, Allowed, Ask, Authorisation, Decision, Denied, Ended
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind, UnknownPurpose
from watchfloor.kit.geo import Point
from watchfloor.kit.said import moment

# Patrol monitoring is a look at public streets: live only, never stored video, never a search, never an owner's own camera.
_PATROL_NEEDS = frozenset({Need.CAMERA_LIVE, Need.CAMERA_TURN})
NOT_PUBLIC = frozenset({TechnologyKind.PRIVATE_CAMERA_LINK})
# What an officer wears goes into homes: nobody watches it for want of anything better.
NOT_PATROLLED = NOT_PUBLIC | {TechnologyKind.BODY_CAMERA}
_NOT_PUBLIC_WORDS = {
    TechnologyKind.PRIVATE_CAMERA_LINK: "Patrol monitoring is for public cameras only; this one is its owner's.",
    TechnologyKind.BODY_CAMERA: "Patrol monitoring is for public cameras only; this one is worn by an officer.",
}
_NOT_LENT_WORDS = {
    TechnologyKind.PRIVATE_CAMERA_LINK: "This camera is its owner’s, who agreed with this center alone: no other center records it.",
    TechnologyKind.BODY_CAMERA: "This camera is worn by an officer: no other center records it.",
}
# A list, or a search over what was gathered, stands nowhere: the area binds the sensors that gather.
_NOWHERE = frozenset(
    {
        Need.HOT_LIST_LOAD,
        Need.HOT_LIST_VIEW,
        Need.HOT_LIST_IMPORT,
        Need.HOT_LIST_PROPOSE,
        Need.HOT_LIST_APPROVE,
        Need.HOT_LIST_WITHDRAW,
        Need.HOT_LIST_FEED,
        Need.WATCH_VIEW,
        Need.WATCH_PROPOSE,
        Need.WATCH_APPROVE,
        Need.WATCH_WITHDRAW,
        Need.WATCH_HITS,
        Need.POSSIBLE_HITS_VIEW,
        Need.POSSIBLE_HITS_JUDGE,
        Need.PLATES_SEARCH,
        Need.FINDINGS_VIEW,
        Need.FINDINGS_CHANGE,
        Need.CO_TRAVEL_ASK,
        Need.CO_TRAVEL_APPROVE,
        Need.CO_TRAVEL_FIND,
        Need.CO_TRAVEL_VIEW,
        Need.FOLLOW_START,
        Need.FOLLOW_AGREE,
        Need.FOLLOW_VIEW,
        Need.FOLLOW_KEEP,
    }
)
# Of a plate reader what was read is exported, and never the reader.
_EXPORTED = frozenset({Need.EXPORT_ASK, Need.EXPORT_MAKE, Need.EXPORT_FETCH})
# About what was recorded of a camera before; everything else is about the camera as it is now.
_OWNER = frozenset({Role.OWNER})
# Another center, which asks for its own people: it has no hand for a code, and answers for its cases itself.
_PARTNER = frozenset({Role.PARTNER})
OF_STORED = frozenset(
    {
        Need.CAMERA_PLAYBACK,
        Need.CAMERA_MARKS,
        Need.CAMERA_UNMASKED,
        Need.EXPORT_ASK,
        Need.EXPORT_MAKE,
        Need.EXPORT_FETCH,
    }
)
# What is said of a place that no authorisation covers.
OUTSIDE = "does not cover this place: it is outside the area it is authorised for"
# The last of the conditions that say whether an authorisation is in force at all; those after it, whether it allows this.
_LAST_OF_FORCE = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision rests on, read in one transaction.

    `case_open` is None when no case was named, and False with `case_ended` when it was open once; `authorisations` are
    those of the agency and the asked technology, `zone` is the one that the answer says times in.
    """

    authorisations: Sequence[Authorisation]
    case_open: bool | None
    second_factor_required: bool
    case_ended: Ended | None = None
    zone: tzinfo = UTC
    agreements: Agreements = NOTHING_AGREED
    """What owners agreed. Where none is known of an owner's camera, the answer is no."""
    lendings: Lendings = NOTHING_LENT
    """What was lent to partner centers. Where none is known, no partner records."""


def decide(ask: Ask, facts: Facts, *, now: datetime) -> Decision:
    """The first condition that fails, or the authorisation (where one is needed) that allows it."""
    refused = _role(ask) or _second_factor(ask, facts) or _purpose(ask, facts)
    if refused is not None:
        return refused
    if not ask.need.with_technology:
        return Allowed("role", f"Allowed to the role: {ask.need.sentence}", None, None)
    decision = authorised(ask, facts, now=now)
    if isinstance(decision, Denied):
        return decision
    return (
        _lent(ask, facts, decision, now)
        if ask.need is Need.CAMERA_LENT
        else _agreed(ask, facts, decision, now)
    )


def _lent(ask: Ask, facts: Facts, allowed: Allowed, now: datetime) -> Decision:
    """A partner records what two persons lent to it, until that ends; never an owner's camera, nor an officer's, whatever was lent."""
    if ask.technology in NOT_PATROLLED:
        return Denied("not_lendable", _NOT_LENT_WORDS[ask.technology])
    found = lent(facts.lendings.about(ask.actor.id, ask.about.id if ask.about else None), now)
    if isinstance(found, NotLent):
        step = "Ask the center that has the camera to lend it to you."
        return Denied(found.reason, found.sentence, next_step=step)
    until = min(end for end in (allowed.until, found.until) if end is not None)
    return replace(allowed, sentence=f"{allowed.sentence} It is lent: “{found.title}”.", until=until)


def _agreed(ask: Ask, facts: Facts, allowed: Allowed, now: datetime) -> Decision:
    """Of an owner's camera the owner has the last word: in these hours, in this way, until then."""
    if ask.technology not in NOT_PUBLIC:
        return allowed
    agreement = facts.agreements.of(ask.about.id if ask.about else None)
    if ask.need in OF_STORED:
        by_order = ask.why is not None and ask.why.purpose is Purpose.COURT_ORDER
        said = stored_allows(agreement, by_order=by_order)
    else:
        said = agreement_allows(agreement, now, facts.agreements.incidents)
    if not isinstance(said, Covered):
        return Denied(said.reason, said.sentence, next_step=said.next_step, until=said.until)
    ends = [end for end in (allowed.until, said.until) if end is not None]
    return replace(allowed, until=min(ends, default=None))


def _role(ask: Ask) -> Denied | None:
    if ask.actor.roles & ask.need.roles:
        return None
    wanted = " or ".join(sorted(role.value for role in ask.need.roles))
    return Denied(
        "role",
        f"Your roles do not include this: {_lower(ask.need.sentence)} It is for: {wanted}.",
        next_step="Ask an administrator when your duties have changed.",
    )


def _second_factor(ask: Ask, facts: Facts) -> Denied | None:
    # Who came by a link to an address they proved, and sees what became of their own camera; and a partner.
    if ask.actor.roles in (_OWNER, _PARTNER):
        return None
    if ask.actor.kind is not ActorKind.PERSON or not facts.second_factor_required or ask.actor.second_factor:
        return None
    return Denied(
        "second_factor", "A second factor is required here.", next_step="Sign in again with your code."
    )


def _purpose(ask: Ask, facts: Facts) -> Denied | None:
    purpose = ask.why.purpose if ask.why else None
    if purpose is not None and purpose.prohibited:
        return Denied(
            "purpose_prohibited",
            f"{purpose.title} is a prohibited purpose; nobody can be given leave for it.",
        )
    if isinstance(purpose, UnknownPurpose):
        said = f"{purpose.word!r} is not a purpose of the list."
        return Denied("purpose_unknown", said, next_step="Choose one of GET /purposes.")
    if not ask.need.with_purpose:
        return _case(ask, facts)
    if ask.why is None:
        return Denied(
            "purpose_missing",
            "A purpose is needed.",
            next_step="Choose a purpose, and the case or call it serves.",
        )
    if ask.why.purpose is Purpose.PATROL_MONITORING and ask.need not in _PATROL_NEEDS:
        return Denied(
            "patrol_only_live",
            "Patrol monitoring is for live public cameras only; it gives no stored video and no search.",
        )
    if ask.why.purpose is Purpose.PATROL_MONITORING and ask.technology in NOT_PATROLLED:
        return Denied(
            "patrol_only_public",
            _NOT_PUBLIC_WORDS[ask.technology],
            next_step="Choose another purpose, and the case or call it serves.",
        )
    if ask.why.purpose.needs_case and ask.why.case is None:
        return Denied(
            "case_missing",
            f"{ask.why.purpose.title} needs a case or call.",
            next_step="Choose the case or call it serves.",
        )
    return _case(ask, facts)


def _case(ask: Ask, facts: Facts) -> Denied | None:
    """A case that is named has to be open, whether the need asks for one or not. A partner's is in the partner's books."""
    if ask.why is None or ask.why.case is None or facts.case_open or ask.actor.roles == _PARTNER:
        return None
    if facts.case_ended is not None:
        ended = facts.case_ended
        return Denied(ended.reason, ended.sentence, next_step="Choose an open one, or have it opened anew.")
    return Denied(
        "case_unknown",
        "There is no open case or call under that number.",
        next_step="Choose an open one, or open it first.",
    )


def authorised(ask: Ask, facts: Facts, *, now: datetime) -> Decision:
    """What the authorisations say by themselves, whatever an owner agreed."""
    if ask.technology is None:
        raise ValueError(f"{ask.need.word} works with a technology; the Ask names none")
    own = [a for a in facts.authorisations if a.technology is ask.technology]
    failures: list[tuple[int, Authorisation, Denied]] = []
    best: Authorisation | None = None
    for authorisation in own:
        depth, failed = _first_failure(ask, authorisation, now, facts.zone)
        if failed is not None:
            failures.append((depth, authorisation, failed))
        elif best is None or (authorisation.expires_at, authorisation.id) > (best.expires_at, best.id):
            best = authorisation
    if best is not None:
        return Allowed(
            "authorised",
            f"Allowed under “{best.title}”, in force until {moment(best.expires_at, facts.zone)}.",
            best,
            best.expires_at,
        )
    if not failures:
        name = ask.technology.words
        return Denied(
            "no_authorisation",
            f"No authorisation for the technology “{name}” exists.",
            next_step="The approving bodies decide; a clerk can propose one.",
        )
    # Of those that are not in force at all the newest explains: a renewal that waits, not what it was to follow.
    return max(failures, key=lambda failure: (max(failure[0], _LAST_OF_FORCE), failure[1].effective_at))[2]


def _first_failure(
    ask: Ask, authorisation: Authorisation, now: datetime, zone: tzinfo
) -> tuple[int, Denied | None]:
    """How many conditions held, and the first that did not: what nobody can mend, what a person has to, what time will."""
    purpose = ask.why.purpose if ask.why else None
    checks: tuple[tuple[bool, str, str], ...] = (
        (
            now < authorisation.expires_at,
            "expired",
            f"expired on {moment(authorisation.expires_at, zone)}",
        ),
        (authorisation.suspended_at is None or authorisation.suspended_at > now, "suspended", "is suspended"),
        (authorisation.approved, "not_approved", f"is waiting for: {', '.join(authorisation.waiting_for)}"),
        (
            now >= authorisation.effective_at,
            "not_yet_effective",
            f"takes effect on {moment(authorisation.effective_at, zone)}",
        ),
        (
            not asks_place(ask.need, ask.technology) or covers(authorisation.area, ask.place),
            "place",
            OUTSIDE,
        ),
        (
            not ask.need.with_purpose or purpose in authorisation.purposes,
            "purpose",
            "does not allow this purpose",
        ),
        (_role_allowed(ask, authorisation), "authorisation_role", "does not allow your role"),
    )
    for depth, (holds, reason, words) in enumerate(checks):
        if not holds:
            return depth, Denied(reason, f"“{authorisation.title}” {words}.", nearest=authorisation.id)
    return len(checks), None


def asks_place(need: Need, technology: TechnologyKind | None) -> bool:
    """Whether an authorisation's area is asked about: what stands nowhere is in none."""
    of_reads = need in _EXPORTED and technology is TechnologyKind.PLATE_READER
    return not of_reads and need not in _NOWHERE


def asks_roles(need: Need, kind: ActorKind) -> bool:
    """Whether an authorisation's roles are asked about: of people, and not of who draws masks.

    That hides what the others are not to see; an authorisation's roles are of those who look for its purposes.
    """
    return kind is ActorKind.PERSON and need is not Need.AIMING_PICTURE


def _role_allowed(ask: Ask, authorisation: Authorisation) -> bool:
    return not asks_roles(ask.need, ask.actor.kind) or bool(ask.actor.roles & authorisation.roles)


def covers(area: tuple[tuple[float, float], ...], place: Point | None) -> bool:
    """Whether `place` lies in the polygon of (lat, lon) corners; an empty area is the whole jurisdiction.

    A thing without a known place is not covered by an area.
    """
    if not area:
        return True
    # Of a point, that it meets the polygon and that the polygon covers it are one thing.
    return place is not None and bool(intersects_xy(_polygon(area), place.lon, place.lat))


@lru_cache(maxsize=1024)
def _polygon(area: tuple[tuple[float, float], ...]) -> Polygon:
    """An area as it is asked about; thousands of cameras stand in the same few."""
    polygon = Polygon([(lon, lat) for lat, lon in area])
    prepare(polygon)
    return polygon


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
