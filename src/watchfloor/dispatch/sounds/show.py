"""The outside forms of sounds and what came of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from watchfloor.dispatch.sounds import forms
from watchfloor.dispatch.sounds.model import Off, SoundOutcome, SoundRecord, counts_as
from watchfloor.dispatch.sounds.record import Whole
from watchfloor.governance.forms import outside
from watchfloor.incidents.show import person_form


def record_form(one: SoundRecord) -> forms.RecordedSound:
    """The outside form of a sound."""
    return {
        "id": outside("sound", one.id),
        "missed": one.missed,
        "source": one.source,
        "source_ref": one.source_ref,
        "at": one.at,
        "told_at": one.told_at,
        "district": one.district,
        "verdict": one.verdict,
        "dismissed_as": one.reason,
        "decided_at": one.decided_at,
        "alert_id": outside("alert", one.id) if one.alert_kept else None,
        "incident_id": outside("incident", one.incident) if one.incident else None,
        "counts_as": counts_as(one.stands),
        "said": one.stands,
        "waits": one.waits,
        "how": one.how,
        "note": one.note,
    }


def story_form(whole: Whole) -> forms.SoundStory:
    """The outside form of a sound with all that was said of it."""
    by = whole.record.recorded_by
    return {
        **record_form(whole.record),
        "others": [record_form(one) for one in whole.others],
        "outcomes": [_outcome_form(one, whole.names) for one in whole.outcomes],
        "recorded_by": person_form(by, whole.names) if by else None,
        "lat": whole.place.lat if whole.place else None,
        "lon": whole.place.lon if whole.place else None,
    }


def _outcome_form(one: SoundOutcome, names: Mapping[UUID, str]) -> forms.SoundOutcome:
    return {
        "id": outside("sound_outcome", one.id),
        "state": one.state,
        "said": one.said,
        "evidence": list(one.evidence),
        "victims": one.victims,
        "cause": one.cause,
        "note": one.note,
        "why": one.why,
        "off": _off_form(one.off) if one.off else None,
        "recorded_by": person_form(one.recorded_by, names),
        "recorded_at": one.recorded_at,
        "second_by": person_form(one.second_by, names) if one.second_by else None,
        "second_at": one.second_at,
        "second_why": one.second_why,
    }


def _off_form(off: Off) -> forms.SoundOff:
    return {
        "error_m": off.error_m,
        "first_error_m": off.first_error_m,
        "in_half": off.in_half,
        "in_most": off.in_most,
    }
