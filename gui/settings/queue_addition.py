"""Adding runs to the queue from the settings page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from core.actions.training import Variant, enqueue
from core.jobs.spec import TrainParams
from core.language import ngettext
from core.queue.entries import live_queue
from gui.jobs.task_thread import Tasks
from gui.settings.queue_dialog import QueueDialog
from gui.wizard.page import Page
from gui.wizard.training_plan import TrainingPlan


class QueueAddition(QObject):
    """Asks over ``page`` which runs to queue, and prepares them."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = Tasks(self)

    def ask(self, plan: TrainingPlan, params: Callable[[], TrainParams]) -> None:
        """Ask which variants of ``plan`` to queue; ``params`` are those of their jobs."""
        dialog = QueueDialog(plan, self._page.session.settings, self._page)
        dialog.wanted.connect(lambda variants: self._add(variants, params()))
        dialog.open()

    def _add(self, variants: list[Variant], params: TrainParams) -> None:
        """Prepare the runs, beside the window's thread, and queue them."""
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
        if live_queue(session.require_project()) is not None:
            told = ngettext(
                "{count:,} run added to the queue. It starts when its turn comes.",
                "{count:,} runs added to the queue. It trains them one after the other.",
                len(names),
            )
        else:
            told = ngettext(
                "{count:,} run added to the queue. Start the queue on the Training page.",
                "{count:,} runs added to the queue. Start the queue on the Training page.",
                len(names),
            )
        self._page.told.emit(told)

    def shut_down(self) -> None:
        """Wait for what is being made ready."""
        self._tasks.shut_down()
