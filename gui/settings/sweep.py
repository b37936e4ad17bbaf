"""Several runs that differ in one value, for the queue. No Qt."""

from __future__ import annotations

from enum import StrEnum

from core.actions.plans import title_of, value_in_words
from core.actions.training import Variant
from core.config.training import TrainingConfig
from core.errors import UserFacingError
from core.language import _, ngettext
from gui.wizard.training_plan import TrainingPlan

_MOST = 20


class Varied(StrEnum):
    """What differs between the runs."""

    NOTHING = "nothing"
    SEED = "seed"
    RANK = "rank"
    LEARNING_RATE = "learning_rate"
    PRESET = "preset"


def choices(plan: TrainingPlan) -> tuple[Varied, ...]:
    """Return what can differ between runs of this plan: a warm start keeps the adapter's shape."""
    kept = (Varied.RANK, Varied.PRESET) if plan.more_of else ()
    return tuple(vary for vary in Varied if vary not in kept)


def suggestion(plan: TrainingPlan, vary: Varied) -> str:
    """Return values that are worth trying, separated by commas."""
    config = plan.config
    rate = config.learning_rate
    return {
        Varied.NOTHING: "",
        Varied.SEED: ", ".join(str(config.seed + n) for n in range(3)),
        Varied.RANK: ", ".join(str(rank) for rank in sorted({8, 16, 32, config.rank})),
        Varied.LEARNING_RATE: ", ".join(f"{value:.2g}" for value in (rate / 2, rate, rate * 2)),
        Varied.PRESET: ", ".join(preset.title for preset in plan.presets),
    }[vary]


def variants(plan: TrainingPlan, vary: Varied, text: str, tariff: float = 0.0) -> list[Variant]:
    """Return one run for each value in ``text``.

    Raises:
        UserFacingError: no value, too many of them, or one that cannot be used.
    """
    if vary is Varied.NOTHING:
        return [_variant(plan, title_of(plan.preset, plan.overrides), plan.config, tariff)]
    values = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not 1 <= len(values) <= _MOST:
        raise UserFacingError(
            "queue.values",
            _("Enter at least one value.")
            if not values
            else ngettext(
                "{count:,} value is too many.", "{count:,} values are too many.", len(values)
            ),
            _("Enter 1 to {most} values, separated by commas.", most=_MOST),
        )
    if vary is Varied.PRESET:
        return [_of_preset(plan, name, tariff) for name in values]
    return [_of_value(plan, vary, value, tariff) for value in values]


def _of_preset(plan: TrainingPlan, name: str, tariff: float) -> Variant:
    known = {preset.title.casefold(): preset for preset in plan.presets}
    preset = known.get(name.casefold())
    if preset is None:
        raise UserFacingError(
            "queue.preset",
            _("There is no preset “{name}”.", name=name),
            _(
                "Choose from: {presets}.",
                presets=", ".join(preset.title for preset in plan.presets),
            ),
        )
    return _variant(plan, preset.title, preset.config, tariff)


def _of_value(plan: TrainingPlan, vary: Varied, value: str, tariff: float) -> Variant:
    changes: dict[str, object] = {vary.value: value}
    config = plan.with_values(changes)
    if vary is Varied.RANK:  # the same strength of the update at every rank
        alpha = max(1, round(plan.config.alpha * config.rank / plan.config.rank))
        config = plan.with_values({**changes, "alpha": alpha})
    shown = getattr(config, vary.value)
    said = f"{shown:.2g}" if isinstance(shown, float) else str(shown)
    return _variant(
        plan,
        title_of(plan.preset, plan.overrides, value_in_words(vary.value, said), without=vary.value),
        config,
        tariff,
    )


def _variant(plan: TrainingPlan, title: str, config: TrainingConfig, tariff: float) -> Variant:
    return Variant(title, config, plan.estimate(config, tariff))
