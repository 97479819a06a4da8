"""Kill processes of a working center at random for as long as it is told; ends with one JSON line.

    python -m tests.story.soak --minutes 60 [--seed N]

It counts at the clients: what they were acknowledged, against what is kept; how long each waited, from the kill on.
The exit status is 0 when nothing was lost or doubled, no picture is missing without its reason, every client was served
again within ten seconds, and the log verifies.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.engines.center import CLOCK
from tests.story import judge
from tests.story.center import a_whole_center
from tests.story.judge import Kind, Wrong
from tests.story.kill import EVERY_PART, Healed, kill
from tests.story.shift import Shift, at_work

PROMISE_S: Final = 10.0
PATIENCE_S: Final = 120.0
JUDGED_EVERY: Final = 10
LONGEST_QUIET_S: Final = 12.0
LONGEST_REVIEW_S: Final = 0.4
"""How far into a review a kill falls at most: from the claim, over typing, to after the confirmation."""


@dataclass
class Soak:
    """What happened so far."""

    seed: int
    healed: list[Healed] = field(default_factory=list)
    wrong: set[Wrong] = field(default_factory=set)
    unhealed: list[str] = field(default_factory=list)
    log: str = ""

    def take(self, found: Sequence[Wrong]) -> None:
        """Keep what is wrong, and say it once."""
        for one in found:
            if one not in self.wrong:
                say(f"WRONG ({one.kind}): {one.sentence}")
                self.wrong.add(one)

    def report(self, shift: Shift, minutes: float) -> dict[str, object]:
        """The figures."""
        seconds = sorted(healed.healed_s for healed in self.healed)
        kinds = Counter(one.kind for one in self.wrong)
        return {
            "minutes": round(minutes, 1),
            "seed": self.seed,
            "kills": len(self.healed) + len(self.unhealed),
            "kills_by_process": Counter(healed.part for healed in self.healed),
            "healed_s": spread(seconds),
            "healed_s_by_process": self._by_process(),
            "later_than_promised": [str(healed) for healed in self.late],
            "never_healed": self.unhealed,
            "acknowledged": {
                "reads": len(shift.reader.acknowledged | shift.probe.acknowledged),
                "positions": len(shift.officer.reported),
                "alerts": len(shift.kept.seen),
                "claims": len(shift.kept.claimed),
                "incidents": len(shift.kept.incidents),
            },
            "lost": kinds[Kind.LOST],
            "doubled": kinds[Kind.DOUBLED],
            "gaps_unexpected": kinds[Kind.GAP],
            "strange": kinds[Kind.STRANGE],
            "frames_sent": shift.camera.frames_sent,
            "log": self.log,
        }

    def _by_process(self) -> Mapping[str, Mapping[str, float]]:
        return {
            part: spread(sorted(healed.healed_s for healed in self.healed if healed.part == part))
            for part in EVERY_PART
        }

    @property
    def late(self) -> list[Healed]:
        return [healed for healed in self.healed if healed.healed_s > PROMISE_S]

    @property
    def well(self) -> bool:
        kept = not (self.wrong or self.unhealed or self.late)
        return kept and self.log.startswith("verified, roll-back excluded")


def spread(seconds: Sequence[float]) -> Mapping[str, float]:
    """Of sorted seconds: the median, the 95th percentile, the longest."""
    if not seconds:
        return {}
    last = len(seconds) - 1
    return {
        "p50": round(seconds[last // 2], 2),
        "p95": round(seconds[-(-last * 95 // 100)], 2),
        "max": round(seconds[-1], 2),
    }


async def soak(minutes: float, seed: int) -> int:
    """Kill until the time is over; the exit status."""
    chance, done = random.Random(seed), Soak(seed)
    async with a_whole_center() as center, at_work(center) as shift:
        began = CLOCK.monotonic()
        while CLOCK.monotonic() < began + minutes * 60:
            await CLOCK.sleep(chance.uniform(0.0, LONGEST_QUIET_S))
            part, into_s = chance.choice(EVERY_PART), chance.uniform(0.0, LONGEST_REVIEW_S)
            await _kill_one(shift, part, into_s, done)
        done.take(await judge.kept(shift))
        done.log = await asyncio.to_thread(center.verified)
        print(json.dumps(done.report(shift, (CLOCK.monotonic() - began) / 60)), flush=True)
    return 0 if done.well else 1


async def _kill_one(shift: Shift, part: str, into_s: float, done: Soak) -> None:
    try:
        healed = await kill(shift, part, within_s=PATIENCE_S, into_s=into_s)
    except AssertionError as error:
        done.unhealed.append(f"{part}: {error}")
        say(f"NOT HEALED: {part}: {error}")
        return
    done.healed.append(healed)
    say(str(healed))
    done.take(await judge.footage(shift, healed))
    if len(done.healed) % JUDGED_EVERY == 0:
        done.take(await judge.kept(shift))


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, default=1, help="which processes are killed, and when (1)")
    asked = parser.parse_args()
    return asyncio.run(soak(asked.minutes, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
