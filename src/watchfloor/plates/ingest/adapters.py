"""The table of adapters: which forms readers may send, and how much at once. A new vendor is a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.plates.ingest import (
    axis,
    dahua,
    genetec,
    hikvision,
    milesight,
    openalpr,
    plain,
    platerecognizer,
)
from watchfloor.plates.ingest.claim import Parse


@dataclass(frozen=True, slots=True)
class Adapter:
    """One vendor's form. `most_bytes` bounds the body before anything of it is read; `title` is what people call it."""

    name: str
    parse: Parse
    most_bytes: int
    title: str


# Two pictures of 1.5 MB in base64, or of 2 MB as they are.
_WITH_PICTURES: Final = 4 * 1024 * 1024

ADAPTERS: Final[Mapping[str, Adapter]] = {
    adapter.name: adapter
    for adapter in (
        Adapter("plain", plain.parse, 1024 * 1024, "Generic JSON"),
        # The agent can send a vehicle crop, a plate crop and an overview, all base64 in one message.
        Adapter("openalpr", openalpr.parse, _WITH_PICTURES, "OpenALPR or Rekor Scout"),
        Adapter("axis", axis.parse, _WITH_PICTURES, "AXIS License Plate Verifier"),
        Adapter("dahua", dahua.parse, _WITH_PICTURES, "Dahua ITSAPI"),
        Adapter("genetec", genetec.parse, _WITH_PICTURES, "Genetec AutoVu"),
        Adapter("hikvision", hikvision.parse, _WITH_PICTURES, "Hikvision ISAPI"),
        Adapter("milesight", milesight.parse, _WITH_PICTURES, "Milesight LPR"),
        Adapter("platerecognizer", platerecognizer.parse, _WITH_PICTURES, "Plate Recognizer Stream"),
    )
}
