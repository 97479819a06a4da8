"""Writes a checkpoint as the ONNX file that the product loads, with a sheet beside it that says what it is.

    python -m tools.training.export --checkpoint run/last.pt --faces DIR --date 2026-11-29

What is written is run once by onnxruntime and held against the network it was written from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor, nn

from tools.training.faces import ALPHABET
from tools.training.generate import generator
from tools.training.net import Recogniser
from tools.training.train import VALIDATION_SEED, score
from tools.training.view import HEIGHT, WIDTH

WEIGHTS: Final = Path(__file__).parents[2] / "src/watchfloor/plates/reading/weights"
MOST_BYTES: Final = 5_000_000
_MOST_APART: Final = 0.002
_TESTED: Final = 2048


class Chances(nn.Module):  # type: ignore[misc]  # torch is no part of the lock
    """The network as the product runs it: chances that add up to one at each step."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: Tensor) -> Tensor:
        """Chances, picture by step by class."""
        return self.net(pictures).exp()


def export(checkpoint: Path, faces: Path, date: str, into: Path, weights: str = "mean") -> dict[str, object]:
    """Write the weights and their sheet; the sheet is returned."""
    kept = torch.load(checkpoint, weights_only=True)
    net = Recogniser()
    if weights == "mean":
        named = {k.removeprefix("module."): v for k, v in kept["mean"].items() if k.startswith("module.")}
    else:
        named = kept["net"]
    net.load_state_dict(named)
    net.eval()
    drawn = generator(faces, VALIDATION_SEED + 1).draw_many(0, _TESTED, level=1.0)
    exact = score(net, drawn)
    into.mkdir(parents=True, exist_ok=True)
    file = into / "recogniser.onnx"
    _write(Chances(net).eval(), file)
    _hold_against(net, file, drawn.pictures[:64])
    sheet: dict[str, object] = {
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "alphabet": ALPHABET, "height": HEIGHT, "width": WIDTH,
        "seed": kept["seed"], "presentations": kept["shown"], "weights": weights, "training_cpu_s": round(kept["cpu_s"]),
        "date": date, "torch": torch.__version__, "drawn_exact": round(exact, 4),
    }  # fmt: skip
    (into / "recogniser.json").write_text(json.dumps(sheet, indent=2) + "\n")
    return sheet


def _write(net: nn.Module, file: Path) -> None:
    sample = torch.zeros(2, 1, HEIGHT, WIDTH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter wants a second package
        torch.onnx.export(net, (sample,), str(file), dynamo=False, opset_version=17,
                          input_names=["pictures"], output_names=["chances"],
                          dynamic_axes={"pictures": {0: "n"}, "chances": {0: "n"}})  # fmt: skip
    if (size := file.stat().st_size) > MOST_BYTES:
        raise SystemExit(f"export: {file} has {size} bytes; {MOST_BYTES} is the most that is committed.")


def _hold_against(
    net: nn.Module, file: Path, pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    given = pictures[:, None].astype(np.float32)
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    said = np.asarray(session.run(None, {"pictures": given})[0])
    with torch.no_grad():
        meant = net(torch.from_numpy(given)).exp().numpy()
    if (apart := float(np.abs(said - meant).max())) > _MOST_APART:
        raise SystemExit(f"export: {file} answers otherwise than the network, by {apart:.4f}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(prog="export", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument("--date", required=True, help="the day, for the sheet: YYYY-MM-DD")
    parser.add_argument(
        "--weights", choices=("mean", "last"), default="mean", help="their running mean, or as they stand"
    )
    parser.add_argument("--into", type=Path, default=WEIGHTS)
    chosen = parser.parse_args(arguments)
    print(
        json.dumps(
            export(chosen.checkpoint, chosen.faces, chosen.date, chosen.into, chosen.weights), indent=2
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
