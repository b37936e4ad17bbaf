"""Putting trainings into the queue from the settings page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from core.jobs.queue import live_queue
from gui.pages.page import Page
from gui.task_thread import Tasks
from gui.training_plan import TrainingPlan, Variant, enqueue
from gui.widgets.queue_dialog import QueueDialog
from gui.wording import plural


class QueueAddition(QObject):
    """Asks over ``page`` which trainings shall wait, and makes them ready."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = Tasks(self)

    def ask(self, plan: TrainingPlan, params: Callable[[], dict[str, Any]]) -> None:
        """Ask which variants of ``plan`` shall wait; ``params`` are those of their jobs."""
        dialog = QueueDialog(plan, self._page.session.settings, self._page)
        dialog.wanted.connect(lambda variants: self._add(variants, params()))
        dialog.open()

    def _add(self, variants: list[Variant], params: dict[str, Any]) -> None:
        """Make the runs ready, beside the window's thread, and queue them."""
        project = self._page.session.require_project()
        self._tasks.start(
            "queue",
            lambda: enqueue(project, params, variants),
            self._queued,
            self._page.failed.emit,
        )

    def _queued(self, names: list[str]) -> None:
        session = self._page.session
        if session.training_run() is None:
            session.give(training_run=names[0])
        text = f"{plural(len(names), 'training')} added to the queue."
        runs = live_queue(session.require_project()) is not None
        then = "It trains them one after the other." if runs else "Start it on the training page."
        self._page.told.emit(f"{text} {then}")

    def shut_down(self) -> None:
        """Wait for what is being made ready."""
        self._tasks.shut_down()
