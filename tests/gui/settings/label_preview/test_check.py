from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.models.inspection import inspect_model
from core.planning.environment import examine_machine
from gui.settings.label_preview.check import (
    cut_sentence,
    done_sentences,
    figures,
    find_check,
    longer_limit,
    lost_sentence,
    measured_size,
    missing_sentence,
    no_end_sentence,
)
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan
from tests.gui import scenes
from tests.gui.settings.label_preview.labels import preview


def check_of(session: Session):
    state = session.state
    return find_check(session.require_project(), state.dataset_version, state.base_model)


@pytest.fixture
def plan(ready_session: Session) -> TrainingPlan:
    project, state = ready_session.require_project(), ready_session.state
    facts = inspect_model(Path(state.base_model))
    around = examine_machine(project.root, project.versions / state.dataset_version)
    return TrainingPlan(around, around.plan_input(facts.shape, facts.model_type), "small")


def test_the_newest_finished_check_of_this_version_and_base_counts(ready_session: Session) -> None:
    project = ready_session.require_project()
    first = check_of(ready_session)
    scenes.add_check(ready_session, faulty=2)
    project.new_run("learning")
    newest = check_of(ready_session)
    assert newest.run.name > first.run.name
    assert len(newest.preview.unlearnable(64)) == 2
    assert find_check(project, "other", ready_session.state.base_model) is None


def test_a_sound_check(ready_session: Session, plan: TrainingPlan) -> None:
    preview = check_of(ready_session).preview
    assert figures(preview, 64).startswith("120 examples, 1,440 tokens. The model learns 50%")
    assert lost_sentence(preview, 64) == cut_sentence(preview, 64) == ""
    assert no_end_sentence(preview) == ""
    assert longer_limit(plan, preview) is None


def test_what_is_lost_and_cut_is_said_with_its_place(ready_session: Session) -> None:
    scenes.add_check(ready_session, long=2, faulty=1)
    preview = check_of(ready_session).preview
    lost = lost_sentence(preview, 64)
    assert lost.startswith("Nothing can be learned from 2 examples. The first is numbers.jsonl")
    assert "line 2: The answer begins after the cut" in lost
    assert lost_sentence(preview, 5000).endswith("System role not supported.")
    assert cut_sentence(preview, 64).startswith("1 example is longer than 64 tokens and is cut off")


def test_a_longer_limit_comes_with_its_memory(ready_session: Session, plan: TrainingPlan) -> None:
    scenes.add_check(ready_session, long=2)
    preview = check_of(ready_session).preview
    offer = longer_limit(plan, preview)
    assert offer.tokens == 1728, "the longest, in steps of 64"
    assert offer.level == "fits"
    assert "GB" in offer.text
    assert plan.config.max_length < 1728, "nothing is changed yet"


def test_a_template_without_an_end_of_answers(ready_session: Session) -> None:
    scenes.add_check(ready_session, end=False)
    assert "may not know when to stop" in no_end_sentence(check_of(ready_session).preview)


def test_the_plan_takes_the_counted_lengths(ready_session: Session, plan: TrainingPlan) -> None:
    scenes.add_check(ready_session, long=4)
    preview = check_of(ready_session).preview
    estimated = plan.plan_input.data
    counted = measured_size(preview, estimated)
    assert counted.longest_tokens == preview.length_for_all() > estimated.longest_tokens
    assert counted.train_examples == estimated.train_examples
    before = plan.config.max_length
    plan.take_size(counted)
    assert plan.config.max_length > before, "what was cut by an estimate too low is not any more"
    plan.change("max_length", 64)
    plan.take_size(counted)
    assert plan.config.max_length == 64, "what was chosen stays"


def test_what_is_missing_and_what_was_done_are_told_apart() -> None:
    known = preview(notes={"lost_system": 3, "empty_thinking": 5})
    assert missing_sentence(known).endswith("(3 of 6 examples)")
    (done,) = done_sentences(known)
    assert "<think></think>" in done
    assert not missing_sentence(preview())
    assert not done_sentences(preview())


def test_the_plan_counts_the_texts_that_examples_are_learned_in(plan: TrainingPlan) -> None:
    known = preview()
    summary = known.summary.model_copy(
        update={"texts": {"train": 12, "validation": 3}, "text_tokens": {"train": 600}}
    )
    counted = measured_size(replace(known, summary=summary), plan.plan_input.data)
    assert (counted.train_examples, counted.validation_examples) == (12, 3)
    assert counted.mean_tokens == 50
