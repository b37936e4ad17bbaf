"""The one question that a training loop asks: can the engine train this model?"""

from __future__ import annotations

from peft import PeftModel

from core.config.engine import EnginePlan
from core.training.engine.engine import Engine, attach
from core.training.engine.families import Unsupported


def choose_engine(model: PeftModel, plan: EnginePlan | None = None) -> tuple[Engine | None, str]:
    """Return the engine for ``model``, or ``None`` where peft's own forward pass must train it.

    Returns:
        The engine, and why there is none: one sentence, or ``""`` where there is one.
    """
    try:
        return attach(model, plan), ""
    except Unsupported as reason:
        return None, reason.sentence
