"""What the door itself may touch: while it decides, and while it writes down. A table and nothing else."""

from __future__ import annotations

from typing import Final

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Touch

# What deciding itself may touch: policy, what owners agreed, where a thing stands, the named case, the log, and the machines' last answers.
DECIDING: Final[frozenset[Touch]] = frozenset(
    {
        (DataClass.POLICY, READ),
        (DataClass.CASE, READ),
        (DataClass.INCIDENT, READ),
        (DataClass.AGREEMENT, READ),
        (DataClass.ALERT, READ),
        (DataClass.CAMERA, READ),
        (DataClass.READER, READ),
        (DataClass.CREDENTIAL, READ),
        (DataClass.ACCOUNT, READ),
        (DataClass.MACHINERY, READ),
        (DataClass.MACHINERY, WRITE),
        (DataClass.AUDIT, WRITE),
        (DataClass.AUDIT_PAYLOAD, WRITE),
    }
)
LOGGING: Final[frozenset[Touch]] = frozenset({(DataClass.AUDIT, WRITE), (DataClass.AUDIT_PAYLOAD, WRITE)})
