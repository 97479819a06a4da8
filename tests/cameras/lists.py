"""What is handed in about cameras: lists of them, as cities keep them, and planned work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from tests.fixtures.center import new_id
from watchfloor.kit.clock import rfc3339

CSV: Final = {"Content-Type": "text/csv"}


def list_of(name: str) -> bytes:
    """A list of one camera."""
    place = f"38.63,-90.2,rtsp://127.0.0.9/{new_id().hex},municipal,no"
    return f"name,lat,lon,url,kind,enabled\nListed for {name},{place}\n".encode()


def list_sent(name: str) -> dict[str, Any]:
    """The same, as it is sent."""
    return {"content": list_of(name), "headers": CSV}


def work_body(now: datetime, camera: str) -> dict[str, object]:
    """Planned work on a camera, tomorrow."""
    tomorrow = now + timedelta(days=1)
    return {
        "cameras": [camera],
        "from": rfc3339(tomorrow),
        "to": rfc3339(tomorrow + timedelta(hours=1)),
        "reason": "a new lens",
    }


def site_body(name: str, url: str) -> dict[str, object]:
    """A site as a technician enters it, where that camera is."""
    place = {"place": "1820 Market St", "lat": 38.63, "lon": -90.19}
    return {"name": name, "kind": "nvr", "stream": url.rpartition("/")[0] + "/{channel}", **place}


def told_site_body(name: str, device: str) -> dict[str, object]:
    """A recorder as a technician enters it that tells by ONVIF which cameras it has."""
    return site_body(name, "") | {"stream": "", "device": device}


def camera_body(name: str, url: str) -> dict[str, object]:
    """A camera as a technician enters it."""
    return {
        "name": f"A camera of {name}",
        "technology": "fixed_camera",
        "place": f"Mill St at 4th, {name}",
        "url": url,
        "lat": 38.63,
        "lon": -90.19,
        "heading_deg": 90,
    }
