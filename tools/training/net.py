"""The recogniser's network: a grey cut of a plate in, letters along its width out, by convolutions alone.

Knows nothing of where pictures come from. Its input is 0 to 255: it evens out light and contrast itself, so that the
product need not do as the training did.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from tools.training.faces import ALPHABET
from tools.training.view import HEIGHT, WIDTH

CLASSES: Final = len(ALPHABET) + 1
"""The letters, and before them, as number 0, "nothing here"."""
STEPS: Final = WIDTH // 4
WIDE: Final = 160


class Recogniser(nn.Module):  # type: ignore[misc]  # the product's environment has no torch to take the type from
    """HEIGHT x WIDTH grey to STEPS steps of log-probabilities. A third of a million weights."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(
            *_layer(1, 32, 5, stride=2), *_layer(32, 64, 3, stride=2), *_layer(64, 64, 3),
            *_layer(64, 96, 3, stride=(2, 1)), *_layer(96, 128, 3, stride=(2, 1)),
            *_layer(128, WIDE, (HEIGHT // 16, 3), padding=(0, 1)),
        )  # fmt: skip
        self.along = nn.ModuleList(_Along(WIDE) for _ in range(3))
        self.drop = nn.Dropout(0.1)
        self.say = nn.Conv2d(WIDE, CLASSES, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Log-probabilities, picture by step by class."""
        middle = pictures.mean(dim=(2, 3), keepdim=True)
        spread = (pictures - middle).square().mean(dim=(2, 3), keepdim=True).sqrt()
        seen = self.see((pictures - middle) / (spread + 4.0))
        for layer in self.along:
            seen = seen + layer(seen)
        said = self.say(self.drop(seen)).float().squeeze(2).transpose(1, 2)
        return torch.log_softmax(said, dim=2)


class _Along(nn.Module):  # type: ignore[misc]  # torch is no part of the lock
    """Looks four steps to either side: what a letter is depends on what stands beside it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, (1, 9), padding=(0, 4), groups=width, bias=False), nn.BatchNorm2d(width),
            nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
        )  # fmt: skip

    def forward(self, seen: Tensor) -> Tensor:
        return self.body(seen)


def _layer(
    channels: int, out: int, size: int | tuple[int, int], *,
    stride: int | tuple[int, int] = 1, padding: tuple[int, int] | None = None,
) -> list[nn.Module]:  # fmt: skip
    around = padding if padding is not None else (size // 2 if isinstance(size, int) else 0)
    return [
        nn.Conv2d(channels, out, size, stride=stride, padding=around, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    ]


def spelled(best: list[int]) -> str:
    """The text of the likeliest class of each step: repeats are one letter, "nothing here" parts them."""
    before = [0, *best[:-1]]
    return "".join(ALPHABET[now - 1] for was, now in zip(before, best, strict=True) if now not in (0, was))
