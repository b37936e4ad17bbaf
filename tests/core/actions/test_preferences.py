"""Learning from ratings through real child processes."""

import pytest

from core import wizard
from core.actions.preferences import (
    enqueue_lesson,
    learn_from_ratings,
    lesson_config,
    prepare_lesson,
    ready_lesson,
)
from core.actions.training import train_from_adapter
from core.commands.terminal import run_job
from core.config.training import load_config
from core.errors import UserFacingError
from core.jobs.spec import training_params
from core.project import Project
from core.queue.entries import load_queue
from core.training.preferences.judgement import read_judgements
from core.training.preferences.questions import question_hash
from tests.core.preferences.rated import rate_numbers

QUICK = {"max_steps": 4, "learning_rate": 5e-3, "sample_answers": False}


def test_a_fine_tune_learns_from_ratings_and_knows_the_questions(own_copy):
    rate_numbers(own_copy, "train-001", 24)
    lesson = prepare_lesson(own_copy, values=QUICK)
    assert lesson.run.name == "train-001" and 0 < lesson.seconds.low < lesson.seconds.high
    facts = learn_from_ratings(own_copy, lesson, run_job=run_job)
    assert facts.preferences and facts.learned and facts.more_of == "train-001"
    assert facts.best_loss < facts.base_loss
    assert set(facts.judged_questions) == {
        question_hash(f"What comes after {n}?") for n in range(3, 240, 10)
    }
    assert wizard.load_state(own_copy).training_run == "train-002"
    assert own_copy.run("train-002").reference_file.is_file()
    more = train_from_adapter(own_copy, "train-002", {"max_steps": 1}, run_job=run_job)
    assert more.judged_questions == facts.judged_questions and not more.preferences


def test_it_waits_in_the_queue_like_any_run(own_copy):
    rate_numbers(own_copy, "train-001", 24)
    name = enqueue_lesson(own_copy, prepare_lesson(own_copy))
    (item,) = load_queue(own_copy)
    assert (item.run, item.title) == (name, "From your ratings")
    params = training_params(own_copy.run(name))
    assert params.more_of == "train-001"
    judgements = read_judgements(own_copy.run(name), params.preferences.judgements)
    assert len(judgements) == 24 and 3 <= sum(one.held_out for one in judgements) <= 4


def test_too_little_is_refused_before_a_run_is_made(own_copy):
    rate_numbers(own_copy, "train-001", 19)
    lesson = prepare_lesson(own_copy)
    with pytest.raises(UserFacingError) as refusal:
        ready_lesson(own_copy, lesson)
    assert refusal.value.code == "preferences.too_few"
    assert not own_copy.has_run("train-002")


def test_without_a_fine_tune_there_is_nothing_to_begin_with(tmp_path):
    with pytest.raises(UserFacingError) as refusal:
        prepare_lesson(Project.create(tmp_path / "p"))
    assert refusal.value.code == "preferences.no_run"


def test_its_settings_are_gentle_and_keep_the_adapters_shape(walked):
    run = walked.project.run("train-001")
    before = load_config(run.config_file)
    config = lesson_config(run, 100, {})
    assert config.learning_rate == pytest.approx(before.learning_rate / 10)
    assert (config.rank, config.dropout, config.effective_batch) == (before.rank, 0.0, 8)
    epochs = [lesson_config(run, count, {}).epochs for count in (20, 300, 5000)]
    assert epochs == [3.0, 2.0, 1.0]
    with pytest.raises(UserFacingError) as refusal:
        lesson_config(run, 100, {"rank": 64})
    assert refusal.value.code == "more.fixed"
