"""Trainings of a real small model, through real child processes."""

import sys
from functools import partial

from core import wizard
from core.actions.plans import choose, look
from core.actions.training import enqueue_choice, queue_report, resume
from core.commands.terminal import run_job
from core.events import Started, TrainStep
from core.hardware.cards import reader, usable
from core.jobs.spec import TrainingFacts
from core.jobs.supervisor import read_events
from core.storage.files import read_json
from tests.core.actions.refusals import refused
from tests.core.hardware.fake_nvml import FakeNvml


def test_the_training_has_facts(walked):
    facts = walked.facts
    assert facts.steps == facts.total_steps == 6
    assert facts.best_loss < facts.base_loss
    assert facts.energy_joules is None or facts.energy_joules > 0
    assert facts.environment["torch"].startswith("2.")


def test_resuming_a_finished_run_changes_nothing(walked, own_copy):
    """Also: a project works wherever it was carried to."""
    run = own_copy.run("train-001")
    before = run.best / f"step-{walked.facts.best_step:08d}" / "adapter_model.safetensors"
    content = before.read_bytes()
    facts = resume(own_copy, run_job=run_job)
    assert facts.steps == 6
    assert before.read_bytes() == content
    starts = [e for e in read_events(run) if isinstance(e, Started) and e.resumed_from_step]
    assert [s.resumed_from_step for s in starts] == [6]
    assert len([e for e in read_events(run) if isinstance(e, TrainStep)]) == 6


def test_a_queued_training_takes_the_cards_that_are_wanted(own_copy, walked, monkeypatch):
    monkeypatch.setattr(reader, "load_nvml", lambda: FakeNvml(cards=2))
    monkeypatch.setattr(usable, "torch_cuda_version", lambda: "13.0")
    monkeypatch.setattr(sys, "platform", "linux")
    here = look(own_copy, walked.base)
    for cards, processes in ((1, 1), (0, None), (2, None)):
        run = own_copy.run(enqueue_choice(here, choose(here), cards))
        assert read_json(run.job_file)["params"].get("processes") == processes
    one, both, again = queue_report(own_copy).document()["trainings"]
    assert one["seconds"][1] > both["seconds"][1] == again["seconds"][1]


def test_a_training_stopped_before_its_first_step_is_not_reported_as_done(own_copy):
    def stopped(*_arguments, **_options):
        return TrainingFacts(steps=0, best_step=0)

    state = wizard.load_state(own_copy)
    assert refused(partial(resume, run_job=stopped), own_copy) == "training.no_steps"
    assert wizard.load_state(own_copy) == state


def test_a_training_without_gain_opens_no_comparison(own_copy):
    note = wizard.give(wizard.load_state(own_copy), training_run="", training_done=False)
    wizard.save_state(own_copy, note)
    facts = TrainingFacts(steps=5, best_step=0, best_loss=2.0, base_loss=2.0)
    assert resume(own_copy, run_job=lambda *_arguments, **_options: facts) == facts
    assert not wizard.load_state(own_copy).training_done
