"""The whole way on a real small model, through real child processes."""

import math
import sys

import pytest

from core import walk, wizard
from core.errors import UserFacingError
from core.files import read_json
from core.hardware import gpu, usable
from core.jobs.events import Started, TrainStep
from core.jobs.supervisor import read_events
from core.planning import planner
from core.project import Project
from core.wizard import Step, WizardState
from tests.core.hardware.fake_nvml import FakeNvml


def refused(action, *arguments):
    with pytest.raises(UserFacingError) as refusal:
        action(*arguments)
    return refusal.value.code


def test_the_report_adds_up(walked):
    report = walked.report
    assert report["kept"] + report["dropped"] == report["rows_read"] == 300
    assert sum(report["split"].values()) == report["kept"]


def test_the_training_has_facts(walked):
    facts = walked.facts
    assert facts["steps"] == facts["total_steps"] == 6
    assert facts["best_loss"] < facts["base_loss"]
    assert facts["energy_joules"] is None or facts["energy_joules"] > 0
    assert facts["environment"]["torch"].startswith("2.")


def test_the_evaluation_agrees_with_the_training(walked):
    """The test part is other data, but the two losses of the base are of one kind."""
    base = walked.scores["base"]
    assert math.log(base["perplexity"]) == pytest.approx(walked.facts["base_loss"], rel=0.05)
    assert walked.scores["tuned"]["perplexity"] < base["perplexity"]
    assert 0 <= walked.scores["tuned"]["format_share"] <= 1


def test_the_window_would_open_at_the_end(walked):
    state = wizard.load_state(walked.project)
    assert state.current is Step.SAVING
    assert all(wizard.is_done(state, step) for step in Step)


def test_resuming_a_finished_run_changes_nothing(walked, own_copy):
    """Also: a project works wherever it was carried to."""
    run = own_copy.run("train-001")
    before = run.best / f"step-{walked.facts['best_step']:08d}" / "adapter_model.safetensors"
    content = before.read_bytes()
    facts = walk.resume(own_copy)
    assert facts["steps"] == 6
    assert before.read_bytes() == content
    starts = [e for e in read_events(run) if isinstance(e, Started) and e.resumed_from_step]
    assert [s.resumed_from_step for s in starts] == [6]
    assert len([e for e in read_events(run) if isinstance(e, TrainStep)]) == 6


def test_nothing_is_trained_before_there_are_examples(tmp_path):
    project = Project.create(tmp_path / "p")
    assert refused(walk.dataset_folder, project) == "project.no_dataset"
    assert refused(walk.evaluate, project) == "project.no_run"


def test_presets_are_planned_with_numbers(walked):
    plans = walk.plans(walked.project, walked.base)
    assert [p.preset.key for p in plans] == ["small", "gentle", "balanced", "thorough"]
    for plan in plans:
        low, high = plan.to_json()["seconds"]
        assert 0 < low < high
        assert "GB" in plan.sentence()
        assert "tokens at once and keeps everything in memory" in plan.sentence()


def test_a_card_of_any_size_can_be_planned_for(walked):
    tight = walk.plans(walked.project, walked.base, vram=0.01)
    assert {p.badge.level for p in tight} == {"wont_fit"}
    assert "Choose a smaller base model." in tight[0].to_json()["advice"]
    roomy = walk.plans(walked.project, walked.base, vram=24)
    assert {p.badge.level for p in roomy} == {"fits"}


def test_the_choices_of_the_window_are_planned(own_copy, walked):
    assert walk.chosen_plan(own_copy, walked.base) is None
    wizard.save_state(own_copy, WizardState(preset="thorough", overrides={"rank": 6, "gone": 1}))
    state = wizard.load_state(own_copy).model_copy(
        update={"dataset_version": walked.report["content_hash"]}
    )
    wizard.save_state(own_copy, state)
    plan = walk.chosen_plan(own_copy, walked.base)
    assert plan is not None
    assert plan.sentence().startswith("Chosen in the window: Thorough, rank 6 (thorough): ")
    assert plan.to_json()["config"]["rank"] == 6
    assert plan.preset.config.epochs == 4


def test_several_cards_are_planned_for_and_said(walked):
    alone, three = (
        walk.plans(walked.project, walked.base, vram=24, cards=n)[0].to_json() for n in (1, 3)
    )
    assert "share the work" not in alone["in_words"]
    assert "3 cards share the work." in three["in_words"]
    assert refused(walk.plans, walked.project, walked.base, None, 99) == "cards.count"


def test_a_family_without_the_fast_path_is_told_in_the_plan(walked, monkeypatch):
    fast = walk.plans(walked.project, walked.base)[0]
    assert fast.to_json()["without_fast_path"] == ""
    monkeypatch.setattr(planner, "FUSED_FAMILIES", frozenset())
    slow = walk.plans(walked.project, walked.base)[0]
    assert "does not know models of the family “llama” yet" in slow.sentence()
    assert slow.to_json()["without_fast_path"] in slow.sentence()


def test_costs_say_what_they_count(walked, monkeypatch):
    monkeypatch.setattr(gpu, "load_nvml", FakeNvml)
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")
    assert "(graphics card only)" in walk.plans(walked.project, walked.base)[0].sentence()


def test_a_queued_training_takes_the_cards_that_are_wanted(own_copy, walked, monkeypatch):
    monkeypatch.setattr(gpu, "load_nvml", lambda: FakeNvml(cards=2))
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")
    monkeypatch.setattr(sys, "platform", "linux")
    config = walk.config_for(own_copy, walked.base, "", {})
    for cards, processes in ((1, 1), (0, None), (2, None)):
        run = own_copy.run(walk.enqueue(own_copy, walked.base, config, cards))
        assert read_json(run.job_file)["params"].get("processes") == processes
    one, both, again = walk.queue_report(own_copy)["trainings"]
    assert one["seconds"][1] > both["seconds"][1] == again["seconds"][1]


def test_an_unknown_preset_is_said(walked):
    assert refused(walk.config_for, walked.project, walked.base, "x", {}) == "preset.unknown"


def test_a_second_owner_is_refused(walked):
    with walk.owned(walked.project):
        assert refused(walked.project.lock) == "project.in_use"


def test_exports_never_share_a_name(tmp_path):
    assert walk.free_name(tmp_path / "a") == tmp_path / "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()
    assert walk.free_name(tmp_path / "a") == tmp_path / "a-3"


def test_no_log_holds_the_examples(walked):
    """What people share when they ask for help."""
    logs = list(walked.project.root.rglob("log.txt"))
    assert logs
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert "What comes after" not in text
        assert "It is " not in text


def test_a_training_stopped_before_its_first_step_is_not_reported_as_done(own_copy, monkeypatch):
    def stopped(*_arguments, **_options):
        return {"steps": 0, "best_step": 0}

    state = wizard.load_state(own_copy)
    monkeypatch.setattr(walk, "run_job", stopped)
    assert refused(walk.resume, own_copy) == "training.no_steps"
    assert wizard.load_state(own_copy) == state


def test_a_training_without_gain_opens_no_comparison(own_copy, monkeypatch):
    note = wizard.give(wizard.load_state(own_copy), training_run="", training_done=False)
    wizard.save_state(own_copy, note)
    facts = {"steps": 5, "best_step": 0, "best_loss": 2.0, "base_loss": 2.0}
    monkeypatch.setattr(walk, "run_job", lambda *_arguments, **_options: facts)
    assert walk.resume(own_copy) == facts
    assert not wizard.load_state(own_copy).training_done
