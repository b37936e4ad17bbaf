"""What became of a run, read from its folder alone: the last word of its events, and its lock."""

from __future__ import annotations

import time
from contextlib import suppress
from enum import StrEnum

from core.jobs.events import Event, Failed, Finished, from_line
from core.jobs.link import Request, read_request
from core.jobs.supervisor import is_alive
from core.project import RunFolder

_LAST_WORDS_BYTES = 65_536  # the last event holds the facts of the run, or a traceback
_BIRTH_SECONDS = 30.0


MENDED_OUTSIDE = frozenset(
    {
        "card.lost",
        "card.unreachable",
        "card.memory_fault",
        "card.error",
        "training.card_lost",
        "disk.full",
        "disk.error",
        "disk.no_permission",
    }
)
"""Failures after which the same run can simply go on, once the person has done what was asked."""


class RunState(StrEnum):
    """The states of a run.

    ``INTERRUPTED``: its child is gone without a last word (killed, power cut), or its last word was
    that something outside must be mended first (lost card, full disk); it can be resumed.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


_ENDED = frozenset({RunState.DONE, RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED})
_OUTCOMES = {
    "completed": RunState.DONE,
    "stopped": RunState.STOPPED,
    "cancelled": RunState.STOPPED,
}


def has_ended(state: RunState) -> bool:
    """Return whether no child works on it any more."""
    return state in _ENDED


def state_of(run: RunFolder) -> RunState:
    """Return what became of ``run``; reads the end of its events only."""
    if is_running(run):
        return RunState.RUNNING
    if not run.control_file.exists() and not run.events_file.exists():
        return RunState.WAITING
    last = last_event(run)
    if isinstance(last, Finished):
        return _OUTCOMES[last.outcome]
    failed = isinstance(last, Failed) and last.code not in MENDED_OUTSIDE
    return RunState.FAILED if failed else RunState.INTERRUPTED


def is_running(run: RunFolder) -> bool:
    """Return whether a child works on it, or was started a moment ago."""
    return is_alive(run) or _is_being_born(run)


def _is_being_born(run: RunFolder) -> bool:
    """Whether a child was started a moment ago and has not said its first word yet."""
    try:
        asked = run.control_file.stat().st_mtime
    except OSError:
        return False
    if not 0 <= time.time() - asked < _BIRTH_SECONDS:
        return False
    with suppress(OSError):
        if run.events_file.stat().st_mtime >= asked:
            return False
    return read_request(run.control_file) is Request.RUN


def last_event(run: RunFolder) -> Event | None:
    """Return the last whole event that a run told, ``None`` if there is none."""
    events = recent_events(run)
    return events[-1] if events else None


def recent_events(run: RunFolder) -> list[Event]:
    """Return what a run told last: the events in the last 64 KiB of its file."""
    try:
        with run.events_file.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - _LAST_WORDS_BYTES))
            lines = stream.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return []
    found = (from_line(line) for line in lines)
    return [event for event in found if event is not None]
