"""Of which cameras plates may be read at all, whatever is authorised. Pure."""

from __future__ import annotations

from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import is_far
from watchfloor.governance.words import TechnologyKind

_SENTENCES = {
    TechnologyKind.PRIVATE_CAMERA_LINK: "It is its owner’s: what was agreed lets people look, and says nothing of reading plates.",
    TechnologyKind.BODY_CAMERA: "An officer wears it: plates are read on cameras that stand, never on one that goes into homes.",
}


def refusal_of(camera: Camera) -> str | None:
    """Why the plates of this camera are read nowhere; None where they may be."""
    if is_far(camera):
        return "It is a partner center’s: what is read on it is the partner’s to authorise."
    return _SENTENCES.get(camera.technology)
