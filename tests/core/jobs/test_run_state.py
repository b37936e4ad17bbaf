import os
import time

import pytest
from filelock import FileLock

from core.jobs.events import Failed, Finished, Started, TrainStep, to_line
from core.jobs.run_state import RunState, has_ended, last_event, state_of

STEP = TrainStep(
    step=1, total_steps=9, epoch=0.1, loss=1, learning_rate=1, grad_norm=1, tokens=1,
    trained_tokens=1, seconds=1, rows=tuple(range(9000)),
)  # fmt: skip


def test_what_was_never_started_waits(folder):
    assert state_of(folder) is RunState.WAITING
    assert last_event(folder) is None
    assert not has_ended(state_of(folder))


def test_a_start_without_a_word_is_an_interruption(folder):
    folder.control_file.write_text('{"request": "run"}')
    assert state_of(folder) is RunState.RUNNING, "its child may be on its way"
    long_ago = time.time() - 60
    os.utime(folder.control_file, (long_ago, long_ago))
    assert state_of(folder) is RunState.INTERRUPTED


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Finished(outcome="completed", result={"text": "ü" * 5000}), RunState.DONE),
        (Finished(outcome="stopped"), RunState.STOPPED),
        (Finished(outcome="cancelled"), RunState.STOPPED),
        (Failed(code="a", what="b", todo="c"), RunState.FAILED),
        (Started(job="train"), RunState.INTERRUPTED),
    ],
)
def test_the_last_word_counts(folder, event, state):
    lines = [to_line(STEP), to_line(STEP), to_line(event)]
    folder.events_file.write_text("".join(lines), encoding="utf-8")
    assert state_of(folder) is state
    assert has_ended(state)
    assert last_event(folder) == event
    with FileLock(folder.lock_file):
        assert state_of(folder) is RunState.RUNNING


def test_a_torn_last_line_is_passed_over(folder):
    folder.events_file.write_text(to_line(Finished(outcome="completed")) + '{"kind": "fin')
    assert state_of(folder) is RunState.DONE
