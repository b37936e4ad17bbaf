"""Several continuations of one text, scored in one pass that reads the text once.

The text and its continuations lie in one row. A continuation sees the text and itself but not the
others, and each counts its positions from the end of the text, so every token is computed as if its
continuation stood alone. Where a model's code takes no such mask, or gives other numbers with it,
each continuation is computed with a copy of the text (:func:`apart`).

Source: the mask is that of token trees, Miao et al., 2024, *SpecInfer*.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.chat.packing import IGNORED, Floats, Ints, Row, collate, pack
from core.errors import is_out_of_memory
from core.hardware.cards.loss import is_card_error
from core.models.config import SUPPORTED
from core.training.loss import head_losses, token_losses

if TYPE_CHECKING:
    import torch

Branches = Sequence[Row]
"""Rows that begin with the same tokens."""

_TOKENS = {"cuda": 8192, "cpu": 256}  # at once; a processor computes attention over all of them
_MOST_OFF = 0.05  # nats per token: bf16 rounds otherwise in rows of another length
_PROBED = 2

Progress = Callable[[int], None]
Nats = list[list[float]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Layout:
    """Texts with their continuations, end to end in a row of T tokens.

    Attributes:
        ids: [T].
        positions: [T], in the text and its continuation alone.
        text: [T] which text a token belongs to.
        branch: [T] which continuation, counted over all from 1; 0 for what all share.
        sources: [R] the tokens from which the trained ones are predicted.
        targets: [R] the trained tokens' numbers.
        owners: [R] whose they are, counted over all continuations from 0.
    """

    ids: Ints
    positions: Ints
    text: Ints
    branch: Ints
    sources: Ints
    targets: Ints
    owners: Ints


def scored(
    model: Any, texts: Sequence[Branches], device: str, progress: Progress = lambda _done: None
) -> Nats:
    """Return the nats of the trained tokens of each continuation of each text.

    Args:
        model: a causal language model, with a peft adapter as it is switched or without.
        progress: told how many texts are done.
    """
    together = _suits(model, texts[:_PROBED], device)
    lengths = [_shared_length(t) if together else sum(len(r.ids) for r in t) for t in texts]
    found: Nats = [[] for _ in texts]
    done = 0
    for group in pack(lengths, _TOKENS[device.partition(":")[0]]):
        some = [texts[place] for place in group]
        nats = _together(model, some, device) if together else apart(model, some, device)
        for place, of_text in zip(group, nats, strict=True):
            found[place] = of_text
        done += len(group)
        progress(done)
    return found


def apart(model: Any, texts: Sequence[Branches], device: str) -> Nats:
    """Return the same, each continuation computed with a copy of its text."""
    import torch

    batch = collate([row for text in texts for row in text])
    with torch.no_grad():
        losses = token_losses(model, batch, device).double().cpu().numpy()
    return _by_text(batch.by_example(losses), texts)


def shared_tokens(rows: Branches) -> int:
    """Return how many first tokens all rows have in common before the first trained one."""
    trained = [next(n for n, label in enumerate(row.labels) if label != IGNORED) for row in rows]
    columns = zip(*(list(row.ids[: min(trained)]) for row in rows), strict=True)
    differ = (n for n, column in enumerate(columns) if len(set(column)) > 1)
    return next(differ, min(trained))


def laid_out(texts: Sequence[Branches]) -> Layout:
    """Return texts and continuations as one row; each text has at least one token of its own."""
    tokens: list[Ints] = []  # pieces [4, n]: ids, positions, text, branch
    trained: list[Ints] = []  # pieces [3, n]: sources, targets, owners
    size = count = 0
    for number, rows in enumerate(texts):
        shared = shared_tokens(rows)
        tokens.append(_piece(rows[0].ids[:shared], 0, number, 0))
        size += shared
        last = size - 1
        for row in rows:
            tokens.append(_piece(row.ids[shared:], shared, number, count + 1))
            labels = np.asarray(row.labels[shared:], np.int64)
            at = np.flatnonzero(labels != IGNORED)
            before = np.where(at == 0, last, size + at - 1)
            trained.append(np.stack([before, labels[at], np.full_like(at, count)]))
            size, count = size + len(labels), count + 1
    return Layout(*np.concatenate(tokens, axis=1), *np.concatenate(trained, axis=1))


def _piece(ids: Sequence[int] | Ints, start: int, text: int, branch: int) -> Ints:
    count = len(ids)
    positions = np.arange(start, start + count)
    return np.stack([ids, positions, np.full(count, text), np.full(count, branch)]).astype(np.int64)


def seen(layout: Layout) -> npt.NDArray[np.bool_]:
    """Return which tokens each token may look at: [T, T]."""
    places = np.arange(len(layout.ids))
    text, branch = layout.text, layout.branch
    before = (places[:, None] >= places) & (text[:, None] == text)
    mask: npt.NDArray[np.bool_] = before & ((branch == 0) | (branch[:, None] == branch))
    return mask


def _shared_length(rows: Branches) -> int:
    return sum(len(row.ids) for row in rows) - (len(rows) - 1) * shared_tokens(rows)


def _by_text(nats: Floats, texts: Sequence[Branches]) -> Nats:
    cuts = np.cumsum([len(rows) for rows in texts])[:-1]
    return [of_text.tolist() for of_text in np.split(nats, cuts)]


def _together(model: Any, texts: Sequence[Branches], device: str) -> Nats:
    import torch

    layout = laid_out(texts)
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    ids, positions, sources, targets = (
        torch.from_numpy(part).to(device)
        for part in (layout.ids, layout.positions, layout.sources, layout.targets)
    )
    with torch.no_grad(), torch.autocast(device.partition(":")[0], torch.bfloat16):
        hidden = base.model(  # [1, T, h]
            input_ids=ids[None],
            position_ids=positions[None],
            attention_mask=_mask(base, torch.from_numpy(seen(layout)).to(device)),
            use_cache=False,
        ).last_hidden_state
        losses = head_losses(base, hidden[0, sources], targets).double().cpu().numpy()
    count = sum(map(len, texts))
    nats = np.bincount(layout.owners, weights=losses, minlength=count).astype(np.float64)
    return _by_text(nats, texts)


def _mask(base: Any, seen: torch.Tensor) -> Any:
    """Return the mask [1, 1, T, T] as the model takes it; texts are shorter than any window."""
    import torch

    mask = seen[None, None]
    if base.config._attn_implementation == "eager":  # added to scores
        mask = (~mask).to(base.dtype) * torch.finfo(base.dtype).min
    kinds = set(getattr(base.config, "layer_types", None) or ())
    return dict.fromkeys(kinds, mask) if len(kinds) > 1 else mask


def _suits(model: Any, texts: Sequence[Branches], device: str) -> bool:
    """Whether the model gives the same numbers, tried on a few texts."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    if type(base).__name__ not in SUPPORTED or not texts:
        return False
    try:
        pairs = zip(_together(model, texts, device), apart(model, texts, device), strict=True)
    except Exception as error:  # the code of some versions takes no such mask
        if is_out_of_memory(error) or is_card_error(error):
            raise
        logger.warning("texts are not shared by their continuations: %s", error)
        return False
    trained = [[sum(label != IGNORED for label in row.labels) for row in text] for text in texts]
    off = max(
        abs(one - other) / tokens
        for pair, counts in zip(pairs, trained, strict=True)
        for one, other, tokens in zip(*pair, counts, strict=True)
    )
    alike = bool(off <= _MOST_OFF)
    if not alike:
        logger.warning("texts are not shared by their continuations: %.3f nats off", off)
    return alike
