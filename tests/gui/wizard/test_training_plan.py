from __future__ import annotations

from dataclasses import replace

import pytest

from core.actions.training import Variant, enqueue, new_run
from core.config.training import TrainingConfig, load_config, save_config
from core.errors import UserFacingError
from core.hardware.system.energy import Range
from core.jobs.spec import TrainParams, TrialParams, write_spec
from core.jobs.status import RunState
from core.project import RunFolder
from core.queue.entries import read_queue
from core.settings import Settings
from core.storage.files import read_json, write_json
from gui.wizard.session import Session
from gui.wizard.training_plan import (
    TrainingPlan,
    cost_text,
    cost_with_scope,
    last_trial,
    make_plan,
    running_elsewhere,
    summary,
)
from tests.gui import scenes


def test_a_changed_value_is_an_override_until_it_is_changed_back(plan: TrainingPlan) -> None:
    usual = plan.config.rank
    plan.change("rank", "64")
    assert plan.overrides == {"rank": 64}
    assert plan.config.rank == 64
    plan.change("rank", usual)
    assert plan.overrides == {}


def test_a_value_that_cannot_be_used_changes_nothing(plan: TrainingPlan) -> None:
    plan.change("rank", 64)
    with pytest.raises(UserFacingError) as caught:
        plan.change("epochs", "many")
    assert caught.value.code == "config.invalid"
    assert plan.overrides == {"rank": 64}


def test_a_dangerous_value_is_advised_against(plan: TrainingPlan) -> None:
    assert not [item for item in plan.advice() if item.field == "learning_rate"]
    plan.change("learning_rate", plan.config.learning_rate * 40)
    assert [item.level for item in plan.advice() if item.field == "learning_rate"] == ["problem"]


@pytest.mark.usefixtures("two_cards")
def test_cards_are_chosen_and_said(ready_session: Session) -> None:
    project = ready_session.require_project()
    plan, _refused = make_plan(project, ready_session.state)
    assert "2 cards share the work." in plan.in_words()
    both = plan.estimate(tariff=1.0)
    plan.take_cards(1)
    assert "share the work" not in plan.in_words()
    alone = plan.estimate(tariff=1.0)
    assert alone.seconds.high > both.seconds.high
    assert alone.cost and both.cost
    assert alone.cost.high < both.cost.high
    plan.take_cards(0)
    assert plan.plan_input.cards == 2
    one = ready_session.state.model_copy(update={"cards": 1})
    assert make_plan(project, one)[0].plan_input.cards == 1


def test_a_cost_says_what_it_counts(plan: TrainingPlan) -> None:
    found = plan.estimate()
    assert cost_with_scope(found, Settings()) == ""
    priced = replace(found, cost=Range(0.04, 0.06))
    assert cost_with_scope(priced, Settings()) == "$0.04 to $0.06 (graphics card only)"


def finished_training(session: Session) -> RunFolder:
    run = scenes.add_run(session)
    save_config(TrainingConfig(rank=4, learning_rate=3e-4, max_steps=7), run.config_file)
    scenes.finish_training(run, session)
    scenes.add_adapter(run)
    return run


def test_more_training_has_the_settings_of_the_finished_one(ready_session: Session) -> None:
    run = finished_training(ready_session)
    state = ready_session.state.model_copy(update={"more_of": run.name, "overrides": {"rank": 9}})
    plan, refused = make_plan(ready_session.require_project(), state)
    assert refused is None
    assert [preset.title for preset in plan.presets] == ["Continue from train-001"]
    assert (plan.config.rank, plan.config.learning_rate, plan.config.max_steps) == (4, 3e-4, 0)
    plan.change("learning_rate", 1e-4)
    assert plan.overrides == {"learning_rate": 1e-4}
    for name in plan.fixed - {"targets", "quantisation"}:
        with pytest.raises(UserFacingError) as caught:
            plan.change(name, 8)
        assert caught.value.code == "more.fixed"
    page = {"settings": {"more_of": {run.name: {"learning_rate": 1e-4}}}}
    again, _refused = make_plan(
        ready_session.require_project(), state.model_copy(update={"page": page})
    )
    assert again.overrides == {"learning_rate": 1e-4}


def test_without_a_whole_adapter_it_begins_with_the_base(ready_session: Session) -> None:
    run = finished_training(ready_session)
    (next(run.best.glob("*")) / "adapter_model.safetensors").write_bytes(b"damaged")
    state = ready_session.state.model_copy(update={"more_of": run.name})
    plan, refused = make_plan(ready_session.require_project(), state)
    assert refused is not None
    assert refused.code == "run.no_adapter"
    assert plan.more_of is None
    assert len(plan.presets) > 1


def test_a_trial_replaces_the_estimate_of_all_settings_that_cost_the_same(
    plan: TrainingPlan, ready_session: Session
) -> None:
    project, state = ready_session.require_project(), ready_session.state
    params = TrialParams(dataset_version=state.dataset_version, base_model=state.base_model)
    run = new_run(project, "trial", plan.config)
    assert last_trial(project, params, plan.config) is None
    write_spec(run, params)
    write_json(run.trial_file, {"tokens_per_second": 500.0, "peak_memory_bytes": 2 * 10**9})
    plan.measured = last_trial(project, params, plan.config)
    assert plan.measured is not None
    assert plan.estimate().measured
    assert plan.estimate().peak >= 10**9
    seconds = plan.estimate().seconds
    plan.change("epochs", plan.config.epochs * 2)
    assert last_trial(project, params, plan.config) == plan.measured, "other rounds, same steps"
    assert plan.estimate().measured
    assert plan.estimate().seconds.high > seconds.high, "but twice as many of them"
    before = plan.config.rank
    plan.change("rank", 4)
    assert last_trial(project, params, plan.config) is None
    smaller = new_run(project, "trial", plan.config)
    write_spec(smaller, params)
    write_json(smaller.trial_file, {"tokens_per_second": 700.0})
    plan.change("rank", before)
    assert last_trial(project, params, plan.config) == plan.measured, "an older trial counts too"
    other = plan.config.with_values({"max_length": plan.config.max_length // 2})
    assert not plan.estimate(other).measured


def test_a_summary_has_time_and_cost_where_it_is_known(plan: TrainingPlan) -> None:
    found = plan.estimate(tariff=0.2)
    assert found.cost is None, "there is no card here"
    assert cost_text(found, "€") == ""
    assert "€" not in summary(found, "€")
    priced = type(found)(**{**_fields(found), "cost": Range(0.04, 0.06)})
    assert cost_text(priced, "€") == "€0.04 to €0.06"


def _fields(found: object) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}  # type: ignore[attr-defined]


def test_queued_trainings_are_ready_as_a_started_one_is(
    plan: TrainingPlan, ready_session: Session
) -> None:
    project, state = ready_session.require_project(), ready_session.state
    params = TrainParams(dataset_version=state.dataset_version, base_model=state.base_model)
    variants = [
        Variant(f"seed {seed}", plan.config.with_values({"seed": seed}), plan.estimate())
        for seed in (1, 2)
    ]
    assert enqueue(project, params, variants) == ["train-001", "train-002"]
    first, second = read_queue(project)
    assert (first.item.title, first.state) == ("seed 1", RunState.WAITING)
    run = project.run(second.item.run)
    assert load_config(run.config_file).seed == 2
    assert read_json(run.job_file) == {"kind": "train", "params": params.values()}
    assert running_elsewhere(run).code == "training.other_running"
    assert "“Probe, run 2”" in running_elsewhere(run).what
