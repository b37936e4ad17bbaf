"""Whether the base model knows the subject: its first check, before anything was learned."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.events import Notice
from core.language import _

_FOREIGN = 3.0  # times the perplexity of everyday answers


def foreign_subject(
    loss: float, by_task: Mapping[str, float], everyday: float | None
) -> Notice | None:
    """Return what to say where the base model finds the answers far stranger than everyday ones.

    Args:
        loss: of the untouched base on unseen examples, in nats per token.
        by_task: the same by kind of task; the strangest is named.
        everyday: its loss on everyday answers, ``None`` where it was not looked at.
    """
    if everyday is None or not math.isfinite(everyday):
        return None
    task, worst = max(by_task.items(), key=lambda item: item[1], default=("", loss))
    ratio = math.exp(min(worst - everyday, 50.0))
    if not math.isfinite(worst) or ratio < _FOREIGN:
        return None
    todo = _(
        "What helps: a larger base model or one made for the subject, more examples, or the facts "
        "in the question itself."
    )
    if task:
        text = _(
            "“{task}” seems new to the base model: before training, these answers are {ratio:,.0f} "
            "times as surprising to it as everyday ones.",
            task=task,
            ratio=ratio,
        )
    else:
        text = _(
            "The subject seems new to the base model: before training, the answers are "
            "{ratio:,.0f} times as surprising to it as everyday ones.",
            ratio=ratio,
        )
    return Notice(level="info", code="training.foreign_subject", text=text, todo=todo)
