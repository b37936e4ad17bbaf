"""Keeps the computer from falling asleep during a training, and says whether that worked.

The request runs in a thread of its own, since a desktop's message bus may not answer; the training
begins after five seconds at the latest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from core.hardware.telemetry import EventSink
from core.jobs.events import Notice

Inhibitor = Callable[[], AbstractContextManager[Any]]
_ANSWER_SECONDS = 5.0

_ON = Notice(level="info", code="awake.on", text="The computer stays awake while it trains.")
_FAILED = Notice(
    level="info",
    code="awake.failed",
    text="This system cannot be kept awake from here; if it falls asleep, the training waits.",
    todo="Turn off automatic sleep in the system's power settings.",
)


@contextmanager
def keep_awake(link: EventSink, inhibitor: Inhibitor | None = None) -> Iterator[bool]:
    """Hold off sleep for the time of the block; gives whether it worked.

    Args:
        link: takes one notice that says so.
        inhibitor: makes a context manager whose value is true in ``active`` when it works;
            default: the system's own way, through wakepy.
    """
    answered, over = threading.Event(), threading.Event()
    active = threading.Event()
    request = inhibitor or _system_inhibitor

    def hold() -> None:
        try:
            with request() as mode:
                if mode.active:
                    active.set()
                answered.set()
                over.wait()
        except Exception:  # sleep is the lesser evil: no desktop's fault may end a training
            answered.set()

    thread = threading.Thread(target=hold, name="keep-awake", daemon=True)
    thread.start()
    try:
        answered.wait(_ANSWER_SECONDS)
        works = active.is_set()
        link.emit(_ON if works else _FAILED)
        yield works
    finally:
        over.set()
        thread.join(_ANSWER_SECONDS)


def _system_inhibitor() -> AbstractContextManager[Any]:
    from wakepy import keep

    mode: AbstractContextManager[Any] = keep.running(on_fail="pass")
    return mode
