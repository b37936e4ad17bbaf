"""Runs a job in a process of its own for an export, and waits for what it gives."""

from __future__ import annotations

import time
from typing import TypeVar

from core.contract import JobParams, JobResult
from core.events import Failed, Finished
from core.jobs.link import Cancelled, JobLink, Request
from core.jobs.supervisor import Supervisor
from core.project import RunFolder

_POLL_SECONDS = 0.2
Result = TypeVar("Result", bound=JobResult)


def child_of(folder: RunFolder, name: str) -> RunFolder:
    """Return the folder of a job within a job, which exists afterwards."""
    child = RunFolder(folder.root / name)
    child.root.mkdir(exist_ok=True)
    return child


def result_of(folder: RunFolder, params: JobParams[Result], link: JobLink) -> Result:
    """Do a job in ``folder``, which exists; a cancel ends it too.

    Raises:
        UserFacingError: the job failed.
        Cancelled: you cancelled.
    """
    child = Supervisor(folder)
    child.start(params)
    try:
        while child.is_alive():
            if link.request() is Request.CANCEL:
                raise Cancelled
            time.sleep(_POLL_SECONDS)
    finally:
        child.end()
    last = list(child.follow())[-1]
    if isinstance(last, Failed):
        raise last.as_error()
    assert isinstance(last, Finished)
    if last.outcome == "cancelled":
        raise Cancelled
    assert isinstance(last.result, params.result_type())
    result: Result = last.result  # type: ignore[assignment]
    return result
