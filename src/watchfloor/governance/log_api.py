"""Routes of the audit explorer: entries, and why each was answered so."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import APIRouter, Query

from watchfloor.governance import log_forms as forms
from watchfloor.governance import read_log
from watchfloor.governance.api import GovernanceParts
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import PREFIX, case_text_of, inside, outside
from watchfloor.governance.log_store import Asked
from watchfloor.governance.needs import Need
from watchfloor.governance.read_log import Explained, Names, Shown
from watchfloor.governance.tell import actor_kind, machine_name, sentence_of
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


def routes(parts: GovernanceParts) -> APIRouter:
    """The audit explorer."""
    router = APIRouter(tags=["audit"], route_class=Stated)
    _add_list(router, parts)

    @router.get("/audit/entries/{entry_id}", openapi_extra=asks((Need.AUDIT_VIEW, Need.OWN_AUDIT_VIEW)))
    async def get_entry(actor: Asker, entry_id: str) -> forms.EntryDetail:
        """One entry: why it was allowed or refused, its leaf, and the proof that the signed log holds it."""
        found = await read_log.explained(
            parts.door, actor, inside("entry", entry_id), parts.ledger, _names(parts)
        )
        return await asyncio.to_thread(explained_json, found)

    return router


def _add_list(router: APIRouter, parts: GovernanceParts) -> None:
    @router.get("/audit/entries", openapi_extra=asks((Need.AUDIT_VIEW, Need.OWN_AUDIT_VIEW)))
    async def list_entries(
        actor: Asker,
        extent: InPages,
        kind: str | None = None,
        result: str | None = None,
        need: str | None = None,
        about: str | None = None,
        authorisation: str | None = None,
        actor_id: str | None = Query(None, alias="actor"),
        from_at: Instant | None = Query(None, alias="from"),
        to_at: Instant | None = Query(None, alias="to"),
    ) -> Page[forms.Entry]:
        """Entries, newest first: everybody's for those who oversee, one's own for the rest."""
        asked = Asked(
            kind=kind,
            result=result,
            need=need,
            actor=inside("person", actor_id) if actor_id else None,
            about=_about(about),
            authorisation=inside("authorisation", authorisation) if authorisation else None,
            from_at=from_at,
            to_at=to_at,
        )
        found = await read_log.entries(parts.door, actor, asked, extent, _names(parts))
        return page(found.of(entry_json))


def _names(parts: GovernanceParts) -> Names:
    return Names(parts.names_of, parts.things_of)


def _about(text: str | None) -> UUID | None:
    if text is None:
        return None
    kind, _, thing = text.partition(":")
    if kind not in PREFIX:
        raise Invalid(f"{text[:60]!r} should be kind:id.", reason="about")
    return inside(kind, thing)


def entry_json(shown: Shown) -> forms.Entry:
    """The outside form of an entry; a name is shown only while its payload is not erased."""
    row, leaf = shown.row, shown.leaf
    name = shown.name
    about_kind, about_id = row["about_kind"], row["about_id"]
    authorisation = leaf.get("authorisation")
    return {
        "id": outside("entry", row["id"]),
        "at": row["at"],
        "kind": row["kind"],
        "actor": {
            "id": outside("person", row["actor_id"]),
            "kind": actor_kind(leaf),
            "name": machine_name(leaf, name) or name,
        },
        "need": row["need"],
        "result": row["result"],
        "reason": row["reason"],
        "sentence": _sentence(shown, name),
        "technology": _text(leaf.get("technology")),
        "authorisation": outside("authorisation", UUID(authorisation))
        if isinstance(authorisation, str)
        else None,
        "authorisation_title": shown.called(authorisation),
        "purpose": _text(leaf.get("purpose")),
        "case": case_text_of(leaf.get("case")),
        "case_name": shown.called(leaf.get("case")),
        "about": f"{about_kind}:{outside(about_kind, about_id)}"
        if about_id and about_kind in PREFIX
        else about_kind,
        "about_name": shown.called(str(about_id)) if about_id else None,
        "cause": outside("entry", row["cause_id"]) if row["cause_id"] else None,
        "leaf_index": row["leaf_index"],
    }


def _text(kept: object) -> str | None:
    return kept if isinstance(kept, str) else None


def explained_json(found: Explained) -> forms.EntryDetail:
    """An entry with its explanation and proof."""
    row = found.shown.row
    return {
        **entry_json(found.shown),
        "explanation": {
            "sentence": _sentence(found.shown, found.shown.name),
            "conditions": [{"text": condition.text, "met": condition.met} for condition in found.conditions],
        },
        "leaf": bytes(row["leaf"]).decode(),
        "leaf_hash": found.leaf_hash,
        "payload": found.shown.payload,
        "payload_erased": row["erased_at"] is not None,
        "payload_erased_at": row["erased_at"],
        "payload_erased_under": row["erased_under"],
        "salt": bytes(row["salt"]).hex() if row["salt"] is not None else None,
        "proof": {
            "state": found.proof.state,
            "tree_size": found.proof.tree_size,
            "root": found.proof.root,
            "checkpoint": found.proof.checkpoint,
            "hashes": list(found.proof.hashes) or None,
            "trouble": found.proof.trouble,
        },
    }


def _sentence(shown: Shown, name: str | None) -> str:
    said = str(shown.payload.get("sentence") or "") if shown.payload else ""
    told = sentence_of(shown.leaf, name, shown.zone)
    # For whom it waits is in no list of conditions.
    more = shown.row["kind"] in ("grant_end", "revocation") or shown.row["reason"] == "not_approved"
    return f"{told} {said[:1].upper()}{said[1:]}" if said and more else told
