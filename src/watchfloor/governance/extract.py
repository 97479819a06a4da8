"""An extract shows, without the log at hand, that an entry stands in it: leaf, place, proof and signed checkpoint.

Pure. With the payload and its salt beside it, it also shows that this payload is what the entry was made of.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from watchfloor.governance.checkpoint import BadNote, VerifierKey, open_checkpoint
from watchfloor.governance.merkle import includes, leaf_hash, prove_inclusion
from watchfloor.governance.tiles import TreeOfTiles
from watchfloor.kit.canonical import Json, canonical
from watchfloor.kit.errors import Invalid

FORMAT: Final = "watchfloor-extract@v1"
_TLOG_PROOF: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Extract:
    """One entry and its proof. `note` is the signed checkpoint that the proof leads to."""

    leaf: bytes
    index: int
    proof: tuple[bytes, ...]
    note: bytes
    payload: Mapping[str, Json] | None = field(repr=False, default=None)
    salt: bytes | None = field(repr=False, default=None)

    def as_json(self) -> dict[str, Json]:
        """The form that is kept and sent. The leaf is text: it is canonical JSON itself."""
        return {
            "format": FORMAT,
            "leaf": self.leaf.decode(),
            "index": self.index,
            "proof": [base64.b64encode(step).decode() for step in self.proof],
            "checkpoint": self.note.decode(),
            "payload": self.payload,
            "salt": self.salt.hex() if self.salt else None,
        }

    @classmethod
    def parse(cls, content: bytes) -> Extract:
        """The extract of a file. Raises Invalid when it is not one."""
        try:
            parts = json.loads(content)
            if not isinstance(parts, dict) or parts["format"] != FORMAT:
                raise Invalid("this is not an extract of an entry")
            payload, salt = parts["payload"], parts["salt"]
            if type(parts["index"]) is not int or not (payload is None or isinstance(payload, dict)):
                raise Invalid("a field of the extract has the wrong type")
            return cls(
                leaf=parts["leaf"].encode(),
                index=parts["index"],
                proof=tuple(base64.b64decode(step, validate=True) for step in parts["proof"]),
                note=parts["checkpoint"].encode(),
                payload=payload,
                salt=bytes.fromhex(salt) if salt is not None else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise Invalid("this is not an extract of an entry") from error

    @property
    def as_tlog_proof(self) -> str:
        """The proof in the text form of c2sp.org/tlog-proof, for tools of others; it does not hold the leaf."""
        steps = "".join(base64.b64encode(step).decode() + "\n" for step in self.proof)
        return f"{_TLOG_PROOF}\nindex {self.index}\n{steps}\n{self.note.decode()}"


def make_extract(
    tree: TreeOfTiles,
    note: bytes,
    index: int,
    leaf: bytes,
    *,
    payload: Mapping[str, Json] | None = None,
    salt: bytes | None = None,
) -> Extract:
    """The extract of entry `index` under the checkpoint that `note` signs; `tree` has that checkpoint's size."""
    return Extract(leaf, index, tuple(prove_inclusion(index, tree.size, tree.node)), note, payload, salt)


def faults(extract: Extract, key: VerifierKey) -> list[str]:
    """What is wrong with the extract, a sentence each; nothing when all of it fits under the log's key."""
    found: list[str] = []
    try:
        checkpoint = open_checkpoint(extract.note, key)
    except BadNote as error:
        return [f"The checkpoint is not one that this log signed: {error.detail}."]
    if not includes(checkpoint.root, checkpoint.size, extract.index, leaf_hash(extract.leaf), extract.proof):
        found.append(f"The entry does not stand at place {extract.index} of the log that was signed.")
    if extract.payload is not None and not _committed(extract):
        found.append("The payload is not the one that the entry was made of.")
    return found


def _committed(extract: Extract) -> bool:
    wanted = fields_of(extract.leaf).get("commitment")
    if extract.salt is None or extract.payload is None or not isinstance(wanted, str):
        return False
    try:
        found = hmac.new(extract.salt, canonical(extract.payload), hashlib.sha256).hexdigest()
    except TypeError:
        return False
    return hmac.compare_digest(found.encode(), wanted.encode())


def fields_of(leaf: bytes) -> Mapping[str, Json]:
    """What a leaf says, by field; empty when it is no JSON object."""
    try:
        said = json.loads(leaf.decode())
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
