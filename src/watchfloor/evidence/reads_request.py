"""Asking for an export of plate reads that a search found: for the purpose and the case of whoever asks; a second person decides."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from watchfloor.evidence import store
from watchfloor.evidence.model import Export, ExportId, ReadsAsked, request_of
from watchfloor.evidence.reads import MOST_READS, asked_of
from watchfloor.evidence.request import CHANGED, KIND, OPEN_FOR, News
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.proposals import propose
from watchfloor.governance.words import TechnologyKind
from watchfloor.investigations.findings import found_by, sought
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.plates.search import place_of
from watchfloor.plates.search_store import reads_at
from watchfloor.storage.tx import Tx


async def ask_for_reads(
    door: Door, news: News, actor: Actor, why: Why, reason: str, search: UUID, read_ids: Sequence[str]
) -> ExportId:
    """Ask for an export of reads; another person approves it. Raises Refused, Invalid for what that search does not find, NotFound."""
    places = list(dict.fromkeys(place_of(one) for one in read_ids))
    if not 1 <= len(places) <= MOST_READS:
        raise Invalid(f"An export is of 1 to {MOST_READS} reads.", reason="reads")
    if why.case is None:
        raise Invalid("An export is for a case, a call or an incident.", reason="case")
    ask = Ask(actor, Need.EXPORT_ASK, why, About("entry", search), TechnologyKind.PLATE_READER)
    async with door.open(ask) as tx:
        criteria, _ = await sought(tx, search)
        reads = await reads_at(tx, places)
        for place in places:
            await found_by(tx, criteria, reads.get(place))
        asked = ReadsAsked(search, tuple(asked_of(reads[place]) for place in sorted(places)))
        return await _keep(tx, news, why, reason, asked)


async def _keep(tx: Tx, news: News, why: Why, reason: str, asked: ReadsAsked) -> ExportId:
    export, case = ExportId(uuid7(tx.now)), sure(why.case)
    first, last = asked.reads[0].at, asked.reads[-1].at
    count = len(asked.reads)
    proposal = await propose(
        tx,
        KIND,
        title=f"Export of {count} plate read{'s' if count > 1 else ''}",
        sentence=f"Read between {moment(first, tx.zone)} and {moment(last, tx.zone)}, with their pictures: {reason}",
        payload=request_of(export, why.allowed, case, reason, (), asked),
        subject=export,
        open_for=OPEN_FOR,
    )
    await store.insert_export(
        tx,
        Export(
            export, proposal.id, why.allowed, case, reason, proposal.proposed_by, proposal.proposed_at, proposal.expires_at,
            "asked", "", None, None, "", None, None, None, 0, 0, None, None, None, None, None, None, None, (), 0, (), asked,
        ),
    )  # fmt: skip
    agency = tx.agency
    tx.after_commit(lambda: news(CHANGED, agency, export))
    return export
