"""Parts of a camera's outside form. Pure; they hold neither an address nor a login."""

from __future__ import annotations

from watchfloor.cameras import forms
from watchfloor.cameras.model import Camera, Said, Shown
from watchfloor.cameras.transport import is_pin
from watchfloor.governance.forms import outside
from watchfloor.governance.inner_forms import Place
from watchfloor.governance.words import TechnologyKind


def state_form(state: Shown, said: Said | None) -> forms.CameraState:
    """The outside form of how a camera is shown."""
    return {
        "level": state.level,
        "word": state.word,
        "reason": state.reason,
        "since": state.since,
        "last_frame_at": said.last_frame_at if said else None,
    }


def details_form(camera: Camera) -> forms.CameraDetails:
    """The outside form of what the registry says of a camera beside its place and view."""
    details, private = camera.details, camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK
    return {
        "kind": details.kind,
        "mount": details.mount,
        "height_m": details.height_m,
        "night": details.night,
        "owner_text": "" if private else details.owner_text,
        "network_switch": details.network_switch,
        "power_feed": details.power_feed,
        "footage_kept": details.footage_kept,
        "external_id": details.external_id,
        "site": _site_form(camera),
        "channel": details.channel,
    }


def carried_form(camera: Camera) -> forms.CarriedStream:
    """How its streams come, and whether somebody said what its end is known by; never by what."""
    return {
        "transport": camera.transport,
        "has_certificate": camera.certificate is not None,
        "has_pin": is_pin(camera.certificate),
    }


def place_form(camera: Camera) -> Place:
    """Where it stands. A body camera is where an officer is: that is on the map of units, for who may see it."""
    if camera.technology is TechnologyKind.BODY_CAMERA:
        return {"text": "with its unit" if camera.carried_by else "with no unit", "lat": None, "lon": None}
    return {"text": camera.place_text, "lat": camera.place.lat, "lon": camera.place.lon}


def _site_form(camera: Camera) -> forms.NamedSite | None:
    site = camera.details.site_id
    return None if site is None else {"id": outside("site", site), "name": camera.site_name or ""}
