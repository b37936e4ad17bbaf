"""What became of a run, read from its folder alone: the last word of its events, and its lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from core.events import Event, Failed, Finished, from_line
from core.jobs.link import Request, read_request
from core.jobs.supervisor import is_alive
from core.project import RunFolder
from core.storage.ordinary import open_to_read

_BLOCK_BYTES = 65_536
_MOST_BYTES = 32_000_000  # behind a pause lie the readings of a whole night, one a second
_LONGEST_LINE = 8 << 20  # bytes; no event is longer
_BIRTH_SECONDS = 30.0
_CHANGES = ("state_changed", "started")
_TELLING = {
    kind: f'"kind":"{kind}"'.encode() for kind in ("train_step", "checkpoint_saved", *_CHANGES)
}

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
        "job.ended",
    }
)
"""Failures after which the same run can simply continue, once you have done what was asked."""


class RunState(StrEnum):
    """The states of a run.

    ``INTERRUPTED``: its child is gone without a last word (killed, power cut), or its last word was
    that something outside must be fixed first (lost card, full disk); it can be resumed.
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
    events = map(_event, _lines_backwards(run.events_file))
    return next((event for event in events if event is not None), None)


def recent_events(run: RunFolder, size: int | None = None) -> list[Event]:
    """Return by what is known how a run stands, in the order in which it was told.

    These are the last event, the newest step, the newest checkpoint, and what changed the state
    since that step. Readings between them are passed over unread.

    Args:
        size: only this many bytes of the file count; by default all.
    """
    found: list[Event] = []
    missing = dict(_TELLING)
    for line in _lines_backwards(run.events_file, size):
        if found and not any(mark in line for mark in missing.values()):
            continue
        event = _event(line)
        if event is None:
            continue
        found.append(event)
        missing.pop(event.kind, None)
        if event.kind in (*_CHANGES, "train_step"):  # the state before it is past
            missing = {kind: mark for kind, mark in missing.items() if kind not in _CHANGES}
        if not missing:
            break
    return found[::-1]


def _event(line: bytes) -> Event | None:
    return from_line(line.decode("utf-8", "replace"))


def _lines_backwards(path: Path, size: int | None = None) -> Iterator[bytes]:
    """Yield the lines of the end of a file, the last one first; none where there is no file.

    They end before a line that is too long for an event.
    """
    with suppress(OSError), open_to_read(path) as stream:
        end = stream.seek(0, 2) if size is None else size
        least, first = max(0, end - _MOST_BYTES), b""
        while end > least:
            begin = max(least, end - _BLOCK_BYTES)
            stream.seek(begin)
            first, *lines = (stream.read(end - begin) + first).split(b"\n")
            yield from reversed(lines)
            if len(first) > _LONGEST_LINE:
                return
            end = begin
        yield first
