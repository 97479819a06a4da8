"""Takes an alert of a missing child or elder (AMBER, Silver) onto a list that a machine of its owner writes.

What a parameter says plainly is in force at once where the owner's machine sent it. What was found in prose, what a person handed in,
and a plate that a person withdrew from the list waits for another person; so does whatever a file of one person would lengthen or say
otherwise. What a person handed in before the machine sent it is taken from the machine anew. An alert ends with its time, or with the
message of its own sender that cancels or updates it, whichever of the two came first; such a message that a person hands in withdraws
what came, in that person's name, and nothing that is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.governance import policy_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.proposals import propose
from watchfloor.governance.words import Purpose
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict
from watchfloor.kit.said import moment
from watchfloor.plates import cap_store, entry_store, hot_list_store
from watchfloor.plates.cap import TITLES, CapMessage, Identity, Kind, message_of
from watchfloor.plates.cap_words import Named, named_in, vehicle_of
from watchfloor.plates.file_kinds import refuse_immigration
from watchfloor.plates.handling import Handling
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hot_lists import KIND, TECHNOLOGY, EntryDraft, enter, list_of, payload_of
from watchfloor.plates.import_csv import MOST_REASON
from watchfloor.plates.model import EntryId, HotListId, ListKind, Plate, Wanted
from watchfloor.storage.tx import Tx

# How long it is remembered that a message was ended which never came.
_REMEMBERED: Final = timedelta(days=30)
# How long a plate that a person withdrew comes onto the list again only by a person.
_WITHDRAWN_FOR: Final = timedelta(days=30)
_MOST_AGENCY: Final = 80


@dataclass(frozen=True, slots=True)
class CapTaken:
    """What became of a message: whether it changed anything, in a sentence why, and how many entries came, wait, and ended."""

    taken: bool
    said: str
    entries: int = 0
    waiting: int = 0
    withdrawn: int = 0


async def take(door: Door, actor: Actor, list_id: HotListId, document: bytes, *, need: Need) -> CapTaken:
    """Take a message. Raises NotFound, Refused, Conflict for a list that takes none, Invalid for what is no such message.

    Only what comes by the list's own token (HOT_LIST_FEED) is trusted without another person.
    """
    ask = Ask(actor, need, about=About("hot_list", list_id), technology=TECHNOLOGY)
    async with door.open(ask) as tx:
        found = await list_of(tx, list_id)
        if found.kind is not ListKind.API or found.purpose is not Purpose.MISSING_PERSON:
            raise Conflict(
                f"CAP alerts are taken by a list that a machine writes, for “{Purpose.MISSING_PERSON.title}”.",
                reason="hot_list",
                next_step="Make such a list.",
            )
        message = message_of(document, tx.now)
        await cap_store.lock(tx, list_id)
        taken = await _taken(tx, found, message, trusted=need is Need.HOT_LIST_FEED)
        await hot_list_store.heard(tx, list_id)
        if taken.withdrawn:
            await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {
            "message": message.identity.text, "type": message.msg_type, "taken": taken.taken, "said": taken.said,
            "entries": taken.entries, "waiting": taken.waiting, "withdrawn": taken.withdrawn,
        }  # fmt: skip
        await effect(tx, "hot_list.cap", About("hot_list", list_id), more=more)
        return taken


async def _taken(tx: Tx, found: HotListRow, message: CapMessage, *, trusted: bool) -> CapTaken:
    nothing = message.ignored or (message.empty if not message.ends else None)
    if nothing is not None:
        return CapTaken(False, nothing)
    before = await cap_store.known(tx, found.id, message.identity)
    again = before is not None and before.came
    if again and not (trusted and before is not None and before.by_hand and before.ended_why is None):
        return CapTaken(False, "It was taken before.")
    replaced = (*message.ends, message.identity) if again else message.ends
    carried = {
        (one.plate, one.state): one
        for of in replaced
        for one in sorted(await cap_store.entries_of(tx, found.id, of), key=lambda one: one.expires_at)
    }
    did = "cancelled" if message.msg_type == "Cancel" else "updated"
    gone = sum([await _end(tx, found, one, did, trusted=trusted) for one in message.ends])
    if again:
        gone += await _clear(tx, found, message.identity, "The list's own machine sent the alert since.")
    if message.empty is not None or message.kind is None:
        return CapTaken(True, f"{message.empty} {gone} entries were withdrawn.", withdrawn=gone)
    if before is not None and before.ended_why is not None:
        return CapTaken(False, f"It was ended before it came: {before.ended_why}", withdrawn=gone)
    return await _entered(tx, found, message, message.kind, carried=carried, gone=gone, trusted=trusted)


async def _entered(
    tx: Tx,
    found: HotListRow,
    message: CapMessage,
    kind: Kind,
    *,
    carried: Mapping[tuple[Plate, str | None], Wanted],
    gone: int,
    trusted: bool,
) -> CapTaken:
    until = min(message.expires_at, tx.now + timedelta(days=found.most_days))
    waiting: list[UUID] = []
    named = named_in(message)
    withdrawn = await cap_store.withdrawn_by_persons(
        tx, found.id, [one.plate for one in named], tx.now - _WITHDRAWN_FOR
    )
    entered, as_it_was = 0, 0
    for one in named:
        draft = _draft(found, message, kind, one, until)
        # What a person saw in the alert that this one updates need not be seen again.
        before = carried.get((one.plate, one.state))
        if one.plate in withdrawn or not (before is not None or (one.sure and trusted)):
            waiting.append(await _proposed(tx, found, draft, one, withdrawn.get(one.plate)))
            continue
        entered += 1
        if trusted or before is None:
            await enter(tx, draft, found)
        else:
            changes = await _as_it_was(tx, found, draft, one, before)
            as_it_was, waiting = as_it_was + len(changes), [*waiting, *changes]
    await cap_store.keep(tx, found.id, message.identity, kind, until, waiting, by_hand=not trusted)
    said = "It names no plate: where the vehicle is described, somebody may propose a watch."
    if named:
        said = f"{entered} plates are looked for, {len(waiting) - as_it_was} wait for a person."
    if as_it_was:
        said = f"{said[:-1]}; what the alert says otherwise of {as_it_was} of the first waits too."
    return CapTaken(True, said, entered, len(waiting), gone)


async def _as_it_was(
    tx: Tx, found: HotListRow, draft: EntryDraft, one: Named, before: Wanted
) -> Sequence[UUID]:
    """What one person hands in lets an entry go on as it was, or end sooner; anything else another person confirms."""
    same = replace(
        draft,
        reason=before.reason,
        vehicle=before.vehicle,
        agency=before.agency,
        handling=tuple(map(Handling, before.handling)),
        expires_at=min(draft.expires_at, before.expires_at),
    )
    entry = await enter(tx, same, found)
    if same == draft:
        return ()
    return (await _proposed(tx, found, draft, one, None, changes=(entry, same)),)


def _draft(found: HotListRow, message: CapMessage, kind: Kind, one: Named, until: datetime) -> EntryDraft:
    reason = ": ".join(filter(None, (TITLES[kind], message.headline)))[:MOST_REASON]
    refuse_immigration(reason)
    return EntryDraft(
        found.id, one.plate, one.state, reason, vehicle_of(message), until,
        agency=message.identity.sender[:_MOST_AGENCY], reference=message.identity.text,
    )  # fmt: skip


async def _proposed(
    tx: Tx,
    found: HotListRow,
    draft: EntryDraft,
    one: Named,
    withdrawn: tuple[datetime, str] | None,
    *,
    changes: tuple[EntryId, EntryDraft] | None = None,
) -> UUID:
    """What a person has to see: the plate beside the words that it was found in, and that somebody withdrew it."""
    title = f"{draft.plate.text}{f' ({draft.state})' if draft.state else ''} on “{found.name}”"
    how = "A parameter of the alert says it" if one.sure else "The plate was found in these words, by rule"
    sentence = f"Look for {title} {_terms(draft, tx.zone)} {how}: “{' '.join(one.said.split())[:1200]}”"
    if withdrawn is not None:
        at, why = withdrawn
        sentence = f"{sentence} It was withdrawn from this list on {moment(at, tx.zone)}: {why}"
    payload = payload_of(draft) | {"purpose": found.purpose.word, "case": None}
    if changes is not None:
        entry, was = changes
        sentence = f"{sentence} Instead of: {_terms(was, tx.zone)} It goes on as it was, whatever is decided."
        payload["changes"] = outside("hot_list_entry", entry)
    proposal = await propose(
        tx, KIND, title=title, sentence=sentence, payload=payload, open_for=draft.expires_at - tx.now
    )
    return proposal.id


def _terms(draft: EntryDraft, zone: tzinfo) -> str:
    vehicle = f", {draft.vehicle}" if draft.vehicle else ""
    return f"until {moment(draft.expires_at, zone)}: {draft.reason}{vehicle}."


async def _end(tx: Tx, found: HotListRow, one: Identity, did: str, *, trusted: bool) -> int:
    """End what a message brought; how many entries were withdrawn. What has not come yet its own machine's word ends alone.

    A file of one person is that person's withdrawal, which needs no second one, and is told as theirs: anybody can write what a sender
    is to have said.
    """
    why = (
        f"Its sender {did} the alert." if trusted else f"A person handed in that its sender {did} the alert."
    )
    known = await cap_store.known(tx, found.id, one)
    gone = await _clear(tx, found, one, why)
    if trusted or (known is not None and known.came):
        await cap_store.end(tx, found.id, one, why, tx.now + _REMEMBERED)
    return gone


async def _clear(tx: Tx, found: HotListRow, one: Identity, why: str) -> int:
    """Withdraw what a message brought, and what of it waits for a person; how many entries were withdrawn."""
    known = await cap_store.known(tx, found.id, one)
    for proposal in known.proposals if known else ():
        await policy_store.withdraw_proposal(tx, proposal)
    gone = 0
    for entry in await cap_store.entries_of(tx, found.id, one):
        if await entry_store.withdraw(tx, entry, why):
            gone += 1
            about, more = About("hot_list_entry", entry.id), {"hot_list": outside("hot_list", found.id)}
            await effect(tx, "hot_list_entry.withdrawn", about, more=more, detail={"why": why})
    return gone
