"""Learning from ratings, asked for on a page: look, ask, start it or let it wait in the queue."""

from __future__ import annotations

from PySide6.QtCore import QObject

from core.actions.preferences import Lesson, enqueue_lesson, prepare_lesson, ready_lesson
from core.language import ngettext
from core.project import RunFolder
from core.queue.entries import live_queue, live_training
from core.wizard import Step
from gui.jobs.task_thread import Tasks
from gui.wizard.lesson_dialog import LessonDialog
from gui.wizard.page import Page
from gui.wizard.training_plan import running_elsewhere


class Lessons(QObject):
    """Works for ``page``; reads and writes beside the window's thread."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._tasks = Tasks(self)
        self.dialog: LessonDialog | None = None

    def ask(self) -> None:
        """Look at what was judged and ask whether it is to be learned."""
        session = self._page.session
        project, run = session.require_project(), session.finished_run()
        name = run.name if run is not None else ""
        self._tasks.start(
            "look", lambda: prepare_lesson(project, name), self._show, self._page.failed.emit
        )

    def _show(self, lesson: Lesson) -> None:
        self.dialog = LessonDialog(lesson, self._page)
        self.dialog.wanted.connect(lambda queued: self._do(lesson, queued=queued))
        self.dialog.open()

    def _do(self, lesson: Lesson, *, queued: bool) -> None:
        project = self._page.session.require_project()
        if queued:
            self._tasks.start(
                "queue",
                lambda: enqueue_lesson(project, lesson),
                self._queued,
                self._page.failed.emit,
            )
            return
        other = live_training(project)
        if other is not None:
            self._page.failed.emit(running_elsewhere(other))
            return
        self._tasks.start(
            "start", lambda: ready_lesson(project, lesson), self._start, self._page.failed.emit
        )

    def _start(self, run: RunFolder) -> None:
        session = self._page.session
        session.give(training_run=run.name)
        session.start_next(run.name)
        self._page.sent.emit(Step.TRAINING, None)

    def _queued(self, name: str) -> None:
        session = self._page.session
        if session.training_run() is None:
            session.give(training_run=name)
        if live_queue(session.require_project()) is not None:
            told = ngettext(
                "{count:,} run added to the queue. It starts when its turn comes.",
                "{count:,} runs added to the queue. It trains them one after the other.",
                1,
            )
        else:
            told = ngettext(
                "{count:,} run added to the queue. Start the queue on the Training page.",
                "{count:,} runs added to the queue. Start the queue on the Training page.",
                1,
            )
        self._page.told.emit(told)

    def shut_down(self) -> None:
        """Finish what was begun."""
        self._tasks.shut_down()
