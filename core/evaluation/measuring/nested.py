"""Scores of examples that also chose the best step, as if each had been chosen by the others.

Where a project has too few examples to set some aside for testing, those of the validation part are
scored, and the step whose adapter is kept is the one that suits them best. So what an example lost
is corrected: the best step is chosen once more without it, by the losses that the checks of the run
told, and the difference between its losses at both steps is added. Where the others choose the same
step, nothing changes.

Source: choosing and judging by different parts of the data, Stone, 1974, *Cross-validatory Choice
and Assessment of Statistical Predictions*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.evaluation.intervals import Floats
from core.events import Event, Validation


def nested(losses: Floats, owners: Sequence[int], events: Sequence[Event], best: int) -> Floats:
    """Return nats and tokens of examples [n, 2] with the step that the others choose.

    Args:
        losses: [n, 2] under the adapter that was kept.
        owners: the example of each row.
        events: of the run.
        best: the step of that adapter.
    """
    steps, rows = told(events, len(owners))
    if best not in steps or len(steps) < 2 or len(losses) < 2:
        return losses
    nats = np.zeros((len(steps), len(losses)))
    np.add.at(nats.T, np.asarray(owners), rows.T)
    others = nats.sum(axis=1, keepdims=True) - nats  # [steps, n]
    chosen = others.argmin(axis=0)
    places = np.arange(len(losses))
    more = nats[chosen, places] - nats[steps.index(best)]
    return np.stack([losses[:, 0] + more, losses[:, 1]], axis=1)


def told(events: Sequence[Event], count: int) -> tuple[list[int], Floats]:
    """Return the steps of the checks that told the loss of each row, and these [steps, count].

    A step that was checked again after a resume counts as it was checked last.
    """
    found = {
        event.step: event.row_nats
        for event in events
        if isinstance(event, Validation) and len(event.row_nats) == count
    }
    steps = sorted(found)
    return steps, np.array([found[step] for step in steps], float).reshape(len(steps), count)
