from __future__ import annotations

import time

import pytest

from core.events import (
    Failed,
    Finished,
    HealthVerdict,
    Notice,
    Progress,
    SampleAnswer,
    Started,
    StateChanged,
    Telemetry,
    TrainStep,
    Validation,
)
from core.hardware.system.energy import Usage
from core.jobs.exit_diagnosis import RESUME_TODO
from core.jobs.interrupted import goes_on_after
from core.language import PSEUDO, _
from gui.training.view_model import TrainingStory
from tests.gui.scenes import training_events


def step(number: int, loss: float = 1.0, total: int = 100, **values: object) -> TrainStep:
    defaults = {
        "epoch": number / total,
        "learning_rate": 1e-4,
        "grad_norm": 1.0,
        "tokens": 1000,
        "trained_tokens": 500,
        "seconds": 2.0,
        "at": 2.0 * number,
    }
    return TrainStep(step=number, total_steps=total, loss=loss, **(defaults | values))


def check(number: int, loss: float) -> Validation:
    return Validation(step=number, epoch=0, loss=loss, is_best=False)


def told(*events: object) -> TrainingStory:
    story = TrainingStory()
    for event in events:
        story.take(event)  # type: ignore[arg-type]
    return story


def test_steps_and_checks_become_lines_with_the_best_point() -> None:
    story = told(*training_events(60, 60))
    assert list(story.raw.x) == [float(n) for n in range(1, 61)]
    assert story.checks.x[0] == 0
    assert story.best == (60, min(story.checks.y))
    assert story.step == story.total_steps == 60


def test_the_smoothed_line_wobbles_less_than_the_raw_one() -> None:
    story = told(*(step(n, 1.0 + (n % 2), total=1000) for n in range(1, 200)))
    late = list(story.smoothed.y)[100:]
    assert max(late) - min(late) < 0.1
    assert abs(sum(late) / len(late) - 1.5) < 0.1


def test_resuming_drops_what_is_done_again() -> None:
    story = told(*training_events(50, 100), Failed(code="x", what="Killed.", todo="Resume."))
    story.take(Started(job="train"))
    assert len(story.raw.x) == 50, "nothing is known of the checkpoint yet"
    story.take(Started(job="train", resumed_from_step=30, at=2.0))
    assert story.raw.x[-1] == 30
    assert max(story.checks.x) <= 30
    assert all(answer.step <= 30 for answer in story.answers)
    assert story.best is not None
    assert story.best[0] <= 30
    assert story.ending is None


def test_a_step_that_comes_again_replaces_the_later_ones() -> None:
    story = told(*training_events(50, 100), Started(job="train"), step(41, loss=9.0))
    assert story.raw.x[-1] == 41
    assert story.raw.y[-1] == 9.0
    assert story.step == 41


def test_time_and_energy_go_on_over_a_resume() -> None:
    story = told(
        Started(job="train"),
        Telemetry(card="c", temperature=50, energy=100.0, at=60.0),
        Started(job="train", at=0.0),
        Started(job="train", resumed_from_step=1, at=1.0),
        Telemetry(card="c", temperature=60, energy=40.0, at=30.0),
    )
    assert list(story.temperature.x) == [1.0, 1.5]
    assert story.energy() == Usage(140.0, 90.0)


def test_a_reading_is_old_when_other_news_are_much_newer() -> None:
    story = told(Telemetry(card="c", temperature=50, at=100.0))
    story.take(Notice(code="x", text="x", at=109.0))
    assert story.reading() is story.telemetry
    assert not story.is_unprotected()
    story.take(Notice(code="x", text="x", at=111.0))
    assert story.reading() is None
    assert story.is_unprotected()
    story.take(Finished(outcome="completed", at=200.0))
    assert story.reading() is story.telemetry, "nothing more is expected"
    assert not story.is_unprotected()


def test_a_card_without_a_temperature_is_not_protected_and_the_processor_needs_no_protection() -> (
    None
):
    assert told(Telemetry(cards=1)).is_unprotected()
    assert told(Telemetry(cards=1, card="c")).is_unprotected()
    assert not told(Telemetry(cards=1, card="c", temperature=50)).is_unprotected()
    assert not told(Telemetry(cpu_percent=3.0)).is_unprotected()
    assert not told().is_unprotected()


def test_no_energy_is_claimed_without_a_reading() -> None:
    assert told(Started(job="train")).energy() is None
    assert told(Telemetry(cpu_percent=3.0)).energy() is None


def test_the_time_left_is_what_the_job_measured() -> None:
    story = told(step(1))
    assert story.seconds_left() is None
    story.take(step(2, seconds_left=80.0))
    assert story.seconds_left() == 80.0
    story.take(StateChanged(state="paused", reason="You paused the training."))
    assert story.seconds_left() is None
    assert story.verdict() == ("warning", "You paused the training.")


