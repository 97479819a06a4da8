"""Lays the rows of a list beside the registry: each is new, changes something, changes nothing, or is refused with the reason. Pure.

A column that the file lacks, and a cell that is empty, leave what is there. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.cameras.address import EDGE, parse
from watchfloor.cameras.details import (
    NOT_SAID,
    OWNER_KEPT_ELSEWHERE,
    CameraKind,
    Details,
    FootageKept,
    Mount,
    Night,
    agreed,
    word,
)
from watchfloor.cameras.import_cells import flag, heading, number
from watchfloor.cameras.import_change import Change, change_of, fields_of, same
from watchfloor.cameras.import_columns import Columns
from watchfloor.cameras.import_file import Row, Sheet, printable
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.taking import by_list
from watchfloor.cameras.register import Entry, at_site, columns
from watchfloor.cameras.sites.model import Site
from watchfloor.cameras.transport import Transport
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m

FAR_M: Final = 100_000.0
_LONGEST_CELL: Final = 1000


class Verdict(StrEnum):
    """What a row of a list comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with, or worth a look in, a column of a row; without a column in the row as a whole."""

    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what it comes to. `fields` are the columns to be kept; `moved` says that the login is forgotten."""

    line: int
    name: str
    verdict: Verdict
    problems: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    changes: tuple[Change, ...] = ()
    camera: UUID | None = None
    version: int | None = None
    fields: Mapping[str, object] | None = None
    moved: bool = False


