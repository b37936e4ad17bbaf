"""What training takes on this computer, and the settings that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core import wizard
from core.actions.state import dataset_folder
from core.config.training import TrainingConfig
from core.contract import plain
from core.errors import UserFacingError
from core.hardware.system.energy import covers, money_range
from core.language import Sentence, _
from core.models.inspection import ModelFacts, inspect_model
from core.planning.advice import Advice, advise
from core.planning.environment import Environment, examine_machine
from core.planning.estimate import Estimate, duration_text, estimate, memory_settings
from core.planning.explanations import EXPLANATIONS
from core.planning.memory import Badge, MemorySettings, badge
from core.planning.plan_text import plan_text, without_fast_path
from core.planning.presets import (
    PlanInput,
    Preset,
    changed_values,
    find_preset,
    presets,
    recommended,
    with_overrides,
)
from core.project import Project
from core.settings import Settings, load_settings

_GIB = 2**30
_SHOWN_CHANGES = 3
_DEPENDENT = "alpha"  # follows the rank


@dataclass(frozen=True, slots=True)
class Here:
    """One look at everything that plans depend on; an action looks once.

    Attributes:
        base: folder of the base model.
        facts: what is known about it.
        machine: computer, cards and the size of the project's examples.
    """

    project: Project
    base: Path
    facts: ModelFacts
    machine: Environment
    settings: Settings

    def plan_input(self, vram: float | None = None, cards: int = 0) -> PlanInput:
        """Return what plans depend on.

        Args:
            vram: GiB that stand in for the card's free memory.
            cards: how many cards train together, 0 for as many as can (one for ``vram``).

        Raises:
            UserFacingError: this many cannot train together (code ``cards.count``).
        """
        shape, family = self.facts.shape, self.facts.model_type
        if vram is None:
            self.machine.processes(cards)
            return self.machine.plan_input(shape, family, cards)
        return PlanInput(
            shape, self.machine.data, "gpu", int(vram * _GIB), family,
            host_memory=self.machine.machine.ram_free, cards=max(1, cards),
        )  # fmt: skip

    @property
    def cards(self) -> int:
        """How many cards can train together, 1 without a card."""
        return max(1, self.machine.training_cards)


def look(project: Project, base: Path) -> Here:
    """Look at the machine, the project's examples and a base model; up to a few seconds.

    Raises:
        UserFacingError: there are no examples, or the model cannot be used.
    """
    facts = inspect_model(base)
    machine = examine_machine(project.root, dataset_folder(project))
    return Here(project, base, facts, machine, load_settings())


def cards_here(project: Project) -> int:
    """Return how many cards can train together on this computer, 1 without a card."""
    return max(1, examine_machine(project.root, None).training_cards)


@dataclass(frozen=True, slots=True)
class Choice:
    """A preset with some of its values changed."""

    preset: Preset
    config: TrainingConfig

    @property
    def title(self) -> str:
        """What a run with these settings is called."""
        return title_of(self.preset, changed_values(self.preset, self.config))


def title_of(preset: Preset, changed: Mapping[str, object], *more: str, without: str = "") -> str:
    """Return what a run is called: its preset, up to three changed values, and what else is said.

    Args:
        without: the value of this name is not told.
    """
    named = [name for name in changed if name not in (without, _DEPENDENT)]
    parts = [value_in_words(name, changed[name]) for name in named[:_SHOWN_CHANGES]]
    told = {f"part{n}": part for n, part in enumerate([preset.title, *parts, *more])}
    return Sentence.made(" · ".join(f"{{{name}}}" for name in told), told)


def value_in_words(name: str, value: object) -> str:
    """Return a setting with its value: ``Learning rate 0.0001``."""
    # Translators: a setting and its value ("Learning rate 0.0001").
    return _("{setting} {value}", setting=EXPLANATIONS[name].title, value=str(value))


@dataclass(frozen=True, slots=True)
class PresetPlan:
    """What one preset takes."""

    preset: Preset
    config: TrainingConfig
    title: str
    estimate: Estimate
    badge: Badge
    memory: MemorySettings
    words: str
    settings: Settings
    without_fast_path: str = ""
    problems: tuple[Advice, ...] = ()

    def sentence(self) -> str:
        """Return one line to read, and below it what is done with the memory."""
        known: dict[str, str] = {
            "title": self.title,
            "preset": self.preset.key,
            "time": duration_text(self.estimate.seconds),
            "fit": self.badge.sentence,
        }
        if self.estimate.cost:
            known["cost"] = money_range(self.estimate.cost, self.settings.currency)
            known["counted"] = covers(self.settings.extra_watts)
            first = _("{title} ({preset}): {time}; {cost} ({counted}). {fit}", **known)
        else:
            first = _("{title} ({preset}): {time}. {fit}", **known)
        lines = [first, f"  {self.words}", f"  {' '.join(self._advice())}"]
        return "\n".join(line for line in lines if line.strip())

    def _advice(self) -> list[str]:
        said = [text for one in self.problems for text in (one.text, one.question)]
        return [text for text in said if text]

    def document(self) -> dict[str, object]:
        """Return the plan for ``--json``; seconds, bytes and money as they are."""
        cost = self.estimate.cost
        return {
            "preset": self.preset.key,
            "fits": self.badge.level,
            "memory_bytes": self.estimate.peak,
            "seconds": [self.estimate.seconds.low, self.estimate.seconds.high],
            "cost": [cost.low, cost.high] if cost else None,
            "plan": asdict(self.memory),
            "in_words": plain(self.words),
            "without_fast_path": plain(self.without_fast_path),
            "advice": " ".join(str(plain(text)) for text in self._advice()),
            "config": self.config.model_dump(mode="json"),
        }


def preset_plans(here: Here, vram: float | None = None, cards: int = 0) -> list[PresetPlan]:
    """Return what every preset takes here; ``vram`` and ``cards`` as in :meth:`Here.plan_input`."""
    where = here.plan_input(vram, cards)
    return [plan(here, where, Choice(preset, preset.config)) for preset in presets(where)]


def chosen_plan(here: Here, vram: float | None = None, cards: int = 0) -> PresetPlan | None:
    """Return what the choices made in the window take, ``None`` if there are none."""
    where = here.plan_input(vram, cards)
    chosen = chosen_in_window(here, where)
    return plan(here, where, chosen, _in_window(chosen)) if chosen else None


def plan(here: Here, where: PlanInput, choice: Choice, title: str = "") -> PresetPlan:
    """Return what a choice takes."""
    config = choice.config
    forecast = estimate(where, config, here.machine.hardware, here.settings.tariff)
    problems = [advice for advice in advise(where, config) if advice.level == "problem"]
    return PresetPlan(
        preset=choice.preset,
        config=config,
        title=title or choice.preset.title,
        estimate=forecast,
        badge=badge(forecast.peak, where.free_memory, where.device),
        memory=memory_settings(where, config),
        words=plan_text(where, config),
        settings=here.settings,
        without_fast_path=without_fast_path(config, where.model_type),
        problems=tuple(problems),
    )


def advice(here: Here, config: TrainingConfig, cards: int) -> list[Advice]:
    """Return the warnings about such a run, the worst first."""
    return advise(here.plan_input(cards=cards), config)


def chosen_in_window(here: Here, where: PlanInput | None = None) -> Choice | None:
    """Return what was chosen in the window, ``None`` if nothing was."""
    state = wizard.load_state(here.project)
    if not wizard.settings_chosen(state):
        return None
    preset = find_preset(where or here.plan_input(), state.preset)
    return Choice(preset, with_overrides(preset, state.overrides))


def _in_window(choice: Choice) -> str:
    return _("Chosen in the window: {title}", title=choice.title)


def choose(here: Here, preset: str = "", values: Mapping[str, object] | None = None) -> Choice:
    """Return a preset (the recommended one without a name) with some values changed.

    Raises:
        UserFacingError: an unknown preset, or values that cannot be used.
    """
    where = here.plan_input()
    offered = [p.key for p in presets(where)]
    if preset and preset not in offered:
        raise UserFacingError(
            "preset.unknown",
            _("There is no preset “{preset}” for this model.", preset=preset),
            _("Choose one of: {names}.", names=", ".join(offered)),
        )
    found = find_preset(where, preset or recommended(where))
    return Choice(found, found.config.with_values(values or {}))
