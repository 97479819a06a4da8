"""What somebody drew of River City: its river, its main roads, its grids, its parks. Data, in metres, and no geometry.

East and north of *Mill St at 5th*, in metres. `lay.py` makes streets of it, `draw.py` a map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

XY = tuple[float, float]
Line = tuple[XY, ...]
Kind = Literal["highway", "major_road", "minor_road", "path"]

CITY: Final = "River City"
RIVER: Final = "Marl River"
ATTRIBUTION: Final = "River City is invented"
# Mill St at 5th, in degrees.
ORIGIN: Final = (38.6270, -90.1990)
EXTENT: Final = (-3300.0, -2900.0, 3500.0, 3300.0)
"""West, south, east, north."""

# The middle of the river from north to south, and half its width there.
RIVER_MIDDLE: Final[Line] = (
    (1180, 4200), (1320, 3400), (1400, 2600), (1250, 1800), (980, 1150), (840, 500), (850, -150), (1080, -850), (1500, -1500),
    (1780, -2300), (1700, -3100), (1500, -3900),
)  # fmt: skip
RIVER_HALF_M: Final = (150, 165, 235, 200, 150, 140, 135, 140, 150, 160, 165, 165)
ISLAND: Final = ("Heron Island", (1395.0, 2480.0), 85.0, 330.0)
"""Name, middle, half width, half length."""


@dataclass(frozen=True, slots=True)
class Road:
    """A named road through points, rounded where it is `curved`."""

    name: str
    kind: Kind
    kmh: int
    points: Line
    curved: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """Streets across and along, in a district: where each lies in the grid's own metres, turned by `turn_deg` (clockwise)."""

    district: str
    origin: XY
    turn_deg: float
    across: tuple[tuple[str, float], ...]
    along: tuple[tuple[str, float], ...]


ROADS: Final = (
    Road("Marl Expressway", "highway", 90, (
        (-3300, -2050), (-2500, -1500), (-1700, -1180), (-1050, -1075), (-560, -1075), (-100, -1130), (500, -1230),
        (1330, -1270), (2100, -1090), (2620, -900), (3500, -760),
    )),
    # The entries of the city and its ring.
    Road("N Broadway", "major_road", 50, (
        (-646, -137), (-760, 400), (-870, 918), (-840, 1500), (-690, 2050), (-560, 2600), (-520, 3300),
    )),
    Road("S Broadway", "major_road", 50, ((-646, -137), (-600, -420), (-560, -760), (-560, -1500), (-470, -2100), (-430, -2900))),
    Road("Belt Rd", "major_road", 60, (
        (1260, 2440), (900, 2580), (300, 2720), (-560, 2600), (-1350, 2560), (-1900, 2080), (-2130, 1300), (-2120, 300), (-2060, -500),
        (-1900, -1150), (-1450, -1750), (-470, -2100), (500, -2180), (1620, -2180),
    )),
    Road("Mill St", "major_road", 40, ((-646, -137), (0, 0), (900, 191)), curved=False),
    Road("W Mill St", "major_road", 50, ((-646, -137), (-1100, -120), (-1600, -30), (-2108, 0), (-2700, 60), (-3300, 30))),
    Road("Mill St Bridge", "major_road", 40, ((400, 85), (1200, 255)), curved=False),
    Road("E Mill St", "major_road", 50, ((800, 170), (1200, 255), (1500, 300), (2060, 330), (2700, 260), (3500, 300))),
    Road("North Bridge", "major_road", 40, ((600, 1226), (1400, 1396)), curved=False),
    Road("E Quay St", "major_road", 50, ((1000, 1311), (1400, 1396), (1700, 1420), (2300, 1330), (2680, 1000), (2700, 260))),
    Road("Harrow Rd", "minor_road", 50, ((2700, 260), (2740, -250), (2560, -640), (2150, -860), (1700, -960), (1100, -985))),
    Road("Granary Alley", "minor_road", 15, ((-30.5, 456), (-66.5, 627)), curved=False),
    # Slip roads of the expressway.
    Road("Broadway Ramp", "minor_road", 40, ((-1050, -1075), (-800, -960), (-540, -900))),
    Road("Yards Ramp", "minor_road", 40, ((-100, -1130), (-300, -1260), (-580, -1290))),
    Road("Belt Ramp", "minor_road", 40, ((-1700, -1180), (-1800, -1120), (-1930, -1130))),
    Road("Harrow Ramp", "minor_road", 40, ((2100, -1090), (2230, -960), (2290, -780))),
    # Country roads and the hill.
    Road("Hilltop Cir", "minor_road", 30, (
        (-1400, 1660), (-1210, 1760), (-1160, 1950), (-1290, 2110), (-1490, 2110), (-1610, 1960), (-1570, 1760), (-1400, 1660),
    )),
    Road("Orchard Rd", "major_road", 40, ((-860, 1240), (-1150, 1330), (-1400, 1480), (-1400, 1660))),
    Road("Pear Tree Ln", "minor_road", 30, ((-1160, 1950), (-960, 1960), (-720, 1930))),
    Road("Quince Ln", "minor_road", 30, ((-1290, 2110), (-1190, 2330), (-1150, 2575))),
    Road("Plum Ln", "minor_road", 30, ((-1610, 1960), (-1780, 1900), (-1980, 1960))),
    Road("Medlar Ln", "minor_road", 30, ((-1150, 1330), (-1000, 1560), (-960, 1960), (-900, 2250), (-620, 2360))),
    Road("Overlook Dr", "minor_road", 30, ((-1400, 1480), (-1650, 1420), (-1860, 1560), (-1780, 1900))),
    Road("Walnut Way", "minor_road", 30, ((-2130, 1300), (-1850, 1260), (-1650, 1420))),
)  # fmt: skip
# Roads along the banks, so far from the water.
RIVER_ROAD: Final = ("River Rd", 70.0)
EAST_SHORE: Final = ("East Shore Dr", 75.0)
LEVEE_WALK: Final = ("Levee Walk", 30.0)

