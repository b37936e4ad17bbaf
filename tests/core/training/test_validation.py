"""What a check keeps, tells and condemns; when patience ends; how long an answer counts."""

import dataclasses

import pytest

from core.chat.everyday import early_questions, right_rows
from core.errors import UserFacingError
from core.events import HealthVerdict, Notice, TrainStep, Validation
from core.jobs.link import Request
from core.storage.files import write_json
from core.training import loop, validation
from core.training.loop import train_steps
from core.training.resumption import resume
from core.training.validation import patience_is_over
from tests.core.training.conftest import TINY, same, told


def test_a_state_that_a_check_condemns_is_no_checkpoint(make_run):
    run = make_run()
    red = HealthVerdict(level="red", code="training.diverged", step=2, text="It burst.", todo="")
    judge = run.health.after_validation

    def after_validation(step, loss, by_task):
        return red if step == 2 else judge(step, loss, by_task)

    run.health.after_validation = after_validation
    with pytest.raises(UserFacingError) as end:
        train_steps(run)
    assert end.value.code == "training.diverged"
    assert told(run, Validation)[-1].step == 2
    assert run.checkpoints.steps()[-1] == 1
    assert told(run, HealthVerdict)[-1].text == "It burst."


def test_early_stop_waits_for_its_patience(make_run, monkeypatch):
    losses = iter([5.0, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7])
    monkeypatch.setattr(validation, "validation_losses", lambda _run: (next(losses), {}, ()))
    run = make_run(config=TINY.with_values({"epochs": 2.0, "patience_epochs": 0.5}))
    assert train_steps(run) is Request.RUN
    assert run.position.best_step == 1
    assert run.position.step == 3  # two checks of a quarter epoch without gain
    assert [n.code for n in told(run, Notice)] == ["training.early_stop"]


def test_a_resumed_run_is_as_patient(make_run, monkeypatch):
    losses = iter([5.0, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7])
    monkeypatch.setattr(validation, "validation_losses", lambda _run: (next(losses), {}, ()))
    config = TINY.with_values({"epochs": 2.0, "patience_epochs": 0.5})
    first = make_run(config=config)
    check = validation.validate

    def check_and_stop(run):
        check(run)
        if run.position.step == 2:
            write_json(run.link.folder.control_file, {"request": "stop"})

    monkeypatch.setattr(loop, "validate", check_and_stop)
    assert train_steps(first) is Request.STOP
    write_json(first.link.folder.control_file, {"request": "run"})
    second = make_run(config=config)
    resume(second)
    assert train_steps(second) is Request.RUN
    assert second.position.step == 3  # as test_early_stop_waits_for_its_patience without a stop


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 7, 8, 9, 12])
@pytest.mark.parametrize("batch", [1, 8, 32])
def test_patience_never_ends_before_steps_have_followed_the_best(make_run, rows, batch):
    values = {"effective_batch": batch, "epochs": 3.0, "patience_epochs": 0.5}
    run = make_run(config=TINY.with_values({**values, "max_steps": 4}), rows=rows)
    assert not patience_is_over(run.__class__(**_at(run, step=0, best_step=0)))
    assert not patience_is_over(run.__class__(**_at(run, step=1, best_step=0)))
    assert train_steps(run) is Request.RUN
    assert run.position.step >= 2
    assert run.position.best_step > 0


def _at(run, **where):
    fields = {f.name: getattr(run, f.name) for f in dataclasses.fields(run) if f.init}
    return {**fields, "position": run.position.model_copy(update=where)}


class Writes:
    """Answers with a number of words in ten seconds; a word is a token."""

    expected = ""

    now = 0.0

    def __init__(self, words):
        self.words = words

    def sample(self):
        Writes.now += 10
        return "What?", "word " * self.words

    @staticmethod
    def tokenizer(text):
        return {"input_ids": text.split()}


def test_an_answer_longer_than_the_examples_does_not_make_later_checks_look_slow(
    make_run, monkeypatch
):
    run = make_run()
    monkeypatch.setattr(validation.time, "monotonic", lambda: Writes.now)
    usual = sum(run.train.trained) / len(run.train)
    assert validation._sample_answer(run, Writes(round(usual / 2))) == 0.0
    beyond = validation._sample_answer(run, Writes(round(4 * usual)))
    assert beyond == pytest.approx(10 * (1 - usual / (round(4 * usual) + 1)))


def test_the_best_adapter_stays_until_the_next_one_is_whole(make_run, monkeypatch):
    run = make_run()
    validation.validate(run)
    assert run.best.steps() == [0]
    worse = {"step": 1, "best_loss": float("inf")}  # so that the next check is the best
    run.position = run.position.model_copy(update=worse)

    def full(*_):
        raise UserFacingError("disk.full", "The disk is full.", "Free some space.")

    monkeypatch.setattr(validation, "save_adapter", full)
    write_json(run.link.folder.control_file, {"request": "stop"})
    with pytest.raises(UserFacingError):
        validation.validate(run)
    assert [step for step, _ in run.best.newest_whole()] == [0]


def test_dropout_is_off_in_a_check_and_on_afterwards(make_run, monkeypatch):
    run, seen = make_run(config=TINY.with_values({"dropout": 0.3})), []
    real = validation._unseen_loss

    def unseen_loss(*arguments):
        seen.append(run.model.training)
        return real(*arguments)

    monkeypatch.setattr(validation, "_unseen_loss", unseen_loss)
    run.model.train()
    losses = [validation.validation_loss(run) for _ in range(2)]
    assert seen == [False, False]
    assert losses[0] == losses[1]
    assert run.model.training


def test_a_check_looks_at_everyday_answers_and_learns_the_same(make_run, tokenizer):
    plain, looked = make_run("plain"), make_run("looked")
    looked.everyday = right_rows(tokenizer, early_questions())
    for run in (plain, looked):
        assert train_steps(run) is Request.RUN
    assert [step.loss for step in told(plain, TrainStep)] == [
        step.loss for step in told(looked, TrainStep)
    ]
    assert [check.loss for check in told(plain, Validation)] == [
        check.loss for check in told(looked, Validation)
    ]
    assert same(plain, looked)
    assert all(check.everyday is None for check in told(plain, Validation))
    seen = [check.everyday for check in told(looked, Validation)]
    assert len(set(seen)) > 1, "the model changes, so what it makes of them does"
    assert all(value > 0 for value in seen)
