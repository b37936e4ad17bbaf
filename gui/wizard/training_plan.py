"""The run that the settings page prepares: preset, changed values, estimate, trial. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.config.training import TrainingConfig, load_config
from core.errors import UserFacingError
from core.hardware.system.energy import covers, money_range
from core.jobs.spec import TrialParams, asked_of
from core.language import _
from core.library.about import called
from core.models.inspection import inspect_model
from core.models.whereabouts import find_base
from core.planning.advice import Advice, advise
from core.planning.environment import Environment, examine_machine
from core.planning.estimate import Estimate, Measured, duration_text, estimate
from core.planning.memory import Badge, badge
from core.planning.plan_text import plan_text
from core.planning.presets import (
    PlanInput,
    Preset,
    changed_values,
    find_preset,
    presets,
    recommended,
    with_overrides,
)
from core.planning.workload import DatasetSize
from core.project import Project, RunFolder
from core.settings import Settings
from core.storage.files import read_json
from core.training.setup.warm_start import FIXED, FinishedRun, finished_run, refuse_other_shape
from core.wizard import Step, WizardState, settings_chosen

WARM_START = "more_of"
"""In the page's memory: the changed values, by the run whose adapter is trained further."""


@dataclass
class TrainingPlan:
    """Everything behind the page, for one base model and one dataset version.

    Attributes:
        overrides: values that differ from the preset, as they would be stored.
        measured: a trial whose steps cost what those of this config do, if there was one.
        more_of: the finished run that this one continues from; its settings are the only preset.
    """

    environment: Environment
    plan_input: PlanInput
    key: str
    overrides: Mapping[str, object] = field(default_factory=dict)
    measured: Measured | None = None
    more_of: FinishedRun | None = None

    @property
    def presets(self) -> tuple[Preset, ...]:
        """What is offered."""
        return (_as_before(self.more_of),) if self.more_of else presets(self.plan_input)

    @property
    def preset(self) -> Preset:
        """What is chosen."""
        return _as_before(self.more_of) if self.more_of else find_preset(self.plan_input, self.key)

    @property
    def fixed(self) -> frozenset[str]:
        """The values that cannot be changed, because an adapter was made with them."""
        return frozenset(FIXED if self.more_of else ())

    @property
    def config(self) -> TrainingConfig:
        """The preset with the changed values."""
        return self.preset.config.with_values(self.overrides)

    def change(self, name: str, value: object) -> None:
        """Change one value; a value that cannot be used changes nothing.

        Raises:
            UserFacingError: the value cannot be used.
        """
        config = self.with_values({name: value})
        self.overrides = changed_values(self.preset, config)

    def with_values(self, values: Mapping[str, object]) -> TrainingConfig:
        """Return the config with some more values changed; the plan stays as it is.

        Raises:
            UserFacingError: a value cannot be used, or not with the adapter to continue from.
        """
        config = self.preset.config.with_values({**self.overrides, **values})
        if self.more_of:
            refuse_other_shape(self.more_of.config, config)
        return config

    def take_cards(self, cards: int) -> None:
        """Plan for this many cards together; 0 means as many as can."""
        self.plan_input = replace(self.plan_input, cards=self.environment.together(cards))

    def take_size(self, data: DatasetSize) -> None:
        """Plan for examples that were counted in tokens; chosen values stay."""
        self.plan_input = replace(self.plan_input, data=data)
        self.overrides = changed_values(self.preset, with_overrides(self.preset, self.overrides))

    def advice(self) -> list[Advice]:
        """Return the warnings, the worst first."""
        return advise(self.plan_input, self.config)

    def estimate(self, config: TrainingConfig | None = None, tariff: float = 0.0) -> Estimate:
        """Return what the chosen (or another) config will take."""
        alike = config is None or config.costs_like(self.config)
        measured = self.measured if alike else None
        return estimate(
            self.plan_input, config or self.config, self.environment.hardware, tariff, measured
        )

    def fit(self, found: Estimate) -> Badge:
        """Return whether the memory is enough."""
        return badge(found.peak, self.environment.free_memory, self.environment.device)

    def in_words(self) -> str:
        """Return what it does with memory and cards, and whether it takes the fast path."""
        return plan_text(self.plan_input, self.config)


def _as_before(finished: FinishedRun) -> Preset:
    title = _("Continue from {run}", run=finished.run)
    return Preset("as_before", title, _("Uses the same settings as that run."), finished.config)


def make_plan(project: Project, state: WizardState) -> tuple[TrainingPlan, UserFacingError | None]:
    """Return the plan for what you have chosen so far; beside the window's thread.

    Where the adapter to continue from cannot be used, the plan begins without one and the reason
    comes with it.

    Raises:
        UserFacingError: examples or base model are gone or cannot be used.
    """
    facts = inspect_model(find_base(project, state.base_model))
    here = examine_machine(project.root, project.version_folder(state.dataset_version))
    plan_input = here.plan_input(facts.shape, facts.model_type, state.cards)
    chosen = settings_chosen(state)
    plan = TrainingPlan(here, plan_input, state.preset if chosen else recommended(plan_input))
    refused = None
    if state.more_of:
        try:
            plan.more_of = finished_run(project.run(state.more_of))
        except UserFacingError as error:
            refused = error
    values = warm_start_values(state) if plan.more_of else state.overrides
    plan.overrides = changed_values(plan.preset, with_overrides(plan.preset, values))
    return plan, refused


def warm_start_values(state: WizardState) -> dict[str, object]:
    """Return what was changed for the run that continues from ``more_of``."""
    kept = state.page.get(Step.SETTINGS, {}).get(WARM_START, {})
    return dict(kept.get(state.more_of, {}))


def cost_text(found: Estimate, currency: str) -> str:
    """Return the cost as a range, ``""`` where power cannot be known."""
    return money_range(found.cost, currency) if found.cost else ""


def cost_with_scope(found: Estimate, settings: Settings) -> str:
    """Return the cost and what it counts, ``""`` where power cannot be known."""
    cost = cost_text(found, settings.currency)
    return f"{cost} ({covers(settings.extra_watts)})" if cost else ""


def measured_in_words(found: Estimate) -> str:
    """Say whether a trial has measured what a plan takes."""
    if found.measured:
        return _("Measured on this computer: {time} in all.", time=duration_text(found.seconds))
    return _("These are estimates. The trial measures on your longest examples.")


def summary(found: Estimate, currency: str) -> str:
    """Return time and cost in a few words."""
    cost = cost_text(found, currency)
    return duration_text(found.seconds) + (f", {cost}" if cost else "")


def last_trial(project: Project, params: TrialParams, config: TrainingConfig) -> Measured | None:
    """Return what the newest trial of such a run measured: other rounds need no other one."""
    for run in sorted(project.runs("trial"), key=lambda run: run.name, reverse=True):
        if run.trial_file.is_file():
            measured = _measured(run, params, config)
            if measured is not None:
                return measured
    return None


def _measured(run: RunFolder, params: TrialParams, config: TrainingConfig) -> Measured | None:
    try:
        alike = load_config(run.config_file).costs_like(config)
        if alike and asked_of(run) == params:
            return Measured.from_trial(read_json(run.trial_file))
    except (UserFacingError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return None


def running_elsewhere(run: RunFolder) -> UserFacingError:
    """Return why no other run may begin now."""
    return UserFacingError(
        "training.other_running",
        _("“{run}” is training right now, and the card has room for only one.", run=called(run)),
        _("Wait until it has finished, or add this run to the queue."),
    )
