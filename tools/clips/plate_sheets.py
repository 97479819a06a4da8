"""The plates of the scenes as pictures for the page: the same sheets that the readers' pictures carry."""

from __future__ import annotations

import base64

from watchfloor_sim.picture import plate_sheet
from watchfloor_sim.plates import STATE


def sheets(plates: list[str]) -> dict[str, str]:
    """Each plate's sheet as a JPEG in a data address."""
    return {plate: _address(plate_sheet(plate, STATE)) for plate in plates}


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
