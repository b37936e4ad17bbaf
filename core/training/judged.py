"""Passes over judgements: the losses of their rows, a step's gradient, a check, the reference.

The objective is in :mod:`core.training.preferences.objective`. Dropout must be off: the gradient's
pass has to compute what the pass before it computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from core.chat.packing import Floats, PackedBatch
from core.errors import UserFacingError
from core.language import _
from core.project import RunFolder
from core.storage.files import read_json, write_json
from core.training.memory.fallback import nothing
from core.training.preferences.rows import JudgedRows, Preferences

if TYPE_CHECKING:
    from core.training.run import Run

Backward = Callable[["Run", PackedBatch, int], Floats]
_LIMIT = 8 << 20
_AT_ONCE = 16  # judgements, between two looks at what is asked for


class Reference(BaseModel):
    """The losses of all rows where the run began; ``of`` tells the runs apart."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    of: str
    train: tuple[float, ...]
    validation: tuple[float, ...]


def rows_of(judgements: Sequence[int]) -> list[int]:
    """Return the rows of some judgements."""
    return [row for one in judgements for row in (2 * one, 2 * one + 1)]


def row_losses(run: Run, part: str, rows: Sequence[int]) -> Floats:
    """Return the losses of some rows, summed over their tokens, without gradient."""
    import torch

    table = run.train if part == "train" else run.validation
    found = np.zeros(len(rows))
    with torch.no_grad():
        for batch in run.micro_batches(table, rows):
            _total, by_token = run.fallback.loss(batch)
            found[list(batch.places)] = batch.by_example(by_token.double().cpu().numpy())
    return found


def gradient(run: Run, judgements: Sequence[int], backward: Backward) -> float:
    """Compute the gradient of a step's judgements; return their mean loss.

    Args:
        backward: adds one micro-batch's share.
    """
    rows = rows_of(judgements)
    found = _preferences(run).judge("train", judgements, row_losses(run, "train", rows))
    weights = found.weights.ravel()
    wanted = np.flatnonzero(weights)
    for batch in run.micro_batches(run.train, [rows[place] for place in wanted]):
        own = tuple(float(weights[wanted[place]]) for place in batch.places)
        backward(run, replace(batch, weights=own), len(judgements))
    return float(found.losses.mean())


def unseen_loss(run: Run) -> float:
    """Return the mean loss of the judgements that are held out."""
    judgements = range(len(_preferences(run).validation))
    now = row_losses(run, "validation", rows_of(judgements))
    return float(_preferences(run).judge("validation", judgements, now).losses.mean())


def _preferences(run: Run) -> Preferences:
    assert run.preferences is not None
    return run.preferences


def measure_start(run: Run, folder: RunFolder) -> None:
    """Know the losses of all rows where the run begins; they are measured once and stored.

    Must be called before a checkpoint is taken up.

    Raises:
        UserFacingError: they cannot be stored.
        Cancelled: you cancelled.
    """
    preferences = _preferences(run)
    parts = {"train": preferences.train, "validation": preferences.validation}
    of = hashlib.sha256(run.position.fingerprint.encode()).hexdigest()
    found = _stored(folder, of, parts)
    if found is None:
        measured = {part: _measured(run, part, len(rows)) for part, rows in parts.items()}
        found = Reference(of=of, **{part: tuple(sums.tolist()) for part, sums in measured.items()})
        write_json(folder.reference_file, found.model_dump(mode="json"))
    preferences.start.update({part: np.asarray(getattr(found, part), np.float64) for part in parts})


def _stored(folder: RunFolder, of: str, parts: dict[str, JudgedRows]) -> Reference | None:
    if not folder.reference_file.is_file():
        return None
    try:
        found = Reference.model_validate(read_json(folder.reference_file, _LIMIT))
    except (UserFacingError, ValidationError):
        return None
    sizes = {part: len(getattr(found, part)) for part in parts}
    fits = sizes == {part: 2 * len(rows) for part, rows in parts.items()}
    return found if found.of == of and fits else None


def _measured(run: Run, part: str, count: int) -> Floats:
    found: list[Floats] = []
    for first in range(0, count, _AT_ONCE):
        run.link.progress(_("Reading your ratings"), first, count, _("ratings"))
        run.link.check_cancelled()
        rows = rows_of(range(first, min(first + _AT_ONCE, count)))
        work = partial(row_losses, run, part, rows)
        found.append(run.fallback.fall_back_until_it_fits(work, nothing, run.link))
    return np.concatenate(found)
