"""What a plan does, in plain sentences: memory, cards, and whether the fast path is taken."""

from __future__ import annotations

from typing import Literal

from core.config.training import TrainingConfig
from core.language import Sentence, _, ngettext
from core.planning.estimate import memory_settings
from core.planning.planner import fused, plan_in_words
from core.planning.presets import PlanInput


def plan_text(plan_input: PlanInput, config: TrainingConfig) -> str:
    """Say what a run of ``config`` does with the memory and the cards."""
    sentences: list[str] = [plan_in_words(plan_input.shape, memory_settings(plan_input, config))]
    if plan_input.cards > 1:
        sentences.append(
            ngettext(
                "{count} card does the work.", "{count} cards share the work.", plan_input.cards
            )
        )
    if slow := without_fast_path(config, plan_input.model_type):
        sentences.append(slow)
    return " ".join(sentences)


def without_fast_path(config: TrainingConfig, model_type: str) -> Sentence | Literal[""]:
    """Say why a model of this family is not trained by the fast path, ``""`` where it is."""
    if fused(config, model_type):
        return ""
    if config.engine == "peft":
        return _("The fast path is switched off, so training is slower and needs more memory.")
    if config.dropout:
        return _(
            "The fast path only trains without dropout, so training is slower and needs more "
            "memory."
        )
    if not model_type:
        return _(
            "The fast path does not support this model yet, so training is slower and needs more "
            "memory."
        )
    return _(
        "The fast path does not support models of the family “{family}” yet, so training is slower "
        "and needs more memory.",
        family=model_type,
    )
