"""The check of the examples with the base model, behind its card on the settings page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.contract import JobResult
from core.data.spec import LeaveOutParams, LeaveOutResult
from core.errors import UserFacingError
from core.jobs.spec import LabelPreviewParams
from core.language import _
from gui.jobs.page_job import PageJob
from gui.jobs.task_thread import Tasks
from gui.settings.label_preview.card import LabelPreviewCard
from gui.settings.label_preview.check import LabelCheck, find_check, longer_limit
from gui.wizard.session import Session
from gui.wizard.training_plan import TrainingPlan


class LabelPreviewJob(QObject):
    """Finds an earlier check or runs one, and makes a version without what cannot be learned.

    Attributes:
        changed: what the card shows is not what it was.
        counted: the ``LabelPreview`` that was found, before it is shown.
        revised: content hash of the version without unlearnable examples.
        failed: a ``UserFacingError`` that does not belong to the card.
    """

    changed = Signal()
    counted = Signal(object)
    revised = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, card: LabelPreviewCard, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._card = card
        self._plan: TrainingPlan | None = None
        self._about = ("", "")
        self._error: UserFacingError | None = None
        self.check: LabelCheck | None = None
        self._tasks = Tasks(self)
        self._job = PageJob(card.progress, self)
        self._job.completed.connect(self._completed)
        self._job.failed.connect(self._refused)
        self._job.changed.connect(self.show)
        card.look_again.connect(self.run)
        card.leave_out.connect(self._leave_out)

    def begin(self, plan: TrainingPlan, version: str, base: str, *, run: bool = True) -> None:
        """Check this dataset version (its hash) with this base model (its folder).

        Args:
            run: also where no earlier check is found; otherwise it waits for the button.
        """
        self.forget()
        self._plan, self._about = plan, (version, base)
        self._look(run=run)

    def forget(self) -> None:
        """Stop checking; the examples or the base model are no longer the same."""
        self._job.cancel()
        self._job.let_go()
        self._plan, self.check, self._error = None, None, None

    def is_checking(self) -> bool:
        """Return whether the check runs and nothing is known yet; it can be cancelled."""
        return self.check is None and self._job.is_running()

    def unlearnable(self) -> int:
        """Return of how many examples nothing would be learned, as far as is known."""
        if self._plan is None or self.check is None:
            return 0
        return len(self.check.preview.unlearnable(self._plan.config.max_length))

    def _look(self, *, run: bool) -> None:
        project, about = self._session.require_project(), self._about

        def found(check: LabelCheck | None) -> None:
            if about != self._about or self._plan is None:
                return
            self.check = check
            if check is not None:
                self.counted.emit(check.preview)
            self.show()
            if check is None and run and not self._session.read_only:
                self.run()

        self._tasks.start("find", lambda: find_check(project, *about), found, self.failed.emit)

    def run(self) -> None:
        """Render every example as the base model reads it."""
        self._error = None
        version, base = self._about
        params = LabelPreviewParams(dataset_version=version, base_model=base)
        run = self._session.require_project().new_run("learning")
        self._job.run(run, _("Checking what the model will learn …"), params)

    def _leave_out(self) -> None:
        if self._plan is None or self.check is None:
            return
        limit = self._plan.config.max_length
        params = LeaveOutParams(learning_run=self.check.run.name, max_length=limit)
        run = self._session.require_project().new_run("leave_out")
        self._job.run(run, _("Saving your examples …"), params)

    def _completed(self, result: JobResult) -> None:
        if isinstance(result, LeaveOutResult):
            self.revised.emit(result.content_hash)
        else:
            self._look(run=False)

    def _refused(self, error: UserFacingError) -> None:
        self._error = error

    def show(self) -> None:
        """Show what is known, under the limit of the plan as it is now."""
        plan = self._plan
        if plan is None:
            return
        if self._error is not None and self.check is None:
            self._card.show_error(self._error)
        elif self.check is None:
            self._card.show_waiting(checking=self._job.is_running())
        else:
            preview = self.check.preview
            offer = longer_limit(plan, preview)
            self._card.show_preview(preview, plan.config.max_length, offer)
        if self._error is not None and self.check is not None:
            self.failed.emit(self._error)
            self._error = None
        self.changed.emit()

    def shut_down(self) -> None:
        """Let go of threads; the check is not worth continuing without the window."""
        self._job.cancel()
        self._tasks.shut_down()
        self._job.let_go()
