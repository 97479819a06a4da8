"""Microphones of an agency: two, one of which is taken out of service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.fixtures.center import new_id
from watchfloor.governance.forms import outside

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker

PLAIN: Final[dict[str, dict[str, Any]]] = {
    "PATCH /microphones/{microphone_id}": {"noise_db": 48},
    "POST /alerts/{alert_id}/confirm-sound": {"grounds": "pattern"},
    "POST /acoustic-pulses": {"sent_at": "2026-11-29T03:14:15Z"},
    "POST /weather": {"station": "Airport", "temperature_c": 4, "wind_mps": 3, "wind_from_deg": 270},
}


@dataclass(frozen=True, kw_only=True)
class OfMicrophones:
    """What an agency has of microphones, by outside ids."""

    microphone: str
    microphone_to_go: str
    microphone_token: str
    sound_clip: str


async def listening(maker: Maker) -> dict[str, Any]:
    """Two microphones."""
    made = {}
    for field in ("microphone", "microphone_to_go"):
        body = microphone_body(f"{maker.name} {field}")
        made[field] = await maker.named("technician", "/microphones", **body)
    token = await maker.posts("technician", f"/microphones/{made['microphone']}/token")
    # No alert of theirs is of a sound, so that no clip is there; an id that one could have is.
    return made | {"microphone_token": token["token"], "sound_clip": outside("sound_clip", new_id())}


def microphone_body(name: str) -> dict[str, object]:
    """A microphone as it is registered."""
    return {"name": name, "lat": 38.63, "lon": -90.19, "error_m": 3, "clock_bound_ms": 1}
