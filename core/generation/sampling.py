"""Drawing the next token of several answers at once.

Source of top-p: Holtzman et al., 2020, *The Curious Case of Neural Text Degeneration*: of the
likeliest tokens whose probabilities together reach p, one is drawn by its probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Draw:
    """How one token is drawn.

    Attributes:
        temperature: divides the logits; 0 takes the likeliest token.
        top_p: in (0, 1].
        number: uniform in [0, 1), which decides the draw: the same number gives the same token.
    """

    temperature: float
    top_p: float
    number: float


def next_tokens(logits: Tensor, draws: Sequence[Draw]) -> list[int]:
    """Return one token for each row of ``logits`` [n, V]."""
    likeliest = logits.argmax(-1)
    rows = [i for i, draw in enumerate(draws) if draw.temperature > 0]
    if rows:
        some = logits[rows].float()
        likeliest[rows] = _drawn(some, [draws[i] for i in rows])
    tokens: list[int] = likeliest.tolist()
    return tokens


def _drawn(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Return tokens [n] for float32 ``logits`` [n, V]."""

    def column(values: list[float]) -> Tensor:
        return torch.tensor(values, device=logits.device)[:, None]

    warm = logits / column([draw.temperature for draw in draws])
    probabilities, order = torch.softmax(warm, -1).sort(-1, descending=True)
    sums = probabilities.cumsum(-1)
    kept = sums - probabilities < column([draw.top_p for draw in draws])  # the first one always
    mass = (probabilities * kept).cumsum(-1)
    numbers = column([draw.number for draw in draws]) * mass[:, -1:]
    places = torch.searchsorted(mass, numbers, right=True).clamp_(max=logits.shape[1] - 1)
    last_kept = kept.sum(-1, keepdim=True) - 1
    return order.gather(1, torch.minimum(places, last_kept))[:, 0]
