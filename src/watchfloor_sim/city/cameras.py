"""Where cameras and plate readers stand in River City, which way they look, and which clip each camera shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Scene = Literal["day", "dusk", "night", "rain"]
Technology = Literal["fixed_camera", "mobile_trailer", "private_camera_link"]
TRAILER: Final = "mobile_trailer"
PRIVATE: Final = "private_camera_link"
"""Of a shop, which shares it by an agreement (`shop.py`)."""


@dataclass(frozen=True, slots=True)
class CameraSite:
    """A camera: its address on the server is `/key`, its picture the clip of that name."""

    key: str
    name: str
    place: str
    lat: float
    lon: float
    heading_deg: float
    field_deg: float
    """How wide it sees."""
    range_m: float
    """How far it sees well enough to tell cars apart."""
    clip: str
    scene: Scene
    technology: Technology = "fixed_camera"

    def entry(self) -> dict[str, object]:
        """What a technician enters, but for the address and the password."""
        return {
            "name": self.name, "technology": self.technology, "place": self.place, "lat": self.lat, "lon": self.lon,
            "heading_deg": self.heading_deg, "field_deg": self.field_deg, "range_m": self.range_m,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReaderSite:
    """A plate reader: it looks at the traffic that comes towards it."""

    key: str
    name: str
    place: str
    lat: float
    lon: float
    heading_deg: float

    def entry(self) -> dict[str, object]:
        """What a technician enters."""
        return {
            "name": self.name, "place": self.place, "lat": self.lat, "lon": self.lon, "heading_deg": self.heading_deg,
        }  # fmt: skip


CAMERAS: Final = (
    CameraSite("mill-st-5th", "Mill St at 5th", "Mill St at 5th St", 38.626950, -90.199100, 72, 70, 160, "mill-st-5th", "day"),
    CameraSite("market-square", "Market Square", "6th St at Granary St", 38.630790, -90.201600, 205, 85, 110, "market-square", "dusk"),
    CameraSite("north-bridge", "North Bridge", "North Bridge at East Shore Dr", 38.639420, -90.183480, 258, 45, 260, "north-bridge", "day"),
    CameraSite("river-road", "River Rd", "River Rd at Tanner St", 38.629500, -90.191960, 8, 60, 180, "river-road", "night"),
    CameraSite("tower-park", "Tower Park", "Lantern St at Bell Ave", 38.644480, -90.197200, 60, 75, 150, "tower-park", "day"),
    CameraSite("depot-yard", "Trailer 2", "Foundry St at Switch Ave", 38.61415, -90.19387, 128, 80, 140, "depot-yard", "night", TRAILER),
    CameraSite("granary-alley", "Granary Alley", "Granary Alley at Lock St", 38.632560, -90.199740, 168, 55, 90, "granary-alley", "rain",
               PRIVATE),
    CameraSite("belt-ramp", "Belt Rd ramp", "Belt Rd at Belt Ramp", 38.616900, -90.220930, 110, 55, 220, "ring-ramp", "rain"),
    CameraSite("northgate", "Northgate", "N Broadway at Belt Rd", 38.650450, -90.205420, 4, 50, 200, "northgate", "day"),
    CameraSite("ferry-landing", "Ferry Landing", "River Rd at Ferry St", 38.631040, -90.191700, 80, 80, 150, "ferry-landing", "dusk"),
    CameraSite("hospital", "Hospital entrance", "Dogwood St at Vine Ave", 38.63045, -90.2091, 300, 80, 120, "hospital-entrance", "night"),
    CameraSite("school", "Westhill School", "Fir St at Mason Ave", 38.624110, -90.215850, 268, 65, 150, "school-crossing", "day"),
)  # fmt: skip

# At the four entries of the city and on its two bridges.
READERS: Final = (
    ReaderSite("mill-bridge", "Mill St Bridge", "Mill St Bridge at River Rd", 38.628230, -90.191700, 78),
    ReaderSite("north-bridge", "North Bridge", "North Bridge at River Rd", 38.638450, -90.189700, 78),
    ReaderSite("northgate", "Northgate", "N Broadway at Northgate", 38.651500, -90.205300, 355),
    ReaderSite("westgate", "Westgate", "W Mill St at Westgate", 38.627405, -90.227720, 272),
    ReaderSite("southgate", "Southgate", "S Broadway at Southgate", 38.605865, -90.204215, 175),
    ReaderSite("eastgate", "Eastgate", "E Mill St at Eastgate", 38.629350, -90.166190, 88),
)  # fmt: skip
