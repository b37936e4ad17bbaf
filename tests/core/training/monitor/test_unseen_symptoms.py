"""Verdicts on unseen examples, and all verdicts in a language other than the recorded one.

When each symptom shows is tested in :mod:`tests.core.training.monitor.test_symptoms`.
"""

import pytest

from core.events import Failed, HealthVerdict, Notice, StateChanged, from_line, to_line
from core.language import PSEUDO
from core.training.checkpoints.environment import changed
from core.training.monitor import unseen_symptoms
from core.training.monitor.health import Health, stopping
from core.training.monitor.history import LossHistory, RowLoss, RunShape
from core.training.monitor.symptoms import SYMPTOMS

PLAN = RunShape(learning_rate=1e-3, epoch_steps=8.0, warmup_steps=2, base_loss=3.0)


def course_of(losses, checks=(), tasks=(), norms=1.0):
    """Return a course of these losses by step, and checks spread evenly over it."""
    made = LossHistory()
    every = max(1, len(losses) // max(1, len(checks)))
    left = list(enumerate(checks))
    for step, loss in enumerate(losses, 1):
        made.add_step(step, loss, norms, [RowLoss(step, loss, 100)])
        if left and step % every == 0:
            number, check = left.pop(0)
            made.add_check(step, check, {name: values[number] for name, values in tasks})
    return made


WORSE, BETTER = [2.0, 1.8, 1.9, 2.0, 2.1], [2.0, 1.5, 1.2, 1.0, 0.8]
COURSES = {
    "diverged": course_of([3.0] * 10 + [9.0] * 20),
    "unstable": course_of([3.0] * 10 + [2.0] * 20 + [3.3] * 20),
    "no_gradient": course_of([3.0] * 30, norms=0.0),
    "memorising": course_of([3.0] * 10 + [0.1] * 30, [3.0, 2.0, 1.5]),
    "overfitting": course_of([2.0 - n / 50 for n in range(40)], [2.5, 2.0, 2.1, 2.2, 2.3]),
    "overfitting_task": course_of(
        [2.0] * 40, [2.0, 1.7, 1.6, 1.5, 1.45], (("one", WORSE), ("two", BETTER))
    ),
    "plateau": course_of([2.0] * 40, [2.0] * 8),
    "rate_too_high": course_of([3.0] * 40, [3.0, 2.99, 2.98]),
    "spike": course_of([1.2] * 20 + [4.7] + [1.2] * 5),
    "learning": course_of([2.0] * 20, [3.0, 2.0]),
}


@pytest.mark.parametrize("code", COURSES)
def test_a_verdict_recorded_in_english_is_read_in_another_language(code, monkeypatch):
    made = COURSES[code]
    found = [v for v in (symptom(made, PLAN) for symptom in SYMPTOMS) if v]
    (verdict,) = [v for v in found if v.code == f"training.{code}"]
    line = to_line(verdict)
    assert from_line(line).text == verdict.text and "⟦" not in verdict.text + verdict.todo
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", PSEUDO)
    read = from_line(line)
    assert isinstance(read, HealthVerdict) and read.settings == verdict.settings
    assert read.text.startswith("⟦") and read.text.endswith("⟧")
    assert not verdict.todo or read.todo.startswith("⟦")


def test_a_verdict_given_in_another_language_is_recorded_in_english(monkeypatch):
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", PSEUDO)
    verdict = unseen_symptoms.learning(COURSES["learning"], PLAN)
    assert verdict.text.startswith("⟦")
    assert '"text":"The model is learning: the loss' in to_line(verdict)


def test_a_failure_and_a_notice_are_read_in_another_language(monkeypatch):
    health = Health(1e-3)
    verdict = health.after_step(1, float("nan"), 1.0)
    error = stopping(verdict)
    failed = to_line(Failed(code=error.code, what=error.what, todo=error.todo))
    notice = to_line(changed({"torch": "2.1", "card": ""}, {"torch": "2.2", "card": "RTX 3090"}))
    waits = to_line(StateChanged(state="paused", reason=error.what, by_itself=True))
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", PSEUDO)
    for line, field in ((failed, "what"), (failed, "todo"), (notice, "text"), (waits, "reason")):
        text = getattr(from_line(line), field)
        assert text.startswith("⟦") and text.endswith("⟧"), text
    text = from_line(notice).text
    assert isinstance(from_line(notice), Notice)
    assert "PyTorch: 2.1 → 2.2" in text and "RTX 3090" in text


def test_one_check_is_one_check():
    assert "for 1 check:" in unseen_symptoms._worse_tasks(["a"], 1, of=1)
    assert "for 3 checks:" in unseen_symptoms._worse_tasks(["a", "b"], 3, of=2)
