import math

import pytest

from core import events
from core.events import Failed, Finished, Notice, TrainStep, Validation, from_line, to_line
from core.jobs.spec import QueueResult


@pytest.mark.parametrize(
    "event",
    [
        Notice(code="a.b", text="Ein Satz mit ü und\nZeile", todo="Weiter."),
        Validation(step=3, epoch=0.25, loss=1.5, is_best=True),
        TrainStep(
            step=1,
            total_steps=2,
            epoch=0.1,
            loss=float("inf"),
            learning_rate=1e-4,
            grad_norm=0.5,
            tokens=10,
            trained_tokens=4,
            seconds=0.1,
            rows=(3, 1),
        ),
    ],
)
def test_an_event_survives_its_line(event):
    line = to_line(event)
    assert line.count("\n") == 1
    assert from_line(line) == event


def test_nan_is_told_as_nan():
    event = Validation(step=1, epoch=0.1, loss=math.nan, is_best=False)
    assert math.isnan(from_line(to_line(event)).loss)


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"kind":"unknown"}', '{"kind":"validation"}'])
def test_foreign_lines_are_no_events(line):
    assert from_line(line) is None


def test_newer_fields_are_ignored():
    assert from_line('{"kind":"started","job":"train","new_field":1}') == events.Started(
        job="train"
    )


def test_texts_without_end_are_cut_and_numbers_without_sense_are_no_event():
    failed = from_line(to_line(Failed(code="x", what="w" * 10**6, todo="t", details="d" * 10**7)))
    assert len(failed.what) < 3000
    assert len(failed.details) < 200_000
    assert from_line(f'{{"kind":"checkpoint_saved","step":{10**30}}}') is None
    assert from_line('{"kind":"checkpoint_saved","step":-1}') is None
    assert from_line('{"kind":"progress","phase":"x","at":1e999}') is None
    assert from_line('{"kind":"queue_moved","run":"../x","state":"done"}') is None
    assert from_line('{"kind":"finished","outcome":"completed","result":' + '{"a":' * 9999) is None


def test_a_result_is_read_as_the_type_of_its_job():
    event = Finished(outcome="completed", result=QueueResult(runs={"train-001": "done"}))
    assert event.job == "queue"
    assert from_line(to_line(event)) == event


def test_a_result_of_an_earlier_version_is_of_the_job_that_began():
    line = '{"kind":"finished","outcome":"completed","result":{"runs":{"a":"done"}}}'
    assert from_line(line, "queue").result == QueueResult(runs={"a": "done"})
    assert from_line(line).result is None
    assert from_line(line, "from the future").result is None


def test_a_failed_job_becomes_an_error_with_its_own_or_another_next_step():
    failed = Failed(code="a.b", what="It rained.", todo="Wait.", details="wet")
    error = failed.as_error()
    assert (error.code, error.what, error.todo, error.details) == (
        "a.b",
        "It rained.",
        "Wait.",
        "wet",
    )
    assert failed.as_error("Go in.").todo == "Go in."
