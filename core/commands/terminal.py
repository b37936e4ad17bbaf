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

from core.contract import JobParams, Result, plain
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
from core.language import N_, _
from core.project import RunFolder
from core.wording import duration

# Bars and sentences go to standard error: standard output holds only what was asked for.
CONSOLE = Console(stderr=True, highlight=False)
_STOPPING = N_(
    "Stopping at the next step and keeping the best so far (press Ctrl-C again to leave without "
    "waiting)."
)
_MB = 1_000_000


# Signs that steer a terminal, or let text run the other way than it was written.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONGEST = 10_000  # characters of one text; nobody reads more, and wrapping it takes hours
# Jobs that have nothing to keep when they are stopped.
_KEEPS_NOTHING = frozenset(
    {
        "scan",
        "prepare",
        "learning",
        "leave_out",
        "sample_model",
        "trial",
        "evaluate",
        "prompts",
        "export",
    }
)
_DETAILS_BELOW = "the details below"  # not shown: matched in the English source


def printable(text: str) -> str:
    """Return text that cannot steer the terminal; such signs are written as Python writes them."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    return _STEERING.sub(lambda found: ascii(found.group())[1:-1], text)


def say(text: str) -> None:
    """Print one plain sentence."""
    # A path that is broken into lines cannot be copied.
    CONSOLE.print(printable(text), markup=False, soft_wrap=True)


def say_error(error: UserFacingError) -> None:
    """Print what happened and what to do, and the details where they are asked for."""
    say(_("{what} {todo}", what=error.what, todo=error.todo))
    if error.details and _DETAILS_BELOW in str(plain(error.todo)):
        say(error.details)


def write_lines(lines: list[str]) -> None:
    """Print lines on standard output."""
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
    stopping: str = "",
    outlives: bool = True,
    new: bool = True,
) -> Result:
    """Run a job to its end and return its result.

    The first Ctrl-C asks a run to stop and keep what it has, and any other job to leave off;
    the next one leaves it alone.

    Args:
        stopping: what to say at the first Ctrl-C.
        outlives: whether the job continues without this command; otherwise Ctrl-C, and whatever
            else ends the command, ends the job.
        new: whether the folder is new; otherwise the run in it is taken up.

    Raises:
        UserFacingError: the job failed, or was cancelled, or its result cannot be read (code
            ``job.no_result``).
    """
    supervisor = Supervisor(folder)
    last: Event | None = None
    ending = (
        _ctrl_c_stops(supervisor, params.kind, stopping or _(_STOPPING))
        if outlives
        else _ends_with_us(supervisor)
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
        raise last.as_error()
    if not isinstance(last, Finished) or last.outcome == "cancelled":
        raise _cancelled()
    if not isinstance(last.result, params.result_type()):
        raise no_result()
    return cast("Result", last.result)


def _cancelled() -> UserFacingError:
    return UserFacingError(
        "job.cancelled", _("The job was cancelled."), _("Start it again when you need it.")
    )


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
            say(_("Cancelling (press Ctrl-C again to leave without waiting)."))
            supervisor.ask(Request.CANCEL)
        else:
            say(stopping)
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
        task = bars.add_task(_("Starting"), total=None, note="")
        yield lambda event: _show(bars, task, event)


def _write_line(event: Event) -> None:
    _write_json(to_line(event))


def _show(bars: Progress, task: Any, event: Event) -> None:
    if isinstance(event, PhaseProgress):
        total = event.total or None
        phase = printable(event.phase)
        bars.update(task, description=phase, completed=event.done, total=total, note="")
    elif isinstance(event, TrainStep):
        note = _training_note(event)
        bars.update(
            task,
            description=_("Training"),
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
    if event.phase == "checking":
        return _("Checking {file}, MB", file=event.file)
    return _("Downloading {file}, MB", file=event.file)


def _pace(event: Transfer) -> str:
    if event.rate is None:
        return ""
    rate = event.rate / _MB
    if event.seconds_left is None:
        return _("{rate:.1f} MB/s", rate=rate)
    left = duration(event.seconds_left)
    return _("{rate:.1f} MB/s, about {time} left", rate=rate, time=left)


def _training_note(event: TrainStep) -> str:
    known = {"loss": event.loss, "speed": event.tokens / event.seconds}
    if event.seconds_left is None:
        return _("loss {loss:.3f}, {speed:.0f} tokens/s", **known)
    left = duration(event.seconds_left)
    return _("loss {loss:.3f}, {speed:.0f} tokens/s, about {time} left", **known, time=left)


def _line(event: Event) -> str:
    if isinstance(event, Validation):
        known = {"step": event.step, "loss": event.loss}
        if event.is_best:
            return _("step {step:4d}  unseen examples: loss {loss:.3f}  (best so far)", **known)
        return _("step {step:4d}  unseen examples: loss {loss:.3f}", **known)
    if isinstance(event, SampleAnswer):
        return _("           current answer: {answer}", answer=event.answer[:200])
    if isinstance(event, Notice | HealthVerdict):
        return _("{what} {todo}", what=event.text, todo=event.todo).strip()
    return ""