@dataclass(slots=True)
class Judge:
    """Judges the rows of one file in their order. `nowhere` has the hosts where no camera may be, each with the reason."""

    columns: Columns
    known: Sequence[Camera]
    nowhere: Mapping[str, str]
    default_kind: CameraKind | None = None
    sites: Sequence[Site] = ()

    def all(self, sheet: Sheet) -> list[Judged]:
        """Every row."""
        by_id = {c.details.external_id: c for c in self.known if c.details.external_id}
        by_name = {camera.name: camera for camera in self.known}
        city = _middle([camera.place for camera in self.known] or self._places(sheet))
        earlier: dict[tuple[str, str], int] = {}
        return [self._judged(row, by_id, by_name, earlier, city) for row in sheet.rows]

    def hosts(self, sheet: Sheet) -> dict[str, int]:
        """The hosts that the file names, each with a port: to be looked up before judging."""
        found = {}
        for row in sheet.rows:
            try:
                address, _ = parse(self._cell(row, "url"))
            except Invalid:
                continue
            if address.scheme != EDGE:
                found[address.host] = address.port
        return found

    def _judged(
        self,
        row: Row,
        by_id: Mapping[str, Camera],
        by_name: Mapping[str, Camera],
        earlier: dict[tuple[str, str], int],
        city: Point | None,
    ) -> Judged:
        name = " ".join(self._cell(row, "name").split())
        if row.fault is not None:
            return Judged(row.line, printable(name[:80]), Verdict.REFUSED, (Remark(None, row.fault),))
        problems = [*self._unprintable(row), *self._twice(row, earlier)]
        number = " ".join(self._cell(row, "external_id").split())
        before = by_id.get(number) if number else None
        before = before or by_name.get(name)
        if before is not None and number and before.details.external_id not in (None, number):
            problems.append(
                self._remark(
                    "name", "Another camera of the registry, with another outside id, has this name."
                )
            )
        if before is not None and name and (other := by_name.get(name)) is not None and other.id != before.id:
            problems.append(self._remark("name", "Another camera of the registry has this name."))
        try:
            fields, problems = self._fields(row, before, problems)
        except Invalid as error:
            field = (
                error.reason if error.reason in self.columns else "place" if error.reason == "entry" else None
            )
            problems.append(self._remark(field, error.detail))
            fields = {}
        name = name or (before.name if before else "")
        if problems:
            return Judged(row.line, printable(name[:80]), Verdict.REFUSED, tuple(problems))
        return self._found(row, str(fields["name"]), fields, before, city)

    def _found(
        self, row: Row, name: str, fields: dict[str, object], before: Camera | None, city: Point | None
    ) -> Judged:
        warnings = [*self._warned(row, fields, city), *self._private(row, fields)]
        if before is None:
            return Judged(row.line, name, Verdict.NEW, warnings=tuple(warnings), fields=fields)
        was = fields_of(before)
        changes = tuple(
            change_of(key, self._named(key, was[key]), self._named(key, fields[key]))
            for key in fields
            if not same(key, was[key], fields[key])
        )
        moved = was["address"] != fields["address"]
        if moved and before.has_login:
            warnings.append(
                self._remark(
                    "url", "It is another address: its login is forgotten and has to be entered again."
                )
            )
        verdict = Verdict.CHANGED if changes else Verdict.UNCHANGED
        return Judged(
            row.line, name, verdict, (), tuple(warnings), changes, before.id, before.version, fields, moved
        )  # fmt: skip

    def _fields(
        self, row: Row, before: Camera | None, problems: list[Remark]
    ) -> tuple[dict[str, object], list[Remark]]:
        """The columns to be kept, and what is wrong with single cells. Raises Invalid for the entry as a whole."""
        values: dict[str, float | None] = {}
        for field, parsed in (
            ("heading_deg", heading),
            *((one, number) for one in ("lat", "lon", "field_deg", "range_m", "height_m")),
        ):
            try:
                text = self._cell(row, field)
                values[field] = parsed(text) if text else None
            except ValueError as error:
                problems.append(self._remark(field, str(error)))
        if problems:
            return {}, problems
        place = self._place(values, before)
        entry = self._entry(row, values, place, before)
        site = next((one for one in self.sites if one.id == entry.details.site_id), None)
        if site is not None:
            by_list(site, entry.details, before)
            entry = at_site(entry, site)
        url = entry.url or ""
        if not url and before is None:
            raise Invalid("A camera has an address, rtsp://host/path.", reason="url")
        fields, login, address = columns(entry, url or (before.address if before else ""), before)
        if login is not None:
            raise Invalid(
                "The address holds a login: a file is no place for one. Change that password too.",
                reason="url",
            )
        if url and address.host in self.nowhere:
            raise Invalid(self.nowhere[address.host], reason="url")
        return fields, problems

    def _place(self, values: Mapping[str, float | None], before: Camera | None) -> Point:
        lat, lon = values["lat"], values["lon"]
        if lat is None and lon is None and before is not None:
            return before.place
        if lat is None or lon is None:
            raise Invalid("It has no latitude and longitude.", reason="lat" if lat is None else "lon")
        try:
            return Point(lat, lon)
        except ValueError as error:
            swapped = (
                " Latitude and longitude seem to be swapped." if abs(lat) <= 180 and abs(lon) <= 90 else ""
            )
            raise Invalid(
                f"There is no such place on earth: {lat:g}, {lon:g}.{swapped}", reason="lat"
            ) from error

    def _entry(
        self, row: Row, values: Mapping[str, float | None], place: Point, before: Camera | None
    ) -> Entry:
        was = before.details if before else NOT_SAID
        kind = word(CameraKind, self._cell(row, "kind"), "kind")
        technology = word(TechnologyKind, self._cell(row, "technology"), "technology")
        if before is None and kind is None and technology is None:
            kind = self.default_kind
        technology, kind = agreed(technology, kind, before=(before.technology, was.kind) if before else None)
        name = self._cell(row, "name") or (before.name if before else self._cell(row, "external_id"))
        place_text = self._cell(row, "place") or (before.place_text if before else name)
        heading_deg, field_deg, range_m = (
            values[field] if values[field] is not None else getattr(before, field, None)
            for field in ("heading_deg", "field_deg", "range_m")
        )
        enabled = flag(self._cell(row, "enabled"))
        return Entry(
            name,
            technology,
            self._cell(row, "url") or None,
            None,
            place_text,
            place,
            heading_deg,
            enabled=enabled if enabled is not None else (before.enabled if before else True),
            field_deg=field_deg,
            range_m=range_m,
            sub_url=self._cell(row, "sub_url") or None,
            details=self._details(row, values["height_m"], kind, was, technology),
            transport=word(Transport, self._cell(row, "transport"), "transport"),
            certificate=self._cell(row, "certificate") or None,
        )

    def _at(self, row: Row, was: Details) -> tuple[UUID | None, str | None]:
        """At which site it is, and its channel there. Raises Invalid."""
        name, channel = " ".join(self._cell(row, "site").split()), self._cell(row, "channel")
        site = was.site_id
        if name:
            site = next((one.id for one in self.sites if one.name == name), None)
            if site is None:
                raise Invalid(f"There is no site {name[:80]!r}: register it first.", reason="site")
        if site is None:
            return None, None
        return site, channel or (was.channel if site == was.site_id else None) or ""

    def _named(self, key: str, value: object) -> object:
        """A site by its name."""
        return next((one.name for one in self.sites if key == "site_id" and str(one.id) == value), value)

    def _details(
        self, row: Row, height_m: float | None, kind: CameraKind | None, was: Details, of: TechnologyKind
    ) -> Details:
        private = of is TechnologyKind.PRIVATE_CAMERA_LINK
        return Details(
            kind,
            word(Mount, self._cell(row, "mount"), "mount") or was.mount,
            height_m if height_m is not None else was.height_m,
            word(Night, self._cell(row, "night"), "night") or was.night,
            "" if private else self._cell(row, "owner_text") or was.owner_text,
            self._cell(row, "network_switch") or was.network_switch,
            self._cell(row, "power_feed") or was.power_feed,
            word(FootageKept, self._cell(row, "footage_kept"), "footage_kept") or was.footage_kept,
            self._cell(row, "external_id") or was.external_id,
            *self._at(row, was),
        )

    def _twice(self, row: Row, earlier: dict[tuple[str, str], int]) -> list[Remark]:
        found = []
        for field, what in (("external_id", "outside id"), ("name", "name"), ("url", "address")):
            text = " ".join(self._cell(row, field).split())
            if text and (line := earlier.setdefault((field, text), row.line)) != row.line:
                found.append(self._remark(field, f"Line {line} has the same {what}."))
        at = f"{self._cell(row, 'site')} {self._cell(row, 'channel')}".strip()
        if self._cell(row, "channel") and (line := earlier.setdefault(("at", at), row.line)) != row.line:
            found.append(self._remark("channel", f"Line {line} has the same channel of that site."))
        return found

    def _unprintable(self, row: Row) -> list[Remark]:
        found = []
        for field in self.columns:
            text = " ".join(self._cell(row, field).split())
            if not text.isprintable():
                found.append(self._remark(field, "It holds characters that cannot be printed."))
            elif len(text) > _LONGEST_CELL:
                found.append(self._remark(field, f"It is longer than {_LONGEST_CELL} characters."))
        return found

    def _private(self, row: Row, fields: Mapping[str, object]) -> list[Remark]:
        private = fields["technology"] == TechnologyKind.PRIVATE_CAMERA_LINK.value
        return (
            [self._remark("owner_text", OWNER_KEPT_ELSEWHERE)]
            if private and self._cell(row, "owner_text")
            else []
        )

    def _warned(self, row: Row, fields: Mapping[str, object], city: Point | None) -> list[Remark]:
        lat, lon = float(str(fields["lat"])), float(str(fields["lon"]))
        if city is None or not self._cell(row, "lat") or (far := distance_m(city, Point(lat, lon))) <= FAR_M:
            return []
        said = f"It is {far / 1000:,.0f} km from the city's other cameras."
        if abs(lon) <= 90 and abs(lat) <= 180 and distance_m(city, Point(lon, lat)) <= FAR_M:
            said += " Latitude and longitude seem to be swapped."
        return [self._remark("lat", said)]

    def _places(self, sheet: Sheet) -> list[Point]:
        found = []
        for row in sheet.rows:
            try:
                found.append(Point(number(self._cell(row, "lat")), number(self._cell(row, "lon"))))
            except ValueError:
                continue
        return found

    def _cell(self, row: Row, field: str) -> str:
        return row.cells.get(self.columns.get(field, ""), "").strip()

    def _remark(self, field: str | None, reason: str) -> Remark:
        return Remark(None if field is None else self.columns.get(field), reason)


def _middle(places: Sequence[Point]) -> Point | None:
    if not places:
        return None
    lat, lon = np.median([(place.lat, place.lon) for place in places], axis=0)
    return Point(float(lat), float(lon))
