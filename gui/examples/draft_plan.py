"""What is left of a draft after your decisions, planned beside the window's thread if it is big."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.data.cleaning import Choices, CleaningPlan
from core.data.draft import Draft
from core.data.mixture import Tasks, tasks_of
from core.errors import UserFacingError
from gui.jobs.task_thread import Tasks as Threads
from gui.wizard.page import Page

_PLAN_AT_ONCE = 5_000  # rows; more are planned beside the window's thread


class DraftPlanner(QObject):
    """Plans a draft, and looks once at the tasks in it.

    Attributes:
        planned: carries the ``Draft``, its ``Plan`` and its ``Tasks``.
    """

    planned = Signal(object, object, object)

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._threads = Threads(self)
        self._known: tuple[Draft | None, Tasks | None] = (None, None)

    def plan(self, draft: Draft, folder: Path, choices: Choices) -> None:
        """Plan the draft of ``folder`` with these choices."""
        of_draft, known = self._known
        tasks = known if of_draft is draft else None

        def look() -> tuple[CleaningPlan, Tasks]:
            return draft.plan(choices), tasks or _tasks_in(folder)

        if len(draft) <= _PLAN_AT_ONCE:
            try:
                found = look()
            except UserFacingError as error:
                self._page.failed.emit(error)
            else:
                self._tell(draft, *found)
        else:
            self._threads.start(
                "plan", look, lambda found: self._tell(draft, *found), self._page.failed.emit
            )

    def _tell(self, draft: Draft, plan: CleaningPlan, tasks: Tasks) -> None:
        self._known = (draft, tasks)
        self.planned.emit(draft, plan, tasks)

    def shut_down(self) -> None:
        """Wait for what is being planned."""
        self._threads.shut_down()


def _tasks_in(folder: Path) -> Tasks:
    """Look at a draft's tasks through an own handle: a draft belongs to one thread."""
    with Draft(folder) as own:
        return tasks_of(own)
