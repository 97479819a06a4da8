"""All SQL of sound that was pulled. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.pull import Clip, NoClip
from watchfloor.incidents.clip import SoundClip, SoundClipId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches


@touches(DataClass.SOUND_CLIP, WRITE)
async def insert(tx: Tx, clip: SoundClip) -> None:
    """Keep that it is asked for."""
    await tx.execute(
        "insert into sound_clip (id, agency_id, alert_id, source_id, microphone_id, authorisation_id, entry_id, asked_by, asked_at,"
        " begins, ends, state, erase_after) values (%(id)s, %(agency)s, %(alert)s, %(source)s, %(microphone)s, %(authorisation)s,"
        " %(entry)s, %(by)s, %(at)s, %(begins)s, %(ends)s, 'asked', %(erase_after)s)",
        id=clip.id,
        agency=tx.agency,
        alert=clip.alert,
        source=clip.source,
        microphone=clip.microphone,
        authorisation=clip.authorisation,
        entry=clip.entry,
        by=clip.asked_by,
        at=clip.asked_at,
        begins=clip.begins,
        ends=clip.ends,
        erase_after=clip.erase_after,
    )


@touches(DataClass.SOUND_CLIP, WRITE)
async def answered(tx: Tx, clip: SoundClipId, said: Clip | NoClip | None) -> None:
    """Keep what came of it, once."""
    came = said if isinstance(said, Clip) else None
    no = said if isinstance(said, NoClip) else None
    await tx.execute(
        "update sound_clip set state = %(state)s, answered_at = %(now)s, reason = %(reason)s, detail = %(detail)s,"
        " clip_begins = %(begins)s, rate = %(rate)s, sha256 = %(sha256)s, samples = %(samples)s"
        " where id = %(id)s and state = 'asked'",
        id=clip,
        now=tx.now,
        state="clip" if came else "refused" if no else "silent",
        reason=no.reason if no else None,
        detail=no.detail if no else None,
        begins=came.begins if came else None,
        rate=came.rate if came else None,
        sha256=came.sha256 if came else None,
        samples=came.samples if came else None,
    )


@touches(DataClass.SOUND_CLIP, READ)
async def clips_of(tx: Tx, alert: UUID) -> Sequence[SoundClip]:
    """What was pulled of an alert, without the sound itself, the first one first; what is past its end is not there, though the sweep be
    late."""
    rows = await tx.fetch(
        "select id, alert_id, source_id, microphone_id, authorisation_id, entry_id, asked_by, asked_at, begins, ends, erase_after,"
        " state, answered_at, reason, detail, clip_begins, rate, sha256 from sound_clip"
        " where alert_id = %(alert)s and erase_after > %(now)s order by asked_at, id",
        alert=alert,
        now=tx.now,
    )
    return [_clip(row) for row in rows]


@touches(DataClass.SOUND_CLIP, READ)
async def clip(tx: Tx, alert: UUID, wanted: UUID) -> SoundClip | None:
    """One of an alert's, with the sound."""
    row = await tx.fetch_one(
        "select * from sound_clip where id = %(id)s and alert_id = %(alert)s and erase_after > %(now)s",
        id=wanted,
        alert=alert,
        now=tx.now,
    )
    return _clip(row) if row else None


def _clip(row: Row) -> SoundClip:
    samples = row.get("samples")
    return SoundClip(
        SoundClipId(row["id"]),
        row["alert_id"],
        row["source_id"],
        MicrophoneId(row["microphone_id"]),
        row["authorisation_id"],
        row["entry_id"],
        row["asked_by"],
        row["asked_at"],
        row["begins"],
        row["ends"],
        row["erase_after"],
        row["state"],
        row["answered_at"],
        row["reason"],
        row["detail"],
        row["clip_begins"],
        row["rate"],
        row["sha256"],
        bytes(samples) if samples is not None else None,
    )
