import os
import time

import pytest
from filelock import FileLock

from core.events import (
    CheckpointSaved,
    Failed,
    Finished,
    Started,
    StateChanged,
    Telemetry,
    TrainStep,
    to_line,
)
from core.jobs import status
from core.jobs.spec import ProofResult
from core.jobs.status import RunState, has_ended, last_event, recent_events, state_of

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


LONG = ProofResult(largest_difference=0, answer="ü" * 5000, ended=True)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (
            Finished(
                outcome="completed",
                result=ProofResult(largest_difference=0, answer="ü" * 5000, ended=True),
            ),
            RunState.DONE,
        ),
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


def told(folder, *events):
    folder.events_file.write_text("".join(map(to_line, events)), encoding="utf-8")


def readings(seconds):
    return [Telemetry(at=n, card="NVIDIA GeForce RTX 3090", power=300.5) for n in range(seconds)]


@pytest.fixture
def parsed(monkeypatch):
    """The lines that were parsed."""
    lines = []
    parse = status.from_line
    monkeypatch.setattr(status, "from_line", lambda line: lines.append(line) or parse(line))
    return lines


STEP_5 = STEP.model_copy(update={"step": 5})
PAUSED = StateChanged(state="paused", reason="You paused the training.")


def test_a_pause_is_known_after_a_night_of_readings(folder, parsed):
    before = (Started(job="train"), STEP, CheckpointSaved(step=1), STEP_5, CheckpointSaved(step=5))
    told(folder, *before, PAUSED, *readings(20_000))
    recent = recent_events(folder)
    assert recent == [STEP_5, CheckpointSaved(step=5), PAUSED, readings(20_000)[-1]]
    assert len(parsed) <= 5, "what lies between is passed over"


def test_the_state_before_the_newest_step_or_start_is_past(folder):
    went_on = StateChanged(state="running")
    told(folder, CheckpointSaved(step=1), PAUSED, went_on, STEP_5, *readings(9))
    assert recent_events(folder) == [CheckpointSaved(step=1), STEP_5, readings(9)[-1]]
    told(folder, CheckpointSaved(step=1), STEP_5, PAUSED, Started(job="train"), *readings(9))
    kinds = [event.kind for event in recent_events(folder)]
    assert kinds == ["checkpoint_saved", "train_step", "started", "telemetry"]


def test_only_the_last_line_is_parsed_for_the_last_event(folder, parsed):
    told(folder, STEP, *readings(5000))
    assert last_event(folder) == readings(5000)[-1]
    assert len(parsed) <= 2


def test_what_comes_after_a_place_can_be_left_out(folder):
    told(folder, STEP)
    size = folder.events_file.stat().st_size
    told(folder, STEP, Finished(outcome="completed"))
    assert recent_events(folder, size) == [STEP]


def test_no_more_than_the_end_of_an_endless_file_is_read(folder, monkeypatch):
    monkeypatch.setattr(status, "_MOST_BYTES", 200_000)
    told(folder, STEP, *readings(5000))
    assert recent_events(folder) == [readings(5000)[-1]]
