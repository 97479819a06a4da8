"""What it costs to paint masks: a camera's pictures decoded, painted and coded anew, as for whoever watches live, and as stored.

In one thread of this process and nothing else: the CPU of what a masked picture takes beside one that passes unopened.
"""

from __future__ import annotations

import io
import math
import statistics
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._say import at_least, say
from watchfloor.cameras import wire
from watchfloor.cameras.cover import Shapes, always
from watchfloor.cameras.masks import Covered, Shape, covered
from watchfloor.cameras.stream import TICKS_PER_S, Frame
from watchfloor.cameras.wire import Kind
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.coded import CODER
from watchfloor.recordings.fmp4 import Timed, fragment
from watchfloor.recordings.repaint import LivePainter, paint_file
from watchfloor_sim.scene import render_clip

_COMPARED: Final = 45


def run(clip: Path | None = None, seconds: int = 20, masks: int = 4, *, as_json: bool = False) -> int:
    """Paint MASKS masks over so many seconds of a clip (H.264 or H.265 in MP4), or of a drawn street of 1080p15.

    Example: watchfloor bench masks --clip street.mp4 --seconds 30
    """
    at_least(1, seconds=seconds, masks=masks)
    with tempfile.TemporaryDirectory() as folder:
        source = clip or render_clip(Path(folder) / "street.mp4", min(seconds, 10), 15, (1920, 1080))
        shapes = tuple(_shape(number, masks) for number in range(masks))
        figures = _live(source, shapes, seconds) | _stored(source, shapes, Path(folder))
    say(figures | {"masks": masks}, as_json=as_json)
    return 0


def _live(source: Path, shapes: Shapes, seconds: int) -> dict[str, object]:
    """Picture by picture, as a tap gives them."""
    record, frames, fps, size = _frames(source)
    painter, took, given, shown = LivePainter(always(shapes)), [], 0, bytearray()
    box = (len(record) + 8).to_bytes(4, "big") + _named(source) + record
    painter.feed(wire.init(1, 0, "", box))
    began, kept, came, coded = process_time(), 0, 0, 0
    for seq, frame in enumerate(_over_and_over(frames, round(seconds * fps)), 1):
        data = wire.frame(Kind.FRAGMENT, 1, seq, 0, fragment(seq, [Timed(frame, 1)]), key=frame.key)
        at = perf_counter()
        made = painter.feed(data)
        took.append(1000 * (perf_counter() - at))
        given += 1
        for one in made:
            is_init = wire.head(one).kind is Kind.INIT
            payload = wire.segment_of(one) if is_init else one[wire.HEAD_SIZE :]
            came += not is_init
            coded += len(payload)
            if kept < _COMPARED:
                kept += not is_init
                shown += payload
    cpu = process_time() - began
    return {
        "coder": CODER,
        "picture": f"{size[0]}x{size[1]} at {fps:g}",
        "pictures_in": given,
        "pictures_out": came,
        "cpu_ms_per_masked_camera_s": round(1000 * cpu * fps / given, 1),
        "paint_ms_median": round(statistics.median(took), 1),
        "paint_ms_p95": round(statistics.quantiles(took, n=20)[18], 1),
        "waiting_pictures": given - came,
        "kbit_s": round(coded * 8 * fps / given / 1000),
        "psnr_db": _likeness(source, bytes(shown), shapes),
    }


def _likeness(source: Path, shown: bytes, shapes: Shapes) -> float:
    """How like the source the first pictures are beside the masks: the peak signal to noise of their light, in decibel."""
    away, points = 0.0, 0
    with av.open(str(source)) as was, av.open(io.BytesIO(shown), "r") as made:
        pairs = zip(was.decode(video=0), made.decode(video=0), strict=False)
        for before, after in islice(pairs, _COMPARED):
            light, painted = (_light(one) for one in (before, after))
            clear = ~_about(shapes, painted.shape[1], painted.shape[0])
            off = light[: painted.shape[0], : painted.shape[1]][clear] - painted[clear]
            away, points = away + float((off**2).sum()), points + int(clear.sum())
    return round(10 * math.log10(255**2 / max(away / max(points, 1), 1e-9)), 1)


def _about(shapes: Shapes, width: int, height: int) -> Covered:
    """What is covered and some points around it, which the coder smooths into it."""
    return covered(shapes, -(-width // 8), -(-height // 8)).repeat(8, 0).repeat(8, 1)[:height, :width]


def _light(picture: av.VideoFrame) -> NDArray[np.float32]:
    plane = picture.reformat(format="yuv420p").to_ndarray(format="yuv420p")
    return plane[: picture.height].astype(np.float32)


def _stored(source: Path, shapes: Shapes, folder: Path) -> dict[str, object]:
    """The whole clip, as an export paints it."""
    began = process_time()
    count = paint_file(source, folder / "painted.mp4", always(shapes))
    cpu = process_time() - began
    _, frames, fps, _ = _frames(source)
    return {
        "export_cpu_ms_per_camera_s": round(1000 * cpu * fps / max(count, 1), 1),
        "export_pictures_in": len(frames),
        "export_pictures_out": count,
        "export_size_ratio": round((folder / "painted.mp4").stat().st_size / source.stat().st_size, 2),
    }


def _frames(source: Path) -> tuple[bytes, list[Frame], float, tuple[int, int]]:
    """The clip's codec record and coded pictures, how many a second, and their size. Raises Invalid."""
    try:
        with av.open(str(source)) as opened:
            video = opened.streams.video[0]
            unit, context = video.time_base or 1, video.codec_context
            frames = [
                Frame(
                    bytes(packet),
                    packet.is_keyframe,
                    round(packet.dts * unit * TICKS_PER_S),
                    round(packet.pts * unit * TICKS_PER_S),
                    0,
                )
                for packet in opened.demux(video)
                if packet.dts is not None and packet.pts is not None
            ]
            fps = float(video.average_rate or 15)
            return bytes(context.extradata or b""), frames, fps, (context.width, context.height)
    except (av.FFmpegError, IndexError) as error:
        raise Invalid(f"--clip {source} is no video that can be read.") from error


def _named(source: Path) -> bytes:
    with av.open(str(source)) as opened:
        return b"hvcC" if opened.streams.video[0].codec_context.name == "hevc" else b"avcC"


def _over_and_over(frames: list[Frame], count: int) -> Iterator[Frame]:
    length = frames[-1].dts - frames[0].dts + TICKS_PER_S // 15
    for number in range(count):
        turn, at = divmod(number, len(frames))
        one = frames[at]
        yield Frame(one.data, one.key, one.dts + turn * length, one.pts + turn * length, 0)


def _shape(number: int, of: int) -> Shape:
    """A window's rectangle, one beside the other."""
    left, width = number / of, 0.5 / of
    return ((left, 0.1), (left + width, 0.1), (left + width, 0.5), (left, 0.5))
