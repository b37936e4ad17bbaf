"""What the button of a verdict does: show examples, stop the run, train again differently."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.errors import UserFacingError
from core.project import RunFolder
from core.queue import entries
from gui.rows.outliers import Outliers
from gui.training.suggested_action import SuggestedAction, retried
from gui.wizard.page import Page
from gui.wizard.training_plan import running_elsewhere


class SuggestedActionControl(QObject):
    """Does what is suggested about the run that ``page`` shows.

    Attributes:
        stopped: the run is to be stopped.
        retried: carries the folder of the next run, which is to be started.
        queued: the same, but the queue trains it next.
        rejected: you want to train without some examples; carries a ``Rejection``.
    """

    stopped = Signal()
    retried = Signal(object)
    queued = Signal(object)
    rejected = Signal(object)

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._session = page.session
        self._retries: dict[str, float] = {}  # settings of the next, as soon as this has stopped
        self.examples = Outliers(page)
        self.examples.rejected.connect(self._reject)

    def take(self, suggested_action: SuggestedAction, run: RunFolder | None) -> None:
        """Do what the verdict suggests: show examples, stop, retry, or stop and retry."""
        if suggested_action.rows and run is not None:
            self.examples.show(self._session.require_project(), run, suggested_action.rows)
            return
        if (
            suggested_action.settings
            and entries.live_queue(self._session.require_project()) is not None
        ):
            self._retry_next(suggested_action, run)
        elif not suggested_action.stops:
            self._retry(run, suggested_action.settings)
        else:
            self._retries = suggested_action.settings
            self.stopped.emit()

    def after_the_end(self, run: RunFolder | None) -> bool:
        """Train again if that waited for the end of ``run``; return whether it did."""
        retries, self._retries = self._retries, {}
        if retries:
            self._retry(run, retries)
        return bool(retries)

    def _retry_next(self, suggested_action: SuggestedAction, before: RunFolder | None) -> None:
        """Let the queue train it next: it would start another run as soon as this one ends."""
        project = self._session.require_project()
        if before is None:
            return
        try:
            run = retried(project, before, suggested_action.settings)
            entries.add_after(
                project, before.name, run, f"{before.name}: {suggested_action.label.english}"
            )
        except UserFacingError as error:
            self._page.failed.emit(error)
            return
        if suggested_action.stops:
            self.stopped.emit()
        self.queued.emit(run)

    def _retry(self, before: RunFolder | None, settings: dict[str, float]) -> None:
        project = self._session.require_project()
        if before is None:
            return
        other = entries.live_training(project)
        if other is not None:
            self._page.failed.emit(running_elsewhere(other))
            return
        try:
            run = retried(project, before, settings)
        except UserFacingError as error:
            self._page.failed.emit(error)
            return
        self.retried.emit(run)

    def _reject(self, rejection: object) -> None:
        """Stop the run that learns from examples the user rejected, and leave them out."""
        self.stopped.emit()
        self.rejected.emit(rejection)

    def shut_down(self) -> None:
        """Wait for what is being read."""
        self.examples.shut_down()
