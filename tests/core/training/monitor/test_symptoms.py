"""Each symptom is found in its course, and not in a sound one."""

import dataclasses
import math

import pytest

from core.training.monitor import symptoms
from core.training.monitor.history import RowLoss
from core.training.monitor.symptoms import SYMPTOMS, RunShape
from tests.core.training.monitor.test_history import course_of, of_usual_examples

PLAN = RunShape(learning_rate=2e-3, epoch_steps=10, warmup_steps=2, base_loss=3.0)
LOW = dataclasses.replace(PLAN, learning_rate=1e-6)


def history(losses, checks=(), norm=1.0, tasks=()):
    made = course_of(losses, norm)
    for number, loss in enumerate(checks):
        by_task = {task: task_losses[number] for task, task_losses in tasks}
        made.add_check(number * 5, loss, by_task)
    return made


def falling(start=3.0, end=1.5, steps=60):
    return [end + (start - end) * math.exp(-n / 12) + 0.2 * math.sin(7 * n) for n in range(steps)]


def told(symptom, *arguments, plan=PLAN, **named):
    verdict = symptom(history(*arguments, **named), plan)
    return verdict.code.removeprefix("training.") if verdict else ""


def test_a_sound_course_is_only_praised():
    sound = history(falling(), [3.0, 2.4, 2.0, 1.9, 1.85, 1.86, 1.84])
    codes = [v.code for symptom in SYMPTOMS if (v := symptom(sound, PLAN))]
    assert codes == ["training.learning"]


@pytest.mark.parametrize(
    ("losses", "checks"),
    [
        ([3.0] * 6 + [7.0] * 8, []),  # from the first steps on
        (falling(3.0, 1.2) + [4.7] * 8, []),  # after it had learned: the seed's 1.2 → 4.7
        ([], [3.0, 4.6]),  # seen at a validation
    ],
)
def test_divergence(losses, checks):
    verdict = symptoms.diverged(history(losses, checks), PLAN)
    assert (verdict.level, verdict.settings) == ("red", {"learning_rate": 5e-4})
    assert "0.0005" in verdict.todo


def test_before_anything_is_known_nothing_diverged():
    unknown = dataclasses.replace(PLAN, base_loss=math.nan)
    assert told(symptoms.diverged, [9.0] * 3, plan=unknown) == ""


def test_instability_comes_before_divergence():
    losses = [*falling(3.0, 1.2), 2.0, 2.1, 2.2, 2.1, 2.3, 2.2, 2.1, 2.2]
    assert told(symptoms.unstable, losses) == "unstable"
    assert told(symptoms.diverged, losses) == ""
    assert told(symptoms.unstable, falling()) == ""


def test_learning_by_heart():
    assert told(symptoms.by_heart, [3.0] * 5 + [0.1] * 8, [3.0, 2.2]) == "memorising"
    # A task that is simply easy is as good on unseen examples.
    assert told(symptoms.by_heart, [3.0] * 5 + [0.1] * 8, [3.0, 0.2]) == ""


def test_overfitting():
    rising = [3.0, 2.0, 2.01, 2.02, 2.03]
    assert told(symptoms.overfitting, falling(), rising) == "overfitting"
    assert told(symptoms.overfitting, falling(), [3.0, 2.0, 2.06, 2.15]) == "overfitting"
    assert told(symptoms.overfitting, falling(), [3.0, 2.0, 2.01, 2.02]) == ""
    assert "risen for 3 checks" in symptoms.overfitting(history(falling(), rising), PLAN).text


def test_only_practice_gains():
    made = history([2.0] * 10)
    for step, loss in ((0, 3.0), (10, 2.0)):
        made.add_check(step, loss, {})
    for step in range(11, 31):
        made.add_step(step, 1.2, 1.0)
    for step, loss in ((15, 2.03), (20, 2.01), (25, 2.02)):
        made.add_check(step, loss, {})
    verdict = symptoms.overfitting(made, PLAN)
    assert "keeps falling, but unseen examples have not improved for 3 checks" in verdict.text
    assert verdict.settings == {"epochs": 1.0}


def test_one_task_overfits():
    tasks = (("summary", [2.0, 1.8, 1.9, 2.0, 2.1]), ("title", [2.0, 1.5, 1.2, 1.0, 0.8]))
    checks = [2.0, 1.7, 1.6, 1.5, 1.45]
    verdict = symptoms.overfitting_task(history(falling(), checks, tasks=tasks), PLAN)
    assert "worse for 3 checks while the others have not: “summary”." in verdict.text


