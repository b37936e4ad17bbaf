"""The judge on made-up courses, and on courses that were recorded in real trainings."""

import json
import math
from pathlib import Path

import pytest

from core.events import TrainStep, Validation
from core.training.monitor.health import Health, row_losses, stopping
from core.training.monitor.history import RowLoss

CURVES = Path(__file__).parent / "curves"


def replay(name):
    """Give a recorded course to the judge; return what it told as (step, level, code)."""
    curve = json.loads((CURVES / f"{name}.json").read_text(encoding="utf-8"))
    health = Health(curve["learning_rate"], curve["warmup_steps"], curve["epoch_steps"])
    checks, told = dict(curve["checks"]), []
    for step in range(len(curve["steps"]) + 1):
        verdicts = []
        if step:
            loss, norm, *examples = curve["steps"][step - 1]
            examples = row_losses(*examples, *[()] * (3 - len(examples)))
            verdicts.append(health.after_step(step, loss, norm, examples))
        if step in checks:
            verdicts.append(health.after_validation(step, checks[step]))
        told += [(step, v.level, v.code.removeprefix("training.")) for v in verdicts if v]
        if told and told[-1][1] == "red":
            break
    return told, len(curve["steps"])


@pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1), (math.inf, 1), (1, math.nan)])
def test_no_number_is_red(loss, norm):
    verdict = Health(2e-3).after_step(5, loss, norm)
    assert (verdict.level, verdict.code) == ("red", "training.not_finite")
    assert verdict.settings == {"learning_rate": 1e-3}
    error = stopping(verdict)
    assert (error.code, error.what, error.todo) == (verdict.code, verdict.text, verdict.todo)


def test_a_validation_that_is_no_number_is_red():
    assert Health().after_validation(0, math.inf).level == "red"


def test_a_verdict_is_told_once():
    health = Health()
    health.after_validation(0, 3.0)
    assert health.after_validation(5, 2.5).code == "training.learning"
    assert health.after_validation(10, 2.0) is None
    assert health.verdict.code == "training.learning"


def test_it_turns_green_again():
    health = Health()
    told = [health.after_validation(n, loss) for n, loss in enumerate([3.0, 2.0])]
    told += [health.after_step(n, 1.2 if n != 20 else 4.7, 1.0) for n in range(1, 60)]
    assert [v.code.removeprefix("training.") for v in told if v] == [
        "learning",
        "spike",
        "learning",
    ]


def test_a_resumed_run_judges_like_the_whole_one():
    def step(number, loss):
        return TrainStep(step=number, total_steps=50, epoch=1, loss=loss, learning_rate=1,
                         grad_norm=1, tokens=1, trained_tokens=1, seconds=1)  # fmt: skip

    def check(number, loss):
        return Validation(step=number, epoch=1, loss=loss, is_best=False)

    events = [check(0, 3.0), check(5, 2.0), check(10, 2.01), check(15, 2.02), step(16, 99.0),
              *(step(n, 2.0) for n in range(1, 17)), check(20, 1.0)]  # fmt: skip
    health = Health()
    health.recall(events, upto=16)
    assert health.base_loss == 3.0
    assert health.after_validation(20, 2.03).code == "training.overfitting"


def test_six_epochs_on_sixty_rows_are_found_early():
    """Best after three epochs at a high rate; found within the next one."""
    told, total = replay("six_epochs_sixty_rows")
    assert [code for _, level, code in told if level != "green"] == ["overfitting"]
    assert told[-1][0] <= 0.75 * total


def test_a_rate_of_a_millionth_is_found_in_the_first_third():
    told, total = replay("rate_1e-6")
    assert [code for _, _, code in told] == ["rate_too_low"]
    assert told[0][0] <= total / 3


def test_a_rate_ten_times_the_seeds_is_stopped_at_once():
    """The sample stands 2e-3 with clipping; at 2e-2 its loss goes from 3.8 to 16.7."""
    told, _total = replay("rate_2e-2")
    assert told[-1][1:] == ("red", "diverged")
    assert told[-1][0] <= 8


@pytest.mark.parametrize("name", sorted(path.stem for path in CURVES.glob("sound_*.json")))
def test_sound_runs_are_left_alone(name):
    told, _total = replay(name)
    assert {level for _, level, _ in told} <= {"green"}, told


def test_two_symptoms_do_not_take_turns():
    health = Health(1e-6)
    told = [health.after_validation(0, 3.0)]
    for step in range(1, 60):
        told.append(health.after_step(step, 3.0, 1.0))
        if step % 3 == 0:
            told.append(health.after_validation(step, 2.99 if step % 2 else 3.3))
    codes = [v.code for v in told if v]
    assert len(codes) <= 3, codes


def test_damaged_rows_are_named_in_the_first_epoch():
    """Eight of 121 answers were replaced by random letters."""
    told, total = replay("damaged_rows")
    step = next(step for step, level, code in told if code == "odd_rows")
    assert step <= 0.3 * total


def test_a_run_whose_early_losses_were_not_told_raises_no_alarm():
    health = Health()
    for step in range(1, 20):
        assert health.after_step(step, 4.5, 1.0, row_losses((step,), (), ())) is None
    for step in range(20, 40):
        assert health.after_step(step, 4.5, 1.0, row_losses((step,), (4.5,), (150,))) is None


def test_more_damaged_rows_are_told_again():
    def practise(step, loss):
        examples = [RowLoss(step, loss, 100)]
        return health.after_step(step, 2.0, 1.0, examples)

    health = Health()
    told = [practise(step, 5.0 if step > 20 else 2.0 + 0.1 * (step % 3)) for step in range(1, 32)]
    assert [len(verdict.rows) for verdict in told if verdict] == [3, 6]
