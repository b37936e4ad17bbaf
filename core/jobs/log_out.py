"""Saving before a log-out where the system ends programs without a signal, as Windows does.

Elsewhere a run hears SIGTERM and saves by itself. Windows asks the window alone
(``WM_QUERYENDSESSION``, Qt's ``commitDataRequest``) and ends everything else without a word, so the
window asks the run to pause, which saves, and answers when that is done.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.events import StateChanged
from core.jobs.link import Request
from core.jobs.status import recent_events
from core.jobs.supervisor import Supervisor, is_alive
from core.project import RunFolder

_LONGEST_SECONDS = 60.0  # a step without a card takes half a minute
_POLL_SECONDS = 0.1


def ends_without_signal() -> bool:
    """Return whether a log-out ends programs without telling them."""
    return sys.platform == "win32"


def save_before_log_out(
    run: RunFolder,
    seconds: float = _LONGEST_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Ask a run to save and wait; return whether it has."""
    Supervisor(run).ask(Request.PAUSE)
    tries = round(seconds / _POLL_SECONDS)
    for _try in range(tries):
        if not is_alive(run) or _is_paused(run):
            return True
        sleep(_POLL_SECONDS)
    return False


def _is_paused(run: RunFolder) -> bool:
    for event in reversed(recent_events(run)):
        if isinstance(event, StateChanged):
            return event.state == "paused"
    return False


@contextmanager
def log_out_waits(window: int, reason: str) -> Iterator[None]:
    """In this block Windows shows the reason for waiting; otherwise it waits for five seconds."""
    if sys.platform != "win32":
        yield
        return
    import ctypes

    user32 = ctypes.windll.user32
    handle = ctypes.c_void_p(window)
    user32.ShutdownBlockReasonCreate(handle, ctypes.c_wchar_p(reason))
    try:
        yield
    finally:
        user32.ShutdownBlockReasonDestroy(handle)
