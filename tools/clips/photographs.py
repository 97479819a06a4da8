"""Renders the plate readers' photographs into the package: `python -m tools.clips.photographs`."""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.clips.browser import Picture, frame, page
from tools.clips.render import CLIPS, prepare
from watchfloor_sim.picture import jpeg
from watchfloor_sim.plates import STATE

_FOLDER = CLIPS / "reader"
_MOST = 40_000
# What the reader makes of this one: a seven for a one, and so another car's plate.
_MISREAD = {"misread": "QZ0-4417"}


def main() -> int:
    """Every scene of the reader; the exit status."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    truths = []
    with page() as opened:
        names: list[str] = opened.evaluate("readerNames()")
    for name in sorted(names):
        with page() as opened:
            shot = prepare(opened, name, fine=2, samples=48)
            picture, seen = frame(opened, tuple(shot["size"]), 7, 200)
        (_FOLDER / f"{name}.jpg").write_bytes(_small(picture))
        truths.append(_truth(name, seen))
        print(f"{name}: {truths[-1]['plate']}", flush=True)
    lines = ",\n ".join(json.dumps(each) for each in truths)
    (_FOLDER / "truth.json").write_text(f"[\n {lines}\n]\n")
    return 0


def _small(picture: Picture) -> bytes:
    """The finest JPEG that is small enough."""
    fits = (coded for coarse in range(3, 32) if len(coded := jpeg(picture, coarse=coarse)) <= _MOST)
    return next(fits)


def _truth(name: str, seen: list[dict[str, Any]]) -> dict[str, Any]:
    [plate] = [thing["plate"] for thing in seen if "plate" in thing]
    return {
        "name": name,
        "plate": plate["text"],
        "state": STATE,
        "reported": _MISREAD.get(name, plate["text"]),
        "night": name.endswith("night"),
        "polygon": plate["polygon"],
    }


if __name__ == "__main__":
    sys.exit(main())
