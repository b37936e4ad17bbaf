"""What each preset takes on this computer, and the settings that a command asks for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core import wizard
from core.errors import UserFacingError
from core.hardware.energy import covers, money_range
from core.models.inspection import inspect_model
from core.planning.advice import advise
from core.planning.estimate import Estimate, Hardware, duration_text, estimate, memory_settings
from core.planning.memory import Badge, MemorySettings, badge
from core.planning.plan_text import plan_text, without_fast_path
from core.planning.presets import (
    Preset,
    Situation,
    changed_values,
    find_preset,
    presets,
    recommended,
    with_overrides,
)
from core.planning.surroundings import look_around
from core.project import Project
from core.settings import load_settings
from core.training.config import TrainingConfig
from core.walk.state import dataset_folder

_GIB = 2**30


def situation(project: Project, base: Path, vram: float | None = None, cards: int = 0) -> Situation:
    """Return what plans depend on.

    Args:
        vram: GiB that stand in for the card's free memory.
        cards: how many cards train together, 0 for as many as can (one for ``vram``).

    Raises:
        UserFacingError: so many cannot train together (code ``cards.count``).
    """
    here = look_around(project.root, dataset_folder(project))
    facts = inspect_model(base)
    if vram is None:
        here.card_params(cards)
        return here.situation(facts.shape, facts.model_type, cards)
    return Situation(
        facts.shape, here.data, "gpu", int(vram * _GIB), facts.model_type,
        host_memory=here.machine.ram_free, cards=max(1, cards),
    )  # fmt: skip


def cards_here(project: Project) -> int:
    """Return how many cards can train together on this computer, 1 without a card."""
    return max(1, look_around(project.root, dataset_folder(project)).training_cards)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one preset takes."""

    preset: Preset
    estimate: Estimate
    badge: Badge
    memory: MemorySettings
    words: str
    without_fast_path: str = ""
    advice: str = ""

    def sentence(self) -> str:
        """Return one line for people, and below it what is done with the memory."""
        parts = [
            f"{self.preset.title} ({self.preset.key}): {duration_text(self.estimate.seconds)}",
            self.badge.sentence.rstrip("."),
        ]
        if self.estimate.cost:
            settings = load_settings()
            cost = money_range(self.estimate.cost, settings.currency)
            parts.append(f"{cost} ({covers(settings.extra_watts)})")
        lines = [f"{'; '.join(parts)}.", f"  {self.words}", f"  {self.advice}"]
        return "\n".join(line for line in lines if line.strip())

    def to_json(self) -> dict[str, Any]:
        """Return the plan for ``--json``; seconds, bytes and money as they are."""
        cost = self.estimate.cost
        return {
            "preset": self.preset.key,
            "fits": self.badge.level,
            "memory_bytes": self.estimate.peak,
            "seconds": [self.estimate.seconds.low, self.estimate.seconds.high],
            "cost": [cost.low, cost.high] if cost else None,
            "plan": asdict(self.memory),
            "in_words": self.words,
            "without_fast_path": self.without_fast_path,
            "advice": self.advice,
            "config": self.preset.config.model_dump(mode="json"),
        }


def preset_plans(
    project: Project, base: Path, vram: float | None = None, cards: int = 0
) -> list[Plan]:
    """Return what every preset takes here; ``vram`` and ``cards`` as in :func:`situation`."""
    where = situation(project, base, vram, cards)
    hardware = look_around(project.root, None).hardware
    return [_plan(hardware, where, preset) for preset in presets(where)]


def chosen_plan(
    project: Project, base: Path, vram: float | None = None, cards: int = 0
) -> Plan | None:
    """Return what the choices made in the window take, ``None`` if there are none."""
    where = situation(project, base, vram, cards)
    chosen = chosen_in_window(project, where)
    return _plan(look_around(project.root, None).hardware, where, chosen) if chosen else None


def _plan(hardware: Hardware, where: Situation, preset: Preset) -> Plan:
    config = preset.config
    forecast = estimate(where, config, hardware, load_settings().tariff)
    problems = [advice for advice in advise(where, config) if advice.level == "problem"]
    return Plan(
        preset=preset,
        estimate=forecast,
        badge=badge(forecast.peak, where.free_memory, where.device),
        memory=memory_settings(where, config),
        words=plan_text(where, config),
        without_fast_path=without_fast_path(config, where.model_type),
        advice=" ".join(f"{problem.text} {problem.question}".strip() for problem in problems),
    )


def chosen_in_window(project: Project, where: Situation) -> Preset | None:
    """Return the preset that the person chose in the window, with the values changed there.

    Its title names both; ``None`` if nothing was chosen.
    """
    state = wizard.load_state(project)
    if not wizard.settings_chosen(state):
        return None
    preset = find_preset(where, state.preset)
    config = with_overrides(preset, state.overrides)
    changed = changed_values(preset, config)
    words = [preset.title, *(f"{name} {value}" for name, value in changed.items())]
    return replace(preset, title=f"Chosen in the window: {', '.join(words)}", config=config)


def config_for(project: Project, base: Path, preset: str, values: dict[str, Any]) -> TrainingConfig:
    """Return a preset's config with some values changed.

    Raises:
        UserFacingError: an unknown preset, or values that cannot be used.
    """
    where = situation(project, base)
    offered = [p.key for p in presets(where)]
    if preset and preset not in offered:
        raise UserFacingError(
            "preset.unknown",
            f"There is no preset “{preset}” for this model.",
            f"Choose one of: {', '.join(offered)}.",
        )
    return find_preset(where, preset or recommended(where)).config.with_values(values)
