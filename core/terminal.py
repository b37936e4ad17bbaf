"""Jobs in the terminal: start one, show its events as bars or JSON lines, give its result."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from core.contract import JobParams, Result
from core.errors import UserFacingError
from core.events import (
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
from core.events import Progress as PhaseProgress
from core.jobs.link import Request
from core.jobs.spec import no_result
from core.jobs.supervisor import Supervisor
from core.project import RunFolder

# Bars and sentences go to standard error, so that standard output holds only what was asked for.
CONSOLE = Console(stderr=True, highlight=False)
_STOPPING = "Stopping at the next step and keeping the best so far"
_MB = 1_000_000


# Signs that steer a terminal, or let text run the other way than it was written.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONGEST = 10_000  # characters of one text; what is longer nobody reads, and wrapping takes hours
# Jobs that have nothing to keep when they are stopped.
_KEEPS_NOTHING = frozenset(
    {"scan", "prepare", "learning", "leave_out", "sample_model", "trial", "evaluate", "export"}
)
_DETAILS_BELOW = "the details below"


def printable(text: str) -> str:
    """Return text that cannot steer the terminal; such signs are written as Python writes them."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    return _STEERING.sub(lambda found: ascii(found.group())[1:-1], text)


def say(text: str) -> None:
    """Print one plain sentence for the person."""
    # A path that is broken into lines cannot be copied.
    CONSOLE.print(printable(text), markup=False, soft_wrap=True)


def say_error(error: UserFacingError) -> None:
    """Print what happened and what to do, and the details where they are asked for."""
    say(f"{error.what} {error.todo}")
    if error.details and _DETAILS_BELOW in error.todo:
        say(error.details)


def write_lines(lines: list[str]) -> None:
    """Print lines for people on standard output."""
    sys.stdout.write("\n".join(map(printable, lines)) + "\n")


def write_document(value: Any) -> None:
    """Print one JSON document on standard output."""
    _write_json(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def _write_json(text: str) -> None:
    """JSON itself leaves some signs that steer a terminal as they are; elsewhere none can occur."""
    sys.stdout.write(_STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text))
    sys.stdout.flush()


def run_job(
    folder: RunFolder,
    params: JobParams[Result],
    *,
    as_json: bool = False,
    stopping: str = _STOPPING,
    outlives: bool = True,
    new: bool = True,
) -> Result:
    """Run a job to its end and return its result.

    The first Ctrl-C asks a training to stop and keep what it has, and any other job to leave off;
    the next one leaves it alone.

    Args:
        outlives: whether the job goes on without this command; otherwise Ctrl-C, and whatever
            else ends the command, ends the job.
        new: whether the folder is new; otherwise the training in it is taken up.

    Raises:
        UserFacingError: the job failed, or was cancelled, or its result cannot be read (code
            ``job.no_result``).
    """
    supervisor = Supervisor(folder)
    last: Event | None = None
    ending = (
        _ctrl_c_stops(supervisor, params.kind, stopping) if outlives else _ends_with_us(supervisor)
    )
    with ending, _shown(as_json) as show:
        if new:
            supervisor.start(params)
        else:
            supervisor.take_up()
        for event in supervisor.follow():
            show(event)
            last = event
    return result_of(params, last)


def result_of(params: JobParams[Result], last: Event | None) -> Result:
    """Return what a job with these parameters gave, from its last event.

    Raises:
        UserFacingError: see :func:`run_job`.
    """
    if isinstance(last, Failed):
        raise UserFacingError(last.code, last.what, last.todo, last.details)
    if not isinstance(last, Finished) or last.outcome == "cancelled":
        raise _cancelled()
    if not isinstance(last.result, params.result_type()):
        raise no_result()
    return cast("Result", last.result)


def _cancelled() -> UserFacingError:
    return UserFacingError("job.cancelled", "The job was cancelled.", "Start it again when needed.")


@contextmanager
def _ends_with_us(supervisor: Supervisor) -> Iterator[None]:
    def leave(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        raise _cancelled() from None
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)  # nothing keeps the job from being ended
        supervisor.end()
        for number in numbers:
            signal.signal(number, before[number])


@contextmanager
def _ctrl_c_stops(supervisor: Supervisor, kind: str, stopping: str) -> Iterator[None]:
    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        if kind in _KEEPS_NOTHING:
            say("Cancelling (Ctrl-C again to leave it alone).")
            supervisor.ask(Request.CANCEL)
        else:
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
    _write_json(to_line(event))


def _show(bars: Progress, task: Any, event: Event) -> None:
    if isinstance(event, PhaseProgress):
        total = event.total or None
        phase = printable(event.phase)
        bars.update(task, description=phase, completed=event.done, total=total, note="")
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
        bars.console.print(printable(text), markup=False)


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
