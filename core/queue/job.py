"""The job ``queue``: start the project's queued runs one after the other.

Each run is a child process of its own, started by this job just as the window starts one:
a crash or a kill for memory ends one run and not the whole night, the card's memory is empty at
each start, and the window follows a queued run like any other. This job itself loads nothing heavy.
It is not their keeper either: when it is killed, the run continues. A run that others started is
waited for. What must be fixed first (a lost card, a full disk) ends the queue, and the runs that
have not begun keep waiting.

Requests: *stop* ends the queue after the present run; *pause* starts no other one until *run*;
*cancel* ends the queue at once and lets the present run continue alone.
"""

from __future__ import annotations

import time

from core.errors import UserFacingError
from core.events import Failed, Notice, QueueMoved
from core.jobs.link import JobLink, Request, Stopped
from core.jobs.spec import QueueParams, QueueResult
from core.jobs.status import (
    MENDED_OUTSIDE,
    RunState,
    has_ended,
    is_running,
    last_event,
    state_of,
)
from core.jobs.supervisor import Supervisor, is_alive
from core.language import N_, _
from core.project import Project, RunFolder
from core.queue.entries import next_training

_POLL_SECONDS = 0.3
_PAUSED = N_("The queue is paused.")
# A fresh process may use the card, and what ended one process has not ended this one.
_STOPS_ALL = MENDED_OUTSIDE - {"card.error", "training.card_lost", "job.ended"}


def run_queue(folder: RunFolder, _params: QueueParams, link: JobLink) -> QueueResult:
    """Run everything that waits; gives the state in which each run ended.

    Raises:
        Stopped: you stopped the queue; what was trained is kept.
    """
    project = Project.of_run(folder)
    ended: dict[str, str] = {}
    while link.wait_while_paused(_(_PAUSED)) is not Request.STOP:
        link.check_cancelled()
        running = _running(project, set(ended))
        if running is not None:  # the window started it, or an earlier queue
            ended[running.name] = _await(Supervisor(running), link)
            continue
        if ended and _nothing_goes(project.run(list(ended)[-1]), link):
            return QueueResult(runs=ended)
        with next_training(project, set(ended)) as run:
            supervisor = None if run is None else _start(run, link)
        if run is None:
            return QueueResult(runs=ended)
        ended[run.name] = _await(supervisor, link) if supervisor else RunState.FAILED.value
    raise Stopped(QueueResult(runs=ended))


def _running(project: Project, ended: set[str]) -> RunFolder | None:
    """The run that others started. What died here at birth only looks newborn for a while."""
    runs = project.runs("train")
    return next((r for r in runs if is_alive(r) or (r.name not in ended and is_running(r))), None)


def _nothing_goes(last: RunFolder, link: JobLink) -> bool:
    """Whether what ended the newest run would end the next one as well; say so."""
    event = last_event(last)
    if not (isinstance(event, Failed) and event.code in _STOPS_ALL):
        return False
    text = _(
        "The queue has stopped, because the next run would fail for the same reason as “{run}”. "
        "{what}",
        run=last.name,
        what=event.what,
    )
    link.emit(Notice(level="warning", code="queue.ended_early", text=text, todo=event.todo))
    return True


def _start(run: RunFolder, link: JobLink) -> Supervisor | None:
    """Start a run's child; one that cannot be started is reported, and the next has its turn."""
    supervisor = Supervisor(run)
    try:
        supervisor.take_up()
    except UserFacingError as error:
        text = _("“{run}” could not be started, so the queue skips it.", run=run.name)
        todo = _("{what} {todo}", what=error.what, todo=error.todo)
        link.emit(Notice(level="warning", code="queue.not_started", text=text, todo=todo))
        return None
    return supervisor


def _await(supervisor: Supervisor, link: JobLink) -> str:
    """Wait until the run's child is gone; return how it ended."""
    run, told = supervisor.folder, False
    while supervisor.is_alive() or (supervisor.is_foreign and is_running(run)):
        if not told and is_alive(run):  # now its followers find a child that has its lock
            told = _tell(link, run, "running")
        link.check_cancelled()
        time.sleep(_POLL_SECONDS)
    if not told:  # it was faster than the eye
        _tell(link, run, "running")
    state = state_of(run)
    if not has_ended(state):  # its child died before its first word
        state = RunState.INTERRUPTED
    _tell(link, run, state.value)
    return state.value


def _tell(link: JobLink, run: RunFolder, state: str) -> bool:
    link.emit(QueueMoved.model_validate({"run": run.name, "state": state}))
    return True
