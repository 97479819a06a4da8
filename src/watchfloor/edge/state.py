"""What an edge box keeps of itself on disk: its key and certificate, where its center is, the last permissions. All of it 0600."""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from watchfloor.cameras.boxes.wire import SERVER_NAME, DiskTrouble, OfBox, Permit
from watchfloor.kit.errors import Invalid

_PEM: Final = serialization.Encoding.PEM
# Asked for when half of its thirty days is left.
_RENEW_AT: Final = 0.5


class Center(msgspec.Struct, frozen=True):
    """Where the box's center is, and by which name that knows the box."""

    address: str
    name: str


class Kept(msgspec.Struct):
    """What must outlive a restart while the center is away: the cameras, the last word on each, the latest time the center said."""

    cameras: list[OfBox] = []
    permits: list[Permit] = []
    center_us: int = 0


class Status(msgspec.Struct, frozen=True):
    """What `watchfloor edge status` shows."""

    name: str
    center: str
    at: datetime
    linked: bool
    why: str
    certificate_until: datetime | None
    clock_off_ms: int | None
    kept_bytes: int
    most_bytes: int
    cameras: list[dict[str, str | bool]]
    pid: int = 0
    disk: DiskTrouble | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """The folder of an edge box."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> State:
        """The folder, made where there is none. Raises Invalid."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise Invalid(
                f"{folder} cannot be used: {error.strerror}.", next_step="See state in [box]."
            ) from error
        return cls(folder)

    @property
    def ring(self) -> Path:
        """Where footage is kept while the center is away."""
        return self.folder / "ring"

    @property
    def enrolled(self) -> bool:
        """Whether the box has a certificate."""
        return (self.folder / "center.json").exists() and (self.folder / "box.pem").exists()

    def center(self) -> Center:
        """The box's center. Raises Invalid while it has none."""
        try:
            return msgspec.json.decode((self.folder / "center.json").read_bytes(), type=Center)
        except (OSError, msgspec.DecodeError) as error:
            raise Invalid(
                "This edge box is not enrolled.",
                next_step="watchfloor edge enrol CODE, with a code from the center's page of edge boxes.",
            ) from error

    def keep_enrolled(
        self, key: ec.EllipticCurvePrivateKey, certificate: str, authority: str, center: Center
    ) -> None:
        """Keep what enrolment brought; the center last, for by it the rest is known to be whole."""
        self._write("authority.pem", authority.encode())
        self.keep_certificate(key, certificate)
        self._write("center.json", msgspec.json.encode(center))

    def keep_certificate(self, key: ec.EllipticCurvePrivateKey, certificate: str) -> None:
        """Keep a certificate with its key, in one file so that they can never be of two."""
        form = (_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self._write("box.pem", key.private_bytes(*form) + certificate.encode())

    def certificate(self) -> x509.Certificate | None:
        """The box's certificate."""
        with contextlib.suppress(OSError, ValueError):
            return x509.load_pem_x509_certificate((self.folder / "box.pem").read_bytes())
        return None

    def due(self, now: datetime) -> bool:
        """Whether it is time to ask for the next certificate."""
        have = self.certificate()
        if have is None:
            return False
        whole = have.not_valid_after_utc - have.not_valid_before_utc
        return now > have.not_valid_before_utc + whole * _RENEW_AT

    def tls(self) -> ssl.SSLContext:
        """How the box dials: TLS 1.3, only to a gate of its center's edge authority. Raises Invalid."""
        context = client_context()
        try:
            context.load_verify_locations(self.folder / "authority.pem")
            context.load_cert_chain(self.folder / "box.pem")
        except (OSError, ssl.SSLError) as error:
            raise Invalid(
                "The certificate of this edge box cannot be used.", next_step="Enrol it again."
            ) from error
        return context

    def kept(self) -> Kept:
        """What was kept; nothing where it cannot be read."""
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode((self.folder / "kept.json").read_bytes(), type=Kept)
        return Kept()

    def keep(self, kept: Kept) -> None:
        """Keep it. Raises OSError."""
        self._write("kept.json", msgspec.json.encode(kept))

    def say(self, status: Status) -> None:
        """Leave word for `watchfloor edge status`."""
        with contextlib.suppress(OSError):
            self._write("status.json", msgspec.json.encode(status), synced=False)

    def said(self) -> Status | None:
        """What the running box said last."""
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode((self.folder / "status.json").read_bytes(), type=Status)
        return None

    def forget(self) -> None:
        """The box was revoked: its key, its certificate and all that it kept are gone."""
        for name in ("box.pem", "center.json", "kept.json"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.ring, ignore_errors=True)

    def _write(self, name: str, data: bytes, *, synced: bool = True) -> None:
        fresh = self.folder / f".{name}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, data)
            if synced:
                os.fsync(handle)
        finally:
            os.close(handle)
        fresh.rename(self.folder / name)


def client_context() -> ssl.SSLContext:
    """TLS 1.3 to a gate; what it is known by is loaded by the caller."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = True
    return context


def request_for() -> tuple[ec.EllipticCurvePrivateKey, str]:
    """A fresh key, and the request for its certificate. The key never leaves the box."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edge box")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return key, asked.public_bytes(_PEM).decode()


def of_camera(kept: Kept, camera: UUID) -> Permit | None:
    """The last word on a camera."""
    return next((one for one in kept.permits if one.camera == camera), None)


__all__ = ["SERVER_NAME", "Center", "Kept", "State", "Status", "client_context", "of_camera", "request_for"]
