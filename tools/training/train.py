"""Trains the recogniser on drawn plates; it can be stopped at any time and goes on where its last checkpoint stands.

    python -m tools.training.train --faces DIR --into DIR --presentations 1000000

Every picture is drawn once, by one process beside, in the order of its number, and shown once.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Full
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tools.training.faces import ALPHABET
from tools.training.generate import Drawn, generator
from tools.training.net import STEPS, Recogniser, spelled

BATCH: Final = 32
SHARD: Final = 1024
SAVE_EVERY: Final = 4 * SHARD
VALIDATION_SEED: Final = 990_001
VALIDATION: Final = 512
_WARM: Final = 6_000
_UNTOLD: Final = -1
_PATIENCE_S: Final = 5.0
_REMEMBERED: Final = 0.999


@dataclass(frozen=True)
class Plan:
    """What a training run is told."""

    faces: Path
    into: Path
    seed: int
    presentations: int
    rate: float


class Training:
    """The network, its running mean, which is what is exported, and how far it has come."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.net = Recogniser().to(memory_format=torch.channels_last)
        self.mean = AveragedModel(self.net, multi_avg_fn=_into_mean, use_buffers=True)
        self.steps = torch.optim.AdamW(self.net.parameters(), lr=plan.rate, weight_decay=0.02)
        self.loss = nn.CTCLoss(zero_infinity=True)
        self.shown = 0
        self.cpu_s = 0.0
        if self.checkpoint.exists():
            self._resume()

    @property
    def checkpoint(self) -> Path:
        """Where the run keeps itself."""
        return self.plan.into / "last.pt"

    def show(self, batch: Drawn) -> float:
        """One step on one batch: its loss. Where each letter stands is told too: by the text alone nothing is learnt for long."""
        for group in self.steps.param_groups:
            group["lr"] = rate_at(self.shown, self.plan)
        self.net.train()
        with torch.autocast("cpu", torch.bfloat16):
            said = self.net(_tensor(batch.pictures)).float()
        spelling = self.loss(said.transpose(0, 1), *_targets(batch.texts))
        places = nn.functional.nll_loss(said.flatten(0, 1), _at_places(batch).flatten(), ignore_index=_UNTOLD)
        self.steps.zero_grad(set_to_none=True)
        (spelling + places).backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.steps.step()
        self.mean.update_parameters(self.net)
        self.shown += len(batch.texts)
        return float(spelling.item())

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        partial = self.checkpoint.with_suffix(".partial")
        torch.save({
            "net": self.net.state_dict(), "mean": self.mean.state_dict(), "steps": self.steps.state_dict(),
            "shown": self.shown, "cpu_s": self.cpu_s, "seed": self.plan.seed,
        }, partial)  # fmt: skip
        os.replace(partial, self.checkpoint)

    def _resume(self) -> None:
        kept = torch.load(self.checkpoint, weights_only=True)
        if kept["seed"] != self.plan.seed:
            raise SystemExit(
                f"train: {self.checkpoint} was trained with seed {kept['seed']}: give that, or another folder."
            )
        self.net.load_state_dict(kept["net"])
        self.mean.load_state_dict(kept["mean"])
        self.steps.load_state_dict(kept["steps"])
        self.shown, self.cpu_s = int(kept["shown"]), float(kept["cpu_s"])


def _into_mean(mean: list[Tensor], now: list[Tensor], taken: Tensor | int) -> None:
    """Over the last tenth of all steps, the last thousand at most: a longer memory would remember how it began."""
    share = max(1 - _REMEMBERED, 9 / (10 + int(taken)))
    with torch.no_grad():
        for kept, new in zip(mean, now, strict=True):
            if kept.is_floating_point():
                kept.lerp_(new, share)
            else:
                kept.copy_(new)


def rate_at(shown: int, plan: Plan) -> float:
    """The learning rate: up in a straight line, then down along a cosine to a hundredth."""
    if shown < _WARM:
        return plan.rate * (0.05 + 0.95 * shown / _WARM)
    done = min((shown - _WARM) / max(plan.presentations - _WARM, 1), 1.0)
    return plan.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def score(net: nn.Module, drawn: Drawn) -> float:
    """The share of pictures read exactly."""
    net.eval()
    right = 0
    with torch.no_grad():
        for batch in _batches(drawn, 128):
            with torch.autocast("cpu", torch.bfloat16):
                said = net(_tensor(batch.pictures))
            best = said.argmax(dim=2).tolist()
            right += sum(spelled(b) == text for b, text in zip(best, batch.texts, strict=True))
    return right / len(drawn.texts)


