"""Which column of a file is which field of a camera: by name, by common other names, or as somebody says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from watchfloor.cameras.import_file import LAT, LON, BadList, Sheet
from watchfloor.kit.errors import Invalid

Columns = Mapping[str, str]
"""Field -> column of the file."""

# The first name is ours; a unit that nobody wrote is not guessed, so that no feet become metres.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "camera", "camera_name", "cameraname", "cam_name", "device_name", "title", "label"),
    "external_id": (
        "external_id", "outside_id", "id", "camera_id", "cameraid", "cam_id", "asset_id", "assetid", "asset_number", "device_id",
        "gis_id", "globalid", "objectid", "object_id", "fid", "number",
    ),
    "place": ("place", "location", "address", "street_address", "intersection", "corner", "site_address", "description"),
    "lat": ("lat", "latitude", "y", "lat_dd", "latitude_wgs84", "point_y"),
    "lon": ("lon", "lng", "long", "longitude", "x", "lon_dd", "longitude_wgs84", "point_x"),
    "heading_deg": ("heading_deg", "heading", "direction", "bearing", "azimuth", "facing", "orientation"),
    "field_deg": ("field_deg", "field_of_view", "fov", "fov_deg", "view_angle", "angle_of_view", "hfov"),
    "range_m": ("range_m", "view_distance_m", "distance_m", "range_meters", "range_metres"),
    "url": ("url", "rtsp", "rtsp_url", "stream", "stream_url", "stream_address", "main_stream", "uri"),
    "sub_url": ("sub_url", "sub_stream", "substream", "substream_url", "second_stream"),
    "transport": ("transport", "rtp_transport", "stream_transport"),
    "certificate": ("certificate", "certificate_sha256", "tls_fingerprint", "fingerprint"),
    "kind": ("kind", "ownership", "owner_type"),
    "technology": ("technology",),
    "mount": ("mount", "mounting", "mounted_on", "mount_type", "mounting_type"),
    "height_m": ("height_m", "mount_height_m", "mounting_height_m", "height_meters", "height_metres"),
    "night": ("night", "night_vision"),
    "owner_text": ("owner_text", "owner", "owner_name", "department", "agency", "division"),
    "network_switch": ("network_switch", "switch", "switch_name", "net_switch", "uplink"),
    "power_feed": ("power_feed", "power", "power_source", "circuit", "feeder", "feed"),
    "footage_kept": ("footage_kept",),
    "site": ("site", "site_name", "recorder", "nvr", "vms"),
    "channel": ("channel", "channel_number", "channel_no", "recorder_channel", "nvr_channel"),
    "enabled": ("enabled", "active", "in_service", "in_use"),
}  # fmt: skip
_LOGIN: Final = re.compile(
    r"(^|_)(user|username|user_name|login|pass|credentials?|secret)(_|$)|password|passwd|pwd"
)


def columns_of(sheet: Sheet, said: Columns | None = None) -> dict[str, str]:
    """The column of each field that the file has. Raises BadList, and Invalid for a mapping that names what is not there."""
    _refuse_logins(sheet)
    found = dict(_said(sheet.columns, said or {}))
    taken = set(found.values())
    by_word = {_word(column): column for column in reversed(sheet.columns)}
    for field, names in NAMES.items():
        if field in found:
            continue
        column = next(
            (by_word[name] for name in names if name in by_word and by_word[name] not in taken), None
        )
        if column is None and (own := {"lat": LAT, "lon": LON}.get(field)) in sheet.columns:
            column = own
        if column is not None:
            found[field] = column
            taken.add(column)
    if "name" not in found and "external_id" not in found:
        raise BadList(
            "no column names the cameras",
            reason="columns",
            next_step=f"Call one `name` or `external_id`; there are {', '.join(sheet.columns[:12])}.",
        )
    return found


def _said(columns: Sequence[str], said: Columns) -> list[tuple[str, str]]:
    for field, column in said.items():
        if field not in NAMES:
            raise Invalid(
                f"A camera has no field {field[:40]!r}.",
                reason="map",
                next_step=f"There are {', '.join(NAMES)}.",
            )
        if column not in columns:
            raise Invalid(f"The file has no column {column[:60]!r}.", reason="map")
    return list(said.items())


def _refuse_logins(sheet: Sheet) -> None:
    """A file lies in mails and downloads for years: a login in one is lost already, and must not be taken for usual."""
    for column in sheet.columns:
        if _LOGIN.search(_word(column)) and any(row.cells.get(column, "").strip() for row in sheet.rows):
            raise BadList(
                f"its column {column[:60]!r} holds logins",
                reason="login",
                next_step="Take that column out, change those passwords, and enter the login at each camera.",
            )


def _word(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