def test_speed_is_tokens_by_seconds_over_the_last_steps() -> None:
    slow = [step(n, seconds=10.0) for n in range(1, 30)]
    fast = [step(n, seconds=1.0) for n in range(30, 60)]
    assert told(*slow, *fast).tokens_per_second() == 1000.0
    assert told().tokens_per_second() is None


def test_numbers_that_are_none_are_not_drawn() -> None:
    story = told(step(1, float("nan")), step(2, float("inf")), check(2, float("nan")))
    assert not len(story.raw)
    assert not len(story.checks)
    assert story.best is None


def verdict(*events: object) -> tuple[str, str]:
    return told(*events).verdict()


def test_verdicts_while_it_runs() -> None:
    assert verdict() == ("neutral", "Getting ready …")
    assert verdict(Progress(phase="Loading the base model"))[1] == "Loading the base model …"
    assert "wobbles" in verdict(step(1))[1]
    assert "No gain" in verdict(check(0, 1.0), step(1), check(1, 1.5))[1]
    tone, text = verdict(check(0, 2.31), step(1), check(1, 1.12))
    assert tone == "good"
    assert "2.31 to 1.12" in text


def test_the_judge_of_the_training_is_quoted() -> None:
    amber = HealthVerdict(
        level="amber", code="training.rate_too_low", step=9, text="Hardly anything.", todo="Retry?"
    )
    green = amber.model_copy(update={"level": "green"})
    story = told(check(0, 2.0), step(1), check(1, 1.0), step(9), amber)
    assert story.verdict() == ("warning", "Hardly anything. Retry?")
    assert told(check(0, 2.0), step(1), check(1, 1.0), amber, green).verdict()[0] == "good"
    story.take(Started(job="train", resumed_from_step=8))
    story.take(step(9))
    assert story.verdict()[0] == "good"


def test_verdicts_at_the_end() -> None:
    done = Finished(outcome="completed")
    assert "complete" in verdict(check(8, 0.5), done)[1]
    assert "step 8, loss 0.500" in verdict(check(8, 0.5), done)[1]
    assert "stopped" in verdict(Finished(outcome="stopped"))[1]
    assert "nothing of it was kept" in verdict(Finished(outcome="cancelled"))[1]
    failed = Failed(code="job.killed", what="It was killed.", todo="Press Resume.")
    assert verdict(failed) == ("problem", "It was killed. Press Resume.")
    paused = StateChanged(state="paused", reason="You paused the training.")
    assert verdict(step(1), paused) == ("warning", "You paused the training.")
    held = StateChanged(state="paused", reason="The disk is full.", by_itself=True)
    assert verdict(step(1), held) == ("warning", "The disk is full. The run resumes automatically.")


def test_answers_and_notices_are_kept_in_order() -> None:
    story = told(
        SampleAnswer(step=0, question="q", answer="a"),
        Notice(code="x", text="one"),
        SampleAnswer(step=5, question="q", answer="b"),
        Notice(code="y", text="two"),
    )
    assert [answer.answer for answer in story.answers] == ["a", "b"]
    assert [notice.text for notice in story.notices] == ["one", "two"]


def test_measures_by_step_and_by_minute_are_kept() -> None:
    story = told(
        step(1, grad_norm=0.5, learning_rate=1e-4),
        step(2, grad_norm=float("inf"), learning_rate=2e-4, seconds=0.0),
        Telemetry(card="c", power=300.0, at=90.0),
    )
    assert list(story.learning_rate.y) == [1e-4, 2e-4]
    assert list(story.grad_norm.x) == [1]
    assert list(story.speed.y) == [500.0]
    assert (list(story.power.x), list(story.power.y)) == ([1.5], [300.0])
    story.take(Started(job="train", resumed_from_step=1))
    assert list(story.learning_rate.x) == [1]


def test_keeping_awake_is_a_state_and_no_passing_notice() -> None:
    story = told(Notice(code="awake.on", text="It stays awake."), Notice(code="x", text="one"))
    assert story.awake is not None
    assert [notice.code for notice in story.notices] == ["x"]


def test_a_hundred_thousand_steps_are_taken_quickly() -> None:
    events = [step(n, total=100_000) for n in range(1, 100_001)]
    began = time.process_time()
    story = told(*events)
    assert time.process_time() - began < 5
    assert len(story.raw.x) == 100_000


def test_a_training_that_gained_nothing_is_not_called_good() -> None:
    first = Validation(step=0, epoch=0.0, loss=1.854, is_best=True)
    tone, text = told(first, step(1), Finished(outcome="stopped")).verdict()
    assert tone == "warning"
    assert "Nothing it learned was better than the base model" in text


def test_where_a_run_resumes_is_named_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", PSEUDO)
    todo = _(RESUME_TODO)
    assert todo != RESUME_TODO
    said = verdict(Failed(code="job.killed", what="It was killed.", todo=todo))[1]
    assert str(goes_on_after(0)) in said
    assert todo not in said
