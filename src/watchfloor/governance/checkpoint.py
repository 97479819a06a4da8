"""What the log signs: C2SP checkpoints (https://c2sp.org/tlog-checkpoint) in signed notes (https://c2sp.org/signed-note).

Pure: keys come in as values; it never reads or keeps one. Ed25519 is the one kind of signature it makes and knows.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from watchfloor.governance.merkle import HASH_BYTES
from watchfloor.kit.errors import Invalid

LARGEST_NOTE: Final = 1 << 20
_ED25519: Final = b"\x01"
_MOST_SIGNATURES: Final = 100
_DASH: Final = "— "  # an em dash and a space
_SIZE: Final = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)


class BadNote(Invalid):
    """The note is malformed, or not signed by the key it should be signed by."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's public key under its name; `public` is 32 bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != HASH_BYTES:
            raise Invalid("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, kind of signature, key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The one-line form: `name+key id in hex+base64(kind, key)`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key of a one-line form. Raises Invalid when it is malformed or its id does not fit."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Invalid("a log's key is one line of the form name+id+key")
        raw = _base64(parts[2])
        if raw is None or raw[:1] != _ED25519:
            raise Invalid("the log's key is not an Ed25519 key in base64")
        key = cls(parts[0], raw[1:])
        if key.key_id.hex() != parts[1]:
            raise Invalid(f"the log's key does not have the id {parts[1][:16]!r} that its line gives it")
        return key

    def verifies(self, signature: bytes, text: str) -> bool:
        """Whether `signature` is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def verifier_of(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """The public half of a signing key, under the log's name."""
    return VerifierKey(name, private.public_key().public_bytes_raw())


def check_name(name: str) -> None:
    """Raises Invalid unless `name` may be the name of a key: not empty, no spaces, no plus, no control characters."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise Invalid(f"{name[:80]!r} cannot name a log: it must not be empty nor hold spaces or a plus")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its name, the number of its entries, the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(line + "\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint a note's text states. Raises BadNote when it is malformed."""
        lines = text.split("\n")
        if lines.pop() != "" or len(lines) < 3 or not all(lines):
            raise BadNote("a checkpoint has at least three lines and no empty one")
        origin, size, root, *extensions = lines
        digest = _base64(root)
        if not _SIZE.fullmatch(size) or int(size) >= 1 << 63:
            raise BadNote(f"{size[:40]!r} is not a number of entries")
        if digest is None or len(digest) != HASH_BYTES:
            raise BadNote("the third line of a checkpoint is not a root of 32 bytes in base64")
        return cls(origin, int(size), digest, tuple(extensions))


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose name, which key id (4 bytes), and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """The parts of a signed note. Raises BadNote when anything about its form is wrong."""
        if len(content) > LARGEST_NOTE:
            raise BadNote(f"a note of {len(content)} bytes is larger than any note of a log")
        try:
            whole = content.decode()
        except UnicodeDecodeError as error:
            raise BadNote("the note is not UTF-8 text") from error
        if any(c < " " and c != "\n" for c in whole):
            raise BadNote("the note holds control characters")
        text, blank, rest = whole.rpartition("\n\n")
        if not blank or not rest.endswith("\n"):
            raise BadNote("the note has no signatures")
        lines = rest[:-1].split("\n")
        if len(lines) > _MOST_SIGNATURES:
            raise BadNote(f"the note has more than {_MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(_signature(line) for line in lines))

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether it carries a signature under the key's name and id. Raises BadNote when that signature is wrong."""
        theirs = [s for s in self.signatures if (s.name, s.key_id) == (key.name, key.key_id)]
        if not all(key.verifies(s.signature, self.text) for s in theirs):
            raise BadNote(f"the signature of {key.name} does not fit the text: one of the two was changed")
        return bool(theirs)


def sign(text: str, name: str, private: Ed25519PrivateKey, *, beside: Iterable[Signature] = ()) -> bytes:
    """A signed note of `text`; signatures of others may stand beside. Raises Invalid for a text no note may hold."""
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise Invalid("the text of a note ends with a newline and holds no control characters")
    key = verifier_of(name, private)
    own = Signature(name, key.key_id, private.sign(text.encode()))
    return (text + "\n" + "".join(s.line for s in (own, *beside))).encode()


def open_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a note that `key` signed for its own log.

    Raises BadNote when the form, the signature or the log's name is wrong.
    """
    opened = Note.parse(note)
    if not opened.signed_by(key):
        raise BadNote(f"the note is not signed by the key {key.name} {key.key_id.hex()}")
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != key.name:
        raise BadNote(f"the checkpoint is of the log {checkpoint.origin[:80]!r}, the key of {key.name!r}")
    return checkpoint


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _base64(encoded)
    if not line.startswith(_DASH) or not space or raw is None or len(raw) <= 4:
        raise BadNote("a signature line of the note is malformed")
    try:
        check_name(name)
    except Invalid as error:
        raise BadNote(f"a signature line of the note is malformed: {error.detail}") from error
    return Signature(name, raw[:4], raw[4:])


def _base64(text: str) -> bytes | None:
    """The bytes of canonical base64; None for anything else, unused bits set included."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
