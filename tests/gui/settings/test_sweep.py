from __future__ import annotations

import pytest

from core.actions.plans import title_of
from core.errors import UserFacingError
from core.training.setup.warm_start import FinishedRun
from gui.settings.sweep import Varied, choices, suggestion, variants
from gui.wizard.training_plan import TrainingPlan


def test_exactly_these_settings(plan: TrainingPlan) -> None:
    (only,) = variants(plan, Varied.NOTHING, "ignored")
    assert only.config == plan.config
    assert only.title == plan.preset.title


def test_seeds(plan: TrainingPlan) -> None:
    found = variants(plan, Varied.SEED, "7, 8,8 , 9,")
    assert [v.config.seed for v in found] == [7, 8, 9]
    assert found[0].title == f"{plan.preset.title} · Seed 7"
    assert found[0].estimate.seconds.high > 0


def test_a_rank_keeps_the_strength_of_the_update(plan: TrainingPlan) -> None:
    ratio = plan.config.alpha / plan.config.rank
    for variant in variants(plan, Varied.RANK, "4, 64"):
        assert variant.config.alpha / variant.config.rank == ratio


def test_other_ranks_do_not_fit_an_adapter_that_goes_on(plan: TrainingPlan) -> None:
    plan.more_of = FinishedRun("train-003", plan.config)
    assert choices(plan) == (Varied.NOTHING, Varied.SEED, Varied.LEARNING_RATE)
    with pytest.raises(UserFacingError) as refusal:
        variants(plan, Varied.RANK, "4, 8")
    assert refusal.value.code == "more.fixed"


def test_learning_rates_and_what_was_changed_before(plan: TrainingPlan) -> None:
    plan.change("epochs", 2.5)
    plan.change("seed", 5)
    found = variants(plan, Varied.LEARNING_RATE, "1e-4")
    preset = plan.preset.title
    assert (
        found[0].title
        == f"{preset} · Passes through the examples (epochs) 2.5 · Seed 5 · Learning rate 0.0001"
    )
    assert (
        title_of(plan.preset, plan.overrides, without="seed")
        == f"{preset} · Passes through the examples (epochs) 2.5"
    )


def test_presets_by_their_titles(plan: TrainingPlan) -> None:
    found = variants(plan, Varied.PRESET, "gentle, Thorough")
    assert [v.title for v in found] == ["Gentle", "Thorough"]
    assert found[0].config != found[1].config


@pytest.mark.parametrize("vary", list(Varied))
def test_what_is_suggested_can_be_used(plan: TrainingPlan, vary: Varied) -> None:
    assert variants(plan, vary, suggestion(plan, vary))


@pytest.mark.parametrize(
    ("vary", "text", "code"),
    [
        (Varied.SEED, " , ", "queue.values"),
        (Varied.SEED, ",".join(map(str, range(21))), "queue.values"),
        (Varied.RANK, "8, many", "config.invalid"),
        (Varied.PRESET, "Reckless", "queue.preset"),
    ],
)
def test_what_cannot_be_used_is_told(
    plan: TrainingPlan,
    vary: Varied,
    text: str,
    code: str,
) -> None:
    with pytest.raises(UserFacingError) as caught:
        variants(plan, vary, text)
    assert caught.value.code == code
