"""Which processes a center runs, how each is started, and how long it may be silent. It starts none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from watchfloor.settings import Settings

# A process that is stopped, or hangs, is killed: none of ours loses by that what it has promised. A recorder is to be back within ten
# seconds; what looks at pictures and what sweeps take what the others leave, and may wait for a processor.
_HANGS_S: Final = 60.0
_RECORDER_HANGS_S: Final = 6.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the center: arguments of Python, known as `name` in logs and readiness files."""

    name: str
    command: tuple[str, ...]
    nice: int = 0
    stops_with: int = 3
    silent_s: float | None = None
    """So long it may say nothing of itself (`kit.beat`) before it is killed and started again; None: it says nothing ever."""

    @property
    def module(self) -> str | None:
        """The module that it runs, by which it can be forked; None for a program of another kind."""
        return self.command[1] if self.command[0] == "-m" else None


def processes(settings: Settings) -> tuple[Process, ...]:
    """What runs on one machine, in the order of its start."""
    # Not by the command line of people: what that loads is a second of each process's start.
    ours = ("-m", "watchfloor.process")
    more = range(2, settings.record.workers + 1)
    numbers = ((), *(("--number", str(n)) for n in more))
    names = ("record", *(f"record-{n}" for n in more))
    return (
        Process("ledger", (*ours, "ledger"), stops_with=2, silent_s=_HANGS_S),
        Process("serve", (*ours, "serve"), silent_s=_HANGS_S),
        *(
            Process(name, (*ours, "record", *number), silent_s=_RECORDER_HANGS_S)
            for name, number in zip(names, numbers, strict=True)
        ),
        *((Process("gate", (*ours, "gate"), silent_s=_HANGS_S),) if settings.edge.host else ()),
        Process("sense", (*ours, "sense", "--roles", "match,correlate"), silent_s=_HANGS_S),
        # What locates sounds reckons for seconds at a time: no hit of a plate waits for it, nor falls with it.
        Process("hear", (*ours, "sense", "--roles", "hear"), silent_s=_HANGS_S),
        # What looks at pictures takes what the others leave.
        Process("read", (*ours, "sense", "--roles", "read"), nice=10, silent_s=_HANGS_S),
        Process("sweep", (*ours, "sweep"), nice=5, silent_s=_HANGS_S),
    )
