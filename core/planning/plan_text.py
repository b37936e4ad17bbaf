"""What a plan does, in sentences for people: memory, cards, and whether the fast path is taken."""

from __future__ import annotations

from core.planning.estimate import memory_settings
from core.planning.planner import fused, plan_in_words
from core.planning.presets import Situation
from core.training.config import TrainingConfig

_SLOWER = "so training is slower and needs more memory."


def plan_text(situation: Situation, config: TrainingConfig) -> str:
    """Say what a training of ``config`` does with the memory and the cards."""
    sentences = [plan_in_words(situation.shape, memory_settings(situation, config))]
    if situation.cards > 1:
        sentences.append(f"{situation.cards} cards share the work.")
    if slow := without_fast_path(config, situation.model_type):
        sentences.append(slow)
    return " ".join(sentences)


def without_fast_path(config: TrainingConfig, model_type: str) -> str:
    """Say why a model of this family is not trained by the fast path, ``""`` where it is."""
    if fused(config, model_type):
        return ""
    if config.engine == "peft":
        return f"The fast path is switched off, {_SLOWER}"
    if config.dropout:
        return f"The fast path trains without dropout only, {_SLOWER}"
    family = f"models of the family “{model_type}”" if model_type else "this model"
    return f"The fast path does not know {family} yet, {_SLOWER}"
