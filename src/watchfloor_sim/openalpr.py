"""The message of an OpenALPR agent or of Rekor Scout for one vehicle that passed: `data_type: alpr_group`.

The field names are those of real messages as independent receivers declare them; times are unix milliseconds,
confidences 0 to 100, regions like "us-mo". What a simulated reader cannot know is filled as an agent fills it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_AGENT = "SIMULATEDAGENT00000000000000000000000000"
_SENDER: Mapping[str, object] = {
    "version": 2,
    "frame_start": 1200,
    "frame_end": 1212,
    "company_id": "simulated",
    "agent_uid": _AGENT,
    "agent_version": "4.1.12",
    "agent_type": "alprd",
    "camera_id": 1,
    "country": "us",
}
_KINDS = ("color", "make", "make_model", "body_type", "year", "orientation")


@dataclass(frozen=True, slots=True)
class Group:
    """One vehicle, its best plate and the other readings; confidences here are 0 to 1."""

    plate: str
    state: str | None
    confidence: float
    alternatives: Mapping[str, float]
    at: datetime
    uuid: str
    jpeg: str = ""
    place: tuple[float, float] | None = None

    def as_json(self) -> dict[str, object]:
        ms = round(self.at.timestamp() * 1000)
        latitude, longitude = self.place or (-1.0, -1.0)  # an agent without a place says -1
        return {
            "data_type": "alpr_group",
            **_SENDER,
            "epoch_start": ms - 400,
            "epoch_end": ms + 400,
            "gps_latitude": latitude,
            "gps_longitude": longitude,
            "uuids": [self.uuid],
            "plate_indexes": [0],
            "candidates": self._candidates(),
            "best_plate": self._best_plate(),
            "best_confidence": self.confidence * 100,
            "best_plate_number": self.plate,
            "best_region": self._region,
            "best_region_confidence": 90.0 if self.state else 0.0,
            "matches_template": False,
            "best_uuid": self.uuid,
            "best_uuid_epoch_ms": ms,
            "best_image_width": 1920,
            "best_image_height": 1080,
            "travel_direction": 90.0,
            "is_parked": False,
            "is_preview": False,
            "vehicle_signature": "",
            "vehicle_crop_jpeg": self.jpeg,
            "overview_jpeg": "",
            "vehicle": {kind: [{"name": "unknown", "confidence": 50.0}] for kind in _KINDS},
            "web_server_config": {"camera_label": "simulated", "agent_label": "simulated"},
            "direction_of_travel_id": 0,
            "custom_data": "",
        }

    @property
    def _region(self) -> str:
        return f"us-{self.state.lower()}" if self.state else ""

    def _candidates(self) -> list[dict[str, object]]:
        every = {self.plate: self.confidence} | dict(self.alternatives)
        return [{"plate": p, "confidence": c * 100, "matches_template": 0} for p, c in every.items()]

    def _best_plate(self) -> dict[str, object]:
        return {
            "plate": self.plate,
            "confidence": self.confidence * 100,
            "matches_template": 0,
            "plate_index": 0,
            "region": self._region,
            "region_confidence": 90 if self.state else 0,
            "processing_time_ms": 14.2,
            "requested_topn": 10,
            "coordinates": [{"x": x, "y": y} for x, y in ((790, 407), (1090, 407), (1090, 557), (790, 557))],
            "plate_crop_jpeg": "",
            "vehicle_region": {"x": 620, "y": 260, "width": 640, "height": 400},
            "vehicle_detected": True,
            "candidates": self._candidates(),
        }
