"""What a model loses on texts: nats of their learned tokens, kept apart by example."""

from __future__ import annotations

import numpy as np

from core.chat.packing import PackedBatch
from core.chat.tokens import TokenTable, micro_batches
from core.evaluation.intervals import Floats
from core.evaluation.tuned import Tuned
from core.training.loss import token_losses


def mean(losses: Floats) -> float:
    """Return nats per token of examples [n, 2]."""
    return float(losses[:, 0].sum() / losses[:, 1].sum())


def example_losses(tuned: Tuned, table: TokenTable) -> Floats:
    """Return nats and trained tokens of each example [n, 2], with the adapter as it is switched."""
    found = np.zeros((max(table.examples) + 1, 2))
    rows = list(range(len(table)))
    for batch in micro_batches(table, rows, tuned.config.micro_batch_tokens):
        owners = [table.examples[place] for place in batch.places]
        np.add.at(found, owners, losses_of(tuned, batch))
    return found


def losses_of(tuned: Tuned, batch: PackedBatch) -> Floats:
    """Return nats and trained tokens of each example of a micro-batch [n, 2]."""
    import torch

    with torch.no_grad():
        losses = token_losses(tuned.model, batch, tuned.device).double().cpu().numpy()
    return np.stack([batch.by_example(losses), batch.by_example(np.ones_like(losses))], axis=1)