def train(plan: Plan) -> None:
    """Train to the end, or until stopped, keeping a checkpoint and a line of progress every few minutes."""
    plan.into.mkdir(parents=True, exist_ok=True)
    training = Training(plan)
    validation = generator(plan.faces, VALIDATION_SEED).draw_many(0, VALIDATION, level=1.0)
    losses: list[float] = []
    began = time.process_time() - training.cpu_s
    for drawn in _shards(plan, training.shown):
        losses += [training.show(batch) for batch in _batches(drawn, BATCH)]
        training.cpu_s = time.process_time() - began
        if training.shown % SAVE_EVERY == 0 or training.shown >= plan.presentations:
            training.save()
            _tell(plan, training, sum(losses) / len(losses), score(training.mean, validation))
            losses.clear()


def _tell(plan: Plan, training: Training, loss: float, exact: float) -> None:
    line = json.dumps({
        "shown": training.shown, "loss": round(loss, 4), "validation_exact": round(exact, 4), "cpu_s": round(training.cpu_s),
    })  # fmt: skip
    print(line, flush=True)
    with (plan.into / "progress.jsonl").open("a") as file:
        file.write(line + "\n")


def _shards(plan: Plan, first: int) -> Iterator[Drawn]:
    """Drawns of pictures from number `first` on, drawn by another process while this one trains."""
    context = get_context("spawn")
    ready: Queue[Drawn] = context.Queue(maxsize=6)
    drawing = context.Process(target=_draw, args=(ready, plan, first), daemon=True)
    drawing.start()
    try:
        for _ in range(first, plan.presentations, SHARD):
            yield ready.get()
    finally:
        drawing.terminate()
        drawing.join()


def _draw(ready: Queue[Drawn], plan: Plan, first: int) -> None:
    cv2.setNumThreads(1)
    drawn = generator(plan.faces, plan.seed)
    for number in range(first, plan.presentations, SHARD):
        shard = drawn.draw_many(number, SHARD)
        while not _put(ready, shard):
            # Who trains may have been stopped without a word: nobody would take this one.
            if (trains := parent_process()) is None or not trains.is_alive():
                return


def _put(ready: Queue[Drawn], shard: Drawn) -> bool:
    try:
        ready.put(shard, timeout=_PATIENCE_S)
    except Full:
        return False
    return True


def _tensor(pictures: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pictures).unsqueeze(1).float().to(memory_format=torch.channels_last)


def _batches(drawn: Drawn, size: int) -> Iterator[Drawn]:
    for n in range(0, len(drawn.texts), size):
        part = slice(n, n + size)
        yield Drawn(drawn.pictures[part], drawn.texts[part], drawn.places[part])


def _at_places(batch: Drawn) -> Tensor:
    """What each step should say: the letter whose middle it is, nothing between letters, and beside a middle whatever it likes."""
    told = np.zeros((len(batch.texts), STEPS), np.int64)
    for row, text, places in zip(told, batch.texts, batch.places, strict=True):
        steps = (places * STEPS).astype(int).clip(0, STEPS - 1)
        row[(steps + 1).clip(0, STEPS - 1)] = row[(steps - 1).clip(0, STEPS - 1)] = _UNTOLD
        row[steps] = [ALPHABET.index(letter) + 1 for letter in text]
    return torch.from_numpy(told)


def _targets(texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    letters = torch.tensor(
        [ALPHABET.index(letter) + 1 for text in texts for letter in text], dtype=torch.long
    )
    steps = torch.full((len(texts),), STEPS, dtype=torch.long)
    return letters, steps, torch.tensor([len(text) for text in texts], dtype=torch.long)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says."""
    parser = argparse.ArgumentParser(prog="train", description=__doc__)
    parser.add_argument("--faces", type=Path, required=True, help="the folder that fonts.sh laid out")
    parser.add_argument(
        "--into", type=Path, required=True, help="the folder of the checkpoint and the progress"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--presentations", type=int, required=True, help="how many pictures, over all runs")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="the highest learning rate")
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(1)
    train(Plan(chosen.faces, chosen.into, chosen.seed, chosen.presentations, chosen.rate))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
