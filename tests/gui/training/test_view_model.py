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
from core.jobs.spec import TrainingFacts
from core.language import PSEUDO, _
from gui.training.view_model import TrainingViewModel
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


def told(*events: object) -> TrainingViewModel:
    view_model = TrainingViewModel()
    for event in events:
        view_model.take(event)  # type: ignore[arg-type]
    return view_model


def test_steps_and_checks_become_lines_with_the_best_point() -> None:
    view_model = told(*training_events(60, 60))
    assert list(view_model.raw.x) == [float(n) for n in range(1, 61)]
    assert view_model.checks.x[0] == 0
    assert view_model.best == (60, min(view_model.checks.y))
    assert view_model.step == view_model.total_steps == 60


def test_the_smoothed_line_wobbles_less_than_the_raw_one() -> None:
    view_model = told(*(step(n, 1.0 + (n % 2), total=1000) for n in range(1, 200)))
    late = list(view_model.smoothed.y)[100:]
    assert max(late) - min(late) < 0.1
    assert abs(sum(late) / len(late) - 1.5) < 0.1


def test_resuming_drops_what_is_done_again() -> None:
    view_model = told(*training_events(50, 100), Failed(code="x", what="Killed.", todo="Resume."))
    view_model.take(Started(job="train"))
    assert len(view_model.raw.x) == 50, "nothing is known of the checkpoint yet"
    view_model.take(Started(job="train", resumed_from_step=30, at=2.0))
    assert view_model.raw.x[-1] == 30
    assert max(view_model.checks.x) <= 30
    assert all(answer.step <= 30 for answer in view_model.answers)
    assert view_model.best is not None
    assert view_model.best[0] <= 30
    assert view_model.ending is None


def test_a_step_that_comes_again_replaces_the_later_ones() -> None:
    view_model = told(*training_events(50, 100), Started(job="train"), step(41, loss=9.0))
    assert view_model.raw.x[-1] == 41
    assert view_model.raw.y[-1] == 9.0
    assert view_model.step == 41


def test_time_and_energy_go_on_over_a_resume() -> None:
    view_model = told(
        Started(job="train"),
        Telemetry(card="c", temperature=50, energy=100.0, at=60.0),
        Started(job="train", at=0.0),
        Started(job="train", resumed_from_step=1, at=1.0),
        Telemetry(card="c", temperature=60, energy=40.0, at=30.0),
    )
    assert list(view_model.temperature.x) == [1.0, 1.5]
    assert view_model.energy() == Usage(140.0, 90.0)


def test_a_reading_is_old_when_other_news_are_much_newer() -> None:
    view_model = told(Telemetry(card="c", temperature=50, at=100.0))
    view_model.take(Notice(code="x", text="x", at=109.0))
    assert view_model.reading() is view_model.telemetry
    assert not view_model.is_unprotected()
    view_model.take(Notice(code="x", text="x", at=111.0))
    assert view_model.reading() is None
    assert view_model.is_unprotected()
    view_model.take(Finished(outcome="completed", at=200.0))
    assert view_model.reading() is view_model.telemetry, "nothing more is expected"
    assert not view_model.is_unprotected()


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
    view_model = told(step(1))
    assert view_model.seconds_left() is None
    view_model.take(step(2, seconds_left=80.0))
    assert view_model.seconds_left() == 80.0
    view_model.take(StateChanged(state="paused", reason="You paused the training."))
    assert view_model.seconds_left() is None
    assert view_model.verdict() == ("neutral", "You paused the training.")


def test_speed_is_tokens_by_seconds_over_the_last_steps() -> None:
    slow = [step(n, seconds=10.0) for n in range(1, 30)]
    fast = [step(n, seconds=1.0) for n in range(30, 60)]
    assert told(*slow, *fast).tokens_per_second() == 1000.0
    assert told().tokens_per_second() is None


def test_numbers_that_are_none_are_not_drawn() -> None:
    view_model = told(step(1, float("nan")), step(2, float("inf")), check(2, float("nan")))
    assert not len(view_model.raw)
    assert not len(view_model.checks)
    assert view_model.best is None


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
    view_model = told(check(0, 2.0), step(1), check(1, 1.0), step(9), amber)
    assert view_model.verdict() == ("warning", "Hardly anything. Retry?")
    assert told(check(0, 2.0), step(1), check(1, 1.0), amber, green).verdict()[0] == "good"
    view_model.take(Started(job="train", resumed_from_step=8))
    view_model.take(step(9))
    assert view_model.verdict()[0] == "good"


def test_verdicts_at_the_end() -> None:
    done = Finished(outcome="completed")
    assert "complete" in verdict(check(8, 0.5), done)[1]
    assert "step 8, loss 0.500" in verdict(check(8, 0.5), done)[1]
    assert "stopped" in verdict(Finished(outcome="stopped"))[1]
    assert "nothing of it was kept" in verdict(Finished(outcome="cancelled"))[1]
    failed = Failed(code="job.killed", what="It was killed.", todo="Press Resume.")
    assert verdict(failed) == ("problem", "It was killed. Press Resume.")
    paused = StateChanged(state="paused", reason="You paused the training.")
    assert verdict(step(1), paused) == ("neutral", "You paused the training.")
    held = StateChanged(state="paused", reason="The disk is full.", by_itself=True)
    assert verdict(step(1), held) == ("warning", "The disk is full. The run resumes automatically.")


def test_answers_and_notices_are_kept_in_order() -> None:
    view_model = told(
        SampleAnswer(step=0, question="q", answer="a"),
        Notice(code="x", text="one"),
        SampleAnswer(step=5, question="q", answer="b"),
        Notice(code="y", text="two"),
    )
    assert [answer.answer for answer in view_model.answers] == ["a", "b"]
    assert [notice.text for notice in view_model.notices] == ["one", "two"]


def test_measures_by_step_and_by_minute_are_kept() -> None:
    view_model = told(
        step(1, grad_norm=0.5, learning_rate=1e-4),
        step(2, grad_norm=float("inf"), learning_rate=2e-4, seconds=0.0),
        Telemetry(card="c", power=300.0, at=90.0),
    )
    assert list(view_model.learning_rate.y) == [1e-4, 2e-4]
    assert list(view_model.grad_norm.x) == [1]
    assert list(view_model.speed.y) == [500.0]
    assert (list(view_model.power.x), list(view_model.power.y)) == ([1.5], [300.0])
    view_model.take(Started(job="train", resumed_from_step=1))
    assert list(view_model.learning_rate.x) == [1]


def test_keeping_awake_is_a_state_and_no_passing_notice() -> None:
    view_model = told(Notice(code="awake.on", text="It stays awake."), Notice(code="x", text="one"))
    assert view_model.awake is not None
    assert [notice.code for notice in view_model.notices] == ["x"]


def test_a_hundred_thousand_steps_are_taken_quickly() -> None:
    events = [step(n, total=100_000) for n in range(1, 100_001)]
    began = time.process_time()
    view_model = told(*events)
    assert time.process_time() - began < 5
    assert len(view_model.raw.x) == 100_000


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


def test_how_long_it_took_is_said_as_in_the_library() -> None:
    facts = TrainingFacts.model_construct(seconds=118.0)
    view_model = told(step(1), Finished(outcome="completed", at=190.0))
    assert view_model.seconds() == 190.0, "nothing else is known"
    view_model.ending = Finished.model_construct(outcome="completed", result=facts, at=190.0)
    assert view_model.seconds() == 118.0
