"""The log's signing key: made once by the ledger, kept 0600, locked while a ledger runs. Nothing else may read it."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from watchfloor.engines.layout import write_private
from watchfloor.governance.checkpoint import Checkpoint, VerifierKey, check_name, sign, verifier_of
from watchfloor.kit.errors import Invalid
from watchfloor.ledger.errors import AnotherLedger


@dataclass(frozen=True, slots=True)
class Signer:
    """The log's name and its private key."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def key(self) -> VerifierKey:
        """The public half, for everybody."""
        return verifier_of(self.name, self.private)

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """The signed note. The same checkpoint always gives the same bytes."""
        return sign(checkpoint.text, self.name, self.private)


def signer_of(path: Path, name: str, *, may_make: bool) -> Signer:
    """The signer whose key is in `path`; a new key is written there first when there is none and `may_make`.

    Raises Invalid when the name cannot be a log's, the file holds no Ed25519 key, or is missing and must not be made.
    """
    check_name(name)
    if not path.exists():
        if not may_make:
            raise Invalid(
                f"The log has been signed before, but its key {path} is gone.",
                next_step="Restore it from the backup of the keys. A new key would make the log look like another one.",
            )
        write_private(path, _pem(Ed25519PrivateKey.generate()))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)  # a key copied back by hand often comes with the usual mode
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise Invalid(f"{path} does not hold a private key in PEM form.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Invalid(f"{path} does not hold an Ed25519 key.")
    return Signer(name, private)


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@contextmanager
def sole_user(path: Path) -> Iterator[None]:
    """Be the only process on this machine that signs with the key in `path`. Raises AnotherLedger when one does."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherLedger(
                f"Another ledger signs with {path}.", next_step="One is enough; stop the other one."
            ) from error
        yield
    finally:
        os.close(handle)
