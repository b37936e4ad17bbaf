"""Jobs in the terminal: start one, show its events as bars or JSON lines, give its result."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from core.errors import UserFacingError
from core.jobs.events import (
    Event,
    Failed,
    Finished,
    HealthVerdict,
    Notice,
    SampleAnswer,
    TrainStep,
    Transfer,
    Validation,
    to_line,
)
from core.jobs.events import Progress as PhaseProgress
from core.jobs.link import Request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder

# Bars and sentences go to standard error, so that standard output holds only what was asked for.
CONSOLE = Console(stderr=True, highlight=False)
_STOPPING = "Stopping at the next step and keeping the best so far"
_MB = 1_000_000


def say(text: str) -> None:
    """Print one plain sentence for the person."""
    CONSOLE.print(text, markup=False, soft_wrap=True)  # a broken path cannot be copied


def write_document(value: Any) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    sys.stdout.flush()


def run_job(
    folder: RunFolder,
    kind: str,
    params: dict[str, Any],
    *,
    as_json: bool = False,
    stopping: str = _STOPPING,
) -> dict[str, Any]:
    """Run a job to its end and return its result.

    The first Ctrl-C asks the job to stop and keep what it has; the next one leaves it.

    Raises:
        UserFacingError: the job failed, or was cancelled.
    """
    supervisor = Supervisor(folder)
    last: Event | None = None
    with _ctrl_c_stops(supervisor, stopping), _shown(as_json) as show:
        supervisor.start(kind, params)
        for event in supervisor.follow():
            show(event)
            last = event
    return _result(last)


def _result(last: Event | None) -> dict[str, Any]:
    if isinstance(last, Failed):
        raise UserFacingError(last.code, last.what, last.todo, last.details)
    if isinstance(last, Finished) and last.outcome != "cancelled":
        return last.result
    raise UserFacingError("job.cancelled", "The job was cancelled.", "Start it again when needed.")


@contextmanager
def _ctrl_c_stops(supervisor: Supervisor, stopping: str) -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        say(f"{stopping} (Ctrl-C again to leave).")
        supervisor.ask(Request.STOP)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown(as_json: bool) -> Iterator[Callable[[Event], None]]:
    if as_json:
        yield _write_line
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=CONSOLE, transient=True) as bars:
        task = bars.add_task("Starting", total=None, note="")
        yield lambda event: _show(bars, task, event)


def _write_line(event: Event) -> None:
    sys.stdout.write(to_line(event))
    sys.stdout.flush()


def _show(bars: Progress, task: Any, event: Event) -> None:
    if isinstance(event, PhaseProgress):
        total = event.total or None
        bars.update(task, description=event.phase, completed=event.done, total=total, note="")
    elif isinstance(event, TrainStep):
        note = f"loss {event.loss:.3f}, {event.tokens / event.seconds:.0f} tokens/s"
        if event.seconds_left is not None:
            note += f", about {duration(event.seconds_left)} left"
        bars.update(
            task,
            description="Training",
            completed=event.step,
            total=event.total_steps,
            note=note,
        )
    elif isinstance(event, Transfer):
        done, total = event.done // _MB, event.total // _MB
        bars.update(
            task, description=_transfer(event), completed=done, total=total, note=_pace(event)
        )
    elif text := _line(event):
        bars.console.print(text, markup=False)


def _transfer(event: Transfer) -> str:
    return f"{'Checking' if event.phase == 'checking' else 'Downloading'} {event.file}, MB"


def _pace(event: Transfer) -> str:
    note = "" if event.rate is None else f"{event.rate / _MB:.1f} MB/s"
    if event.seconds_left is None:
        return note
    return f"{note}, about {duration(event.seconds_left)} left"


def _line(event: Event) -> str:
    if isinstance(event, Validation):
        best = "  (best so far)" if event.is_best else ""
        return f"step {event.step:4d}  unseen examples: loss {event.loss:.3f}{best}"
    if isinstance(event, SampleAnswer):
        return f"           it answers now: {event.answer[:200]}"
    if isinstance(event, Notice | HealthVerdict):
        return f"{event.text} {event.todo}".strip()
    return ""


def duration(seconds: float) -> str:
    """Return a duration as a person says it: ``45 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
