"""The file of an edge box: its cameras, whose addresses and passwords never leave it. Read once; it opens nothing."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from watchfloor.cameras.address import EDGE, Address, Login, Networks, parse
from watchfloor.cameras.details import word
from watchfloor.cameras.transport import TLS, Transport, carried
from watchfloor.kit.errors import Invalid

CONFIG: Final = Path("/etc/watchfloor/edge.toml")
_BOX: Final[Mapping[str, type]] = {
    "state": str,
    "buffer_mb": int,
    "camera_networks": str,
    "stall_after_s": float,
}
_CAMERA: Final[Mapping[str, type]] = {
    "url": str,
    "sub_url": str,
    "user": str,
    "password": str,
    "transport": str,
    "certificate": str,
}
EXAMPLE: Final = """\
[box]
state = "/var/lib/watchfloor-edge"   # key, certificate and what is kept while the center is away
buffer_mb = 4096                     # of it at most so much

[cameras.yard-north]                 # registered at the center as edge://yard-north
url = "rtsp://192.168.1.20/stream1"
sub_url = "rtsp://192.168.1.20/stream2"
user = "viewer"
password = "..."
"""


@dataclass(frozen=True, slots=True)
class OwnCamera:
    """A camera as the box reaches it."""

    url: Address = field(repr=False)
    sub_url: Address | None = field(repr=False)
    login: Login | None = field(repr=False)
    transport: Transport = Transport.TCP
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    state: Path
    buffer_bytes: int
    networks: Networks
    stall_after_s: float
    cameras: Mapping[str, OwnCamera]


def load(path: Path) -> Config:
    """Read the file. Raises Invalid: with what is wrong and where, and without repeating an address or a password."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise Invalid(
            f"{path} cannot be read: {error.strerror}.",
            next_step=f"Write it, with mode 600. An example:\n\n{EXAMPLE}",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} is no TOML: {error}.") from error
    if mode & 0o077:
        raise Invalid(
            f"{path} holds passwords and can be read by others (mode {mode:o}).",
            next_step=f"chmod 600 {path}",
        )
    unknown = set(document) - {"box", "cameras"}
    if unknown:
        raise Invalid(
            f"{path}: there is no section [{sorted(unknown)[0]}]; known are [box] and [cameras.NAME]."
        )
    box = _checked(f"{path}: [box]", document.get("box", {}), _BOX)
    cameras = document.get("cameras", {})
    if not isinstance(cameras, dict) or not cameras:
        raise Invalid(f"{path} names no camera.", next_step=f"An example:\n\n{EXAMPLE}")
    megabytes = int(box.get("buffer_mb", 4096))
    if megabytes < 16:
        raise Invalid(f"{path}: [box] buffer_mb is at least 16.")
    return Config(
        Path(str(box.get("state", "/var/lib/watchfloor-edge"))),
        megabytes * 1024 * 1024,
        Networks.of(str(box.get("camera_networks", ""))),
        float(box.get("stall_after_s", 6.0)),
        {name: _camera(f"{path}: [cameras.{name}]", name, said) for name, said in cameras.items()},
    )


def _camera(where: str, name: str, said: object) -> OwnCamera:
    values = _checked(where, said, _CAMERA)
    try:
        parse(f"{EDGE}://{name}")
    except Invalid as error:
        raise Invalid(f"{where}: a name is small letters, digits and hyphens.") from error
    if "url" not in values:
        raise Invalid(f"{where} has no url.")
    login = Login(str(values["user"]), str(values.get("password", ""))) if "user" in values else None
    url, in_url = _address(where, str(values["url"]))
    sub, _ = _address(where, str(values["sub_url"])) if "sub_url" in values else (None, None)
    if sub is not None and sub.host.lower() != url.host.lower():
        raise Invalid(f"{where}: sub_url is at another host than url.")
    if values.get("certificate") and url.scheme != TLS:
        # A box opens the stream alone: no ONVIF over https, for which a camera at the center may have one all the same.
        raise Invalid(
            f"{where}: only a stream of rtsps:// has a certificate.", next_step="Write rtsps:// in its url."
        )
    try:
        over = word(Transport, str(values.get("transport", "")), "transport")
        carriage = carried(url, None, over, str(values.get("certificate", "")))
    except Invalid as error:
        raise Invalid(f"{where}: {error.detail}", next_step=error.next_step) from error
    return OwnCamera(url, sub, login or in_url, *carriage)


def _address(where: str, text: str) -> tuple[Address, Login | None]:
    try:
        address, login = parse(text)
    except Invalid as error:
        raise Invalid(f"{where}: {error.detail}") from error
    if address.scheme == EDGE:
        raise Invalid(f"{where}: url is where the camera is on this network, rtsp://host/path.")
    return address, login


def _checked(where: str, said: object, known: Mapping[str, type]) -> Mapping[str, str | int | float]:
    if not isinstance(said, dict):
        raise Invalid(f"{where} is no section.")
    for key, value in said.items():
        if key not in known:
            raise Invalid(f"{where} has no setting {key!r}; known are {', '.join(sorted(known))}.")
        wanted = known[key]
        right = isinstance(value, (int, float) if wanted is float else wanted) and not isinstance(value, bool)
        if not right:
            raise Invalid(f"{where}: {key} is to be of type {wanted.__name__}.")
    return said
