"""Keeps the computer awake during a run, and says whether that worked.

The request has a thread of its own, since a desktop's message bus may not answer. The run begins
after five seconds at the latest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from core.events import EventSink, Notice
from core.language import _

Inhibitor = Callable[[], AbstractContextManager[Any]]
_ANSWER_SECONDS = 5.0


def works_notice() -> Notice:
    """Return what is said when sleep is held off."""
    text = _("The computer stays awake during the run.")
    return Notice(level="info", code="awake.on", text=text)


def failed_notice() -> Notice:
    """Return what is said when the system does not let itself be kept awake."""
    return Notice(
        level="info",
        code="awake.failed",
        text=_("This application cannot keep the computer awake. If it sleeps, the run waits."),
        todo=_("Turn off automatic sleep in the system's power settings."),
    )


def unwanted_notice() -> Notice:
    """Return what is said when the preferences allow sleep."""
    text = _("The computer may sleep during the run, as set in Preferences. The run then waits.")
    return Notice(level="info", code="awake.off", text=text)


def paused_notice() -> Notice:
    """Return what is said during a pause."""
    text = _("The computer may sleep during this pause.")
    return Notice(level="info", code="awake.paused", text=text)


class KeepAwake:
    """A context manager that holds off sleep and reports in a notice whether it could.

    Args:
        link: takes the notices.
        wanted: what you prefer; if false, nothing is held off.
        inhibitor: makes a context manager whose value is true in ``active`` when it works;
            default: the system's own way, through wakepy.

    Attributes:
        works: sleep is held off now.
    """

    def __init__(
        self, link: EventSink, *, wanted: bool = True, inhibitor: Inhibitor | None = None
    ) -> None:
        self.works = False
        self._link, self._wanted = link, wanted
        self._request = inhibitor or _system_inhibitor
        self._hold: _Hold | None = None

    def __enter__(self) -> KeepAwake:
        if self._wanted:
            self._take()
        else:
            self._link.emit(unwanted_notice())
        return self

    def __exit__(self, *_exit: object) -> None:
        self._let_go()

    @contextmanager
    def let_sleep(self, goes_on: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Let the computer sleep in this block, where no work is done.

        Args:
            goes_on: asked afterwards; ``False``: the work ends, and the computer may still sleep.
        """
        self._let_go()
        if self._wanted:
            self._link.emit(paused_notice())
        yield
        if self._wanted and goes_on():
            self._take()

    def _take(self) -> None:
        self._hold = _Hold(self._request)
        self.works = self._hold.works()
        self._link.emit(works_notice() if self.works else failed_notice())

    def _let_go(self) -> None:
        self.works = False
        if self._hold is not None:
            self._hold.end()
            self._hold = None


class _Hold:
    """One request, in a thread of its own."""

    def __init__(self, request: Inhibitor) -> None:
        self._answered, self._active = threading.Event(), threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._ask, args=(request,), name="keep-awake", daemon=True
        )
        self._thread.start()

    def _ask(self, request: Inhibitor) -> None:
        try:
            with request() as mode:
                if mode.active:
                    self._active.set()
                self._answered.set()
                self._over.wait()
        except Exception:  # sleep is the lesser evil: a fault of the desktop must not end a run
            self._answered.set()

    def works(self) -> bool:
        self._answered.wait(_ANSWER_SECONDS)
        return self._active.is_set()

    def end(self) -> None:
        self._over.set()
        self._thread.join(_ANSWER_SECONDS)


def _system_inhibitor() -> AbstractContextManager[Any]:
    from wakepy import keep

    mode: AbstractContextManager[Any] = keep.running(on_fail="pass")
    return mode