def test_several_tasks_overfit():
    worse, better = [2.0, 1.8, 1.9, 2.0, 2.1], [2.0, 1.5, 1.2, 1.0, 0.8]
    checks = [2.0, 1.7, 1.6, 1.5, 1.45]
    tasks = (("title", worse), ("summary", worse))
    verdict = symptoms.overfitting_task(history(falling(), checks, tasks=tasks), PLAN)
    told = "have got worse for 3 checks"
    assert verdict.text == "Every kind of task has got worse for 3 checks: “summary”, “title”."
    more = history(falling(), checks, tasks=(*tasks, ("other", better)))
    text = symptoms.overfitting_task(more, PLAN).text
    others = "while the others have not: “summary”, “title”."
    assert text == f"Some kinds of task {told} {others}"


def test_a_single_spike():
    once = [1.2] * 20 + [4.7] + [1.2] * 5
    assert told(symptoms.spike, once) == "spike"
    assert symptoms.spike(history(once), PLAN).rows == (21,)


def test_a_few_odd_rows_are_named_and_a_rare_one_is_not():
    made = of_usual_examples()
    assert symptoms.odd_rows(made, PLAN) is None
    for row in (70, 50, 60):
        assert symptoms.odd_rows(made, PLAN) is None
        made.add_step(made.step + 1, 2.0, 1.0, [RowLoss(row, 4.8, 150)])
    verdict = symptoms.odd_rows(made, PLAN)
    assert verdict.rows == (50, 60, 70)
    assert verdict.text.startswith("3 examples look damaged or unlike the rest")
    assert "their training loss is 4.8, against 2.0 for the others" in verdict.text
    made.row_losses = 10_000
    assert symptoms.odd_rows(made, PLAN) is None


def test_a_rate_that_is_too_low():
    flat = [3.0 + 0.3 * math.sin(5 * n) for n in range(20)]
    verdict = symptoms.wrong_rate(history(flat, [3.0, 2.99, 2.985]), LOW)
    assert (verdict.level, verdict.settings) == ("amber", {"learning_rate": 5e-5})
    assert told(symptoms.wrong_rate, flat, [3.0, 2.2], plan=LOW) == ""
    usual = dataclasses.replace(PLAN, learning_rate=5e-5)
    assert told(symptoms.wrong_rate, flat, [3.0, 2.99], plan=usual) == ""  # it gets more time
    patient = symptoms.wrong_rate(history(flat * 3, [3.0, 2.99]), usual)
    assert (patient.code, patient.settings) == ("training.rate_too_low", {"learning_rate": 1.5e-4})


def test_a_rate_that_is_too_high_to_learn():
    verdict = symptoms.wrong_rate(history([3.0] * 20, [3.0, 3.4, 3.3]), PLAN)
    assert (verdict.code, verdict.settings) == ("training.rate_too_high", {"learning_rate": 5e-4})
    assert "0.002 is too high. Retry with 0.0005?" in verdict.todo


def test_gradients():
    assert told(symptoms.no_gradient, [3.0] * 10, norm=0.0) == "no_gradient"
    assert told(symptoms.no_gradient, [3.0] * 10) == ""
    grown = history([3.0] * 30)
    for step in range(31, 39):
        grown.add_step(step, 3.0, 40.0)
    assert symptoms.rough_gradient(grown, PLAN).settings == {"learning_rate": 1e-3}
    assert told(symptoms.rough_gradient, [3.0] * 40) == ""


def test_a_plateau():
    flat = [3.0, 2.0, *[1.9] * 6]
    assert told(symptoms.plateau, falling(), flat) == "plateau"
    assert told(symptoms.plateau, falling(), [3.0 - 0.1 * n for n in range(8)]) == ""


def test_every_verdict_has_a_sentence_and_all_but_praise_an_action():
    made = history([3.0] * 20 + [9.0] * 8, [3.0, 2.0, 2.1, 2.2, 2.3], norm=0.0)
    for symptom in SYMPTOMS:
        if verdict := symptom(made, LOW):
            assert verdict.text.endswith("."), verdict
            assert verdict.level == "green" or verdict.todo, verdict
