"""A confirmed sound as a CAP 1.2 message: by the standard's own schema, and so that our own reader of such messages knows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from xml.etree.ElementTree import fromstring

import pytest
import shapely

from tests.architecture.tree import ROOT
from watchfloor.acoustics.located import Located, Round, SourceId, ring
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Ellipse
from watchfloor.acoustics.taken import Around
from watchfloor.exchange.sound_cap import Said, message
from watchfloor.incidents.sound import SoundSource, sound_of
from watchfloor.kit.geo import Point

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
SCHEMA = ROOT.parent.parent / "shared/schemas/cap/resources/CAP-v1.2.xsd"
NOW = datetime(2026, 7, 4, 23, 0, 1, 250_000, tzinfo=timezone(timedelta(hours=-5)))
MIDDLE = Point(38.63, -90.2)
WHO = tuple(MicrophoneId(UUID(int=n)) for n in range(4))
ONE = Located(
    MIDDLE, Ellipse(5, 3, 40), Ellipse(12, 7, 40), None, (Round(NOW, ((WHO[0], "a"),)),), 20.0, WHO, WHO[:1]
)
AREA = replace(
    ONE, region=(ring(MIDDLE, Ellipse(200, 90, 10)), ring(Point(38.64, -90.2), Ellipse(50, 40, 0)))
)


def said(*located: Located) -> Said:
    sources = tuple(
        SoundSource(SourceId(UUID(int=n)), 1, fallen=False, located=one) for n, one in enumerate(located)
    )
    place = "Mill St & 5th <north>"
    return Said(
        "alt_1.2",
        "center.example",
        "Mill City",
        NOW,
        place,
        "A place, no person.",
        sound_of(sources, Around(UTC)),
    )


def test_the_ellipse_is_a_polygon_and_stands_in_parameters() -> None:
    alert = fromstring(message(said(ONE)))
    text = {part.tag.removeprefix(CAP): part.text for part in alert.iter()}
    assert text["sent"] == "2026-07-05T04:00:01-00:00" and text["scope"] == "Restricted"
    assert (
        text["headline"] == "Gunfire: 1 round, Mill St & 5th <north>"
        and text["instruction"] == "A place, no person."
    )
    pairs = [tuple(map(float, pair.split(","))) for pair in (text["polygon"] or "").split()]
    assert pairs[0] == pairs[-1] and len(pairs) >= 4
    polygon = shapely.Polygon([(lon, lat) for lat, lon in pairs])
    assert polygon.contains(shapely.Point(MIDDLE.lon, MIDDLE.lat))
    values = {
        one.findtext(f"{CAP}valueName"): one.findtext(f"{CAP}value") for one in alert.iter(f"{CAP}parameter")
    }
    assert values["source1.ellipse95"] == "semi-major 12.0 m, semi-minor 7.0 m, bearing 40 degrees"
    assert values["source1.fired"] == "2026-07-05T04:00:01.250Z" and values["rounds"] == "1"
    assert message(said(ONE)) == message(said(ONE))


def test_an_area_has_no_point_and_all_its_parts() -> None:
    alert = fromstring(message(said(AREA, ONE)))
    areas = list(alert.iter(f"{CAP}area"))
    assert [len(list(area.iter(f"{CAP}polygon"))) for area in areas] == [2, 1]
    names = {one.text for one in alert.iter(f"{CAP}valueName")}
    assert "source1.point" not in names and "source2.point" in names


@pytest.mark.skipif(not SCHEMA.is_file(), reason="no schema of CAP beside the project")
@pytest.mark.parametrize("located", [(ONE,), (AREA,), (AREA, ONE)])
def test_it_is_as_the_schema_of_the_standard_says(located: tuple[Located, ...]) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    schema.assertValid(etree.fromstring(message(said(*located))))
    broken = message(said(*located)).replace(b"<status>Actual", b"<status>Perhaps")
    assert not schema.validate(etree.fromstring(broken)), "the schema tells what is wrong"