GRIDS: Final = (
    Grid(
        "Old Mill", (0, 0), -12.0,
        (("Market St", -440), ("Chandler St", -300), ("Cooper St", -150), ("Tanner St", 150), ("Ferry St", 310),
         ("Granary St", 460), ("Lock St", 620), ("Weir St", 780), ("Quay St", 1075)),
        (("Front St", 625), ("1st St", 520), ("2nd St", 390), ("3rd St", 260), ("4th St", 130), ("5th St", 0), ("6th St", -130),
         ("7th St", -260), ("8th St", -390), ("9th St", -520)),
    ),
    Grid(
        "Westhill", (-1300, 0), 1.5,
        (("Oak St", -1620), ("Maple St", -1430), ("Linden St", -1240), ("Juniper St", -860),
         ("Ivy St", -680), ("Hazel St", -500), ("Fir St", -320), ("Elm St", 190), ("Dogwood St", 380),
         ("Cedar St", 570), ("Birch St", 760), ("Alder St", 950)),
        (("Vine Ave", 420), ("Union Ave", 230), ("Spring Ave", 40), ("Mason Ave", -150), ("Garden Ave", -340), ("Chapel Ave", -530),
         ("Abbey Ave", -710)),
    ),
    Grid(
        "Northgate", (0, 1900), -5.0,
        (("Anchor St", -560), ("Beacon St", -370), ("Candle St", -180), ("Lantern St", 20), ("Rope St", 220), ("Sail St", 430)),
        (("Tower Ave", 760), ("Wall Ave", 560), ("Arch Ave", 360), ("Bell Ave", 150), ("Postern Ave", -70), ("Gate Ave", -300),
         ("Keep Ave", -510)),
    ),
    Grid(
        "South Yards", (200, -900), 9.0,
        (("Anvil St", 210), ("Boiler St", -30), ("Foundry St", -480), ("Ladle St", -780), ("Smelter St", -1040)),
        (("Siding Ave", 620), ("Switch Ave", 320), ("Tender Ave", 20), ("Signal Ave", -280), ("Coal Ave", -560)),
    ),
    Grid(
        "Eastbank", (1900, 300), 14.0,
        (("Barley St", -900), ("Clover St", -700), ("Harvest St", -510), ("Hopper St", -320), ("Millet St", -150), ("Rye St", 210),
         ("Sorrel St", 400), ("Thistle St", 600), ("Teasel St", 800)),
        (("Arbor Ave", -520), ("Brook Ave", -300), ("Crane Ave", -80), ("Dover Ave", 140), ("Ember Ave", 360), ("Fallow Ave", 590)),
    ),
)  # fmt: skip

DISTRICTS: Final = ("Old Mill", "Westhill", "Northgate", "Orchard Heights", "South Yards", "Eastbank")
# Where the hill's district ends in the south, and where East Shore Dr begins and ends.
HILL_FOOT_M: Final = 1190.0
EAST_SHORE_ENDS: Final = (-990.0, 1400.0)


@dataclass(frozen=True, slots=True)
class Walled:
    """What has a wall around it, between streets of a grid (west, south, east, north): none runs through."""

    name: str
    kind: Literal["park", "hospital", "school", "industrial"]
    district: str
    between: tuple[float, float, float, float]


WALLED: Final = (
    Walled("Market Square", "park", "Old Mill", (-260, 310, -130, 460)),
    Walled("Granary Park", "park", "Westhill", (-340, 190, -150, 570)),
    Walled("Thistle Common", "park", "Eastbank", (-80, 400, 360, 600)),
    Walled("Tower Park", "park", "Northgate", (150, 20, 360, 220)),
    Walled("River City Hospital", "hospital", "Westhill", (230, 380, 420, 570)),
    Walled("Westhill School", "school", "Westhill", (-340, -500, -150, -320)),
    Walled("South Yards Works", "industrial", "South Yards", (20, -780, 320, -480)),
    Walled("Depot Yard", "industrial", "South Yards", (320, -1040, 620, -480)),
)
HILL_PARK: Final = ("Orchard Park", "Hilltop Cir")
LEVEE: Final = ("Levee Park", -560.0, 1150.0)
"""Name, southern and northern end; it lies between River Rd and the water."""
