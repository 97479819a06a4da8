"""Renders clips: `python -m tools.clips.render northgate river-road`, or one frame of one: `--frame 40 --png look.png`.

It draws with the scenes of `page/scenes/`; README.md says what is needed.
"""

from __future__ import annotations

import argparse
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from playwright.sync_api import Page

from tools.clips.browser import Picture, frame, page
from tools.clips.encode import Seen, settled, write_clip, write_truth
from tools.clips.plate_sheets import sheets
from watchfloor_sim.clips import FPS

CLIPS = Path(__file__).resolve().parents[2] / "src" / "watchfloor_sim" / "clips"
# Bytes a clip may have by its height: twelve of them stay below nine megabytes.
_MOST = {360: 690_000, 540: 1_150_000}


def prepare(opened: Page, name: str, *, fine: float, samples: int) -> dict[str, Any]:
    """Build and light a scene."""
    plates = sheets(opened.evaluate("name => platesOf(name)", name))
    shot: dict[str, Any] = opened.evaluate(
        "([name, plates, options]) => prepare(name, plates, options)",
        [name, plates, {"fine": fine, "samples": samples}],
    )
    return shot


def render(name: str, *, fine: float, samples: int, raw: Path | None) -> None:
    """One clip and its truth."""
    pictures: list[Picture] = []
    seen: list[Seen] = []
    with page() as opened:
        shot = prepare(opened, name, fine=fine, samples=samples)
        frames = shot["seconds"] * FPS
        width, height = shot["size"]
        for number in range(frames):
            picture, truth = frame(opened, (width, height), number, frames)
            pictures.append(picture)
            seen.append(truth)
            if number % 20 == 0:
                print(f"{name}: frame {number} of {frames}", flush=True)
    CLIPS.mkdir(exist_ok=True)
    if raw is not None:
        np.save(raw / f"{name}.npy", np.stack(pictures))
    write_truth(CLIPS / f"{name}.json", shot, seen)
    code(name, pictures)


def code(name: str, pictures: list[Picture]) -> None:
    """The frames into the clip."""
    factor = write_clip(CLIPS / f"{name}.mp4", settled(pictures), _MOST[pictures[0].shape[0]])
    print(f"{name}: {(CLIPS / f'{name}.mp4').stat().st_size} bytes at factor {factor}", flush=True)


def look(name: str, number: int, out: Path, *, fine: float, samples: int) -> None:
    """One frame as a PNG."""
    with page() as opened:
        shot = prepare(opened, name, fine=fine, samples=samples)
        picture, _ = frame(opened, tuple(shot["size"]), number, shot["seconds"] * FPS)
    encoder = av.CodecContext.create("png", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("png is a picture encoder")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1, 1)
    drawn = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    out.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(drawn), *encoder.encode(None)]))


def main(arguments: list[str]) -> int:
    """The exit status."""
    asked = argparse.ArgumentParser(prog="python -m tools.clips.render", description=__doc__)
    asked.add_argument("names", nargs="+", help="the clips to render")
    asked.add_argument(
        "--fine", type=float, default=1.5, help="pixels drawn for one of the clip, along each side"
    )
    asked.add_argument(
        "--samples", type=int, default=64, help="directions from which the sky lights the scene"
    )
    asked.add_argument(
        "--raw", type=Path, help="a folder to keep the frames in, or to take them from with --code"
    )
    asked.add_argument("--code", action="store_true", help="code the frames in --raw again, without drawing")
    asked.add_argument("--frame", type=int, help="draw this frame only")
    asked.add_argument("--png", type=Path, default=Path("frame.png"), help="where that frame goes")
    said = asked.parse_args(arguments)
    for name in said.names:
        if said.code:
            code(name, list(np.load(said.raw / f"{name}.npy")))
        elif said.frame is None:
            render(name, fine=said.fine, samples=said.samples, raw=said.raw)
        else:
            look(name, said.frame, said.png, fine=said.fine, samples=said.samples)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
