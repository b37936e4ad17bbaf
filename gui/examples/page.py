"""The examples: read, show, check, repair with undo, split, accept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from core.contract import JobResult
from core.data.cleaning import Choices, CleaningPlan
from core.data.dataset import DatasetVersion, versions
from core.data.draft import Draft, has_draft
from core.data.findings.kinds import Action, Kind
from core.data.mixture import MixtureOptions, Tasks, expected_training
from core.data.spec import PrepareParams, VersionReport
from core.data.splitting import expected_counts
from core.errors import UserFacingError
from core.language import _, ngettext
from core.project import Project
from core.sample_project import EXAMPLES
from core.wizard import Step
from gui.examples.draft_plan import DraftPlanner
from gui.examples.findings.edit_history import undecided
from gui.examples.panes.reading_page import ReadingPage
from gui.examples.rejected_rows import RejectedRows
from gui.examples.risk_question import risk_question
from gui.jobs.task_thread import Tasks as Threads
from gui.rows.outliers import Rejection
from gui.wizard.session import Session


class ExamplesPage(ReadingPage):
    """Takes files in and gives a dataset version."""

    step = Step.EXAMPLES

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.plan: CleaningPlan | None = None
        self._kinds_of_task: Tasks | None = None
        self._frozen = False
        self._threads = Threads(self)
        self._planner = DraftPlanner(self)
        self._planner.planned.connect(self._show_plan)
        self._rejected = RejectedRows(self)
        self._rejected.found.connect(self._leave_out)
        self._connect()

    def _connect(self) -> None:
        self.drop.chosen.connect(self.read_files)
        self.drop.added.connect(self.add_files)
        self.intake.pasted.connect(lambda path: self.read_files([path]))
        self.reading.corrected.connect(self._read_again)
        self.reading.receipt.clicked.connect(self.show_receipt)
        self.pairs.made.connect(lambda path: self.read_files([path]))
        self.mixture.changed.connect(self.mix)
        self.split.changed.connect(self.hold_out)
        self._job.completed.connect(self._job_done)
        self._job.changed.connect(self.changed)

    def title(self) -> str:
        """Return the headline."""
        return _("Examples")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        return _(
            "Show the model what a good answer looks like. Everything is checked before training."
        )

    def primary_text(self) -> str:
        """Name how many examples are accepted."""
        if self.plan and not self.edits.mixture.is_plain():
            return _("Use this mix")
        if self.plan is None:
            return _("Use these examples")
        return ngettext(
            "Use this {count:,} example", "Use these {count:,} examples", self.plan.kept_count
        )

    def is_ready(self) -> bool:
        """Some example must be left and no job be running."""
        return self.plan is not None and self.plan.kept_count > 0 and not self.is_busy()

    def hint(self) -> str:
        """Say what is missing."""
        if self.is_busy():
            return ""
        if self.is_ready():
            return self.open_in_words()
        if self._waits_for_a_name():
            return _("Choose whose messages the model should learn from.")
        return _("No examples are left.") if self.plan else _("Choose a file of examples first.")

    def _waits_for_a_name(self) -> bool:
        """Return whether nothing can be read before a speaker of a chat is chosen."""
        asked = self.draft is not None and bool(self.draft.summary.speakers)
        return asked and self.plan is not None and not self.plan.kept_count

    def enter(self) -> None:
        """Open the project's draft, or begin with the sample's file."""
        project = self.session.require_project()
        if self.draft is not None:
            self._look_at_use()  # a later page may have left some out
        if self.draft is not None or self.is_busy():
            return
        if has_draft(project.draft):
            QTimer.singleShot(0, self, self._open_if_closed)  # the page is drawn first
        elif self._brings_its_file(project):
            self.read_files([EXAMPLES])

    def _brings_its_file(self, project: Project) -> bool:
        """Return whether this is the sample project, and its file may be read into it."""
        is_sample = bool(project.info().get("sample")) and EXAMPLES.is_file()
        return is_sample and not self.session.read_only

    def shut_down(self) -> None:
        """Let go of the job, the tasks and the file of rows."""
        self._job.let_go()
        for helper in (self._threads, self._planner, self._rejected, self.view.search):
            helper.shut_down()
        self._close_draft()

    def apply(self) -> None:
        """Write the dataset version, once every harmful finding is decided."""
        if self.draft is not None and self.plan is not None:
            found = undecided(self.draft, self.plan, self.choices)
            if found:
                self._ask_about(found)
                return
        project = self.session.require_project()
        self.leave()
        decided = self.edits
        params = PrepareParams(choices=self.choices, split=decided.split, mixture=decided.mixture)
        self._job_about = "accepting"
        self._job.run(project.new_run("prepare"), _("Saving your examples …"), params)

    def _ask_about(self, found: dict[Kind, int]) -> None:
        def answer(said: str, action: Action) -> None:
            choices = self.choices
            for kind in found:
                choices = choices.with_action(kind, action)
            self._choose(said, choices)
            self.apply()

        self.asked.emit(risk_question(found, answer, self.look))

    def _job_done(self, result: JobResult) -> None:
        if isinstance(result, VersionReport):
            self.session.give(dataset_version=result.content_hash)
            self._look_at_versions()
            self.finished.emit()
        else:
            self._open_draft()

    def _open_if_closed(self) -> None:
        if self.draft is None:
            self._open_draft()

    def _open_draft(self) -> None:
        """Open it in several turns of the event loop, so that none takes long."""
        self._close_draft()
        draft = self._take_draft()
        if draft is None:
            return
        self._kinds_of_task = None
        self.show_summary(draft.summary)
        self._look_at_versions()
        QTimer.singleShot(0, self, self._show_findings)

    def _show_findings(self) -> None:
        if self.draft is not None:
            for findings in (self.risks, self.findings):
                findings.show_draft(self.draft)
            self.risks.setVisible(bool(self.risks.cards))
            self._result.show()
            self._replan()

    def _look_at_versions(self) -> None:
        """Earlier versions may be rehearsed, and freeze the test part; this is on the disk."""
        folder = self.session.require_project().versions
        self._threads.start(
            "versions", lambda: versions(folder), self._show_versions, self.failed.emit
        )

    def _show_versions(self, found: list[DatasetVersion]) -> None:
        self.mixture.show_versions(found)
        self._frozen = any(version.meta.test_keys for version in found)
        self.reading.receipt.setVisible(bool(self.session.state.dataset_version))
        self._look_at_use()
        self._show_rest()

    def _look_at_use(self) -> None:
        """Count the examples of the version in use; this is on the disk."""
        name = self.session.state.dataset_version
        if not name:
            return
        folder = self.session.require_project().version_folder(name)

        def look() -> tuple[dict[str, int], dict[str, int]]:
            version = DatasetVersion.load(folder)
            return version.counts, version.receipt()["dropped"]

        def show(found: tuple[dict[str, int], dict[str, int]]) -> None:
            counts, dropped = found
            if self.draft is not None:
                known = self.draft.summary.findings.get(Kind.UNLEARNABLE, 0)
                self.reading.show_use(counts, dropped.get(Kind.UNLEARNABLE, 0) - known)

        self._threads.start("use", look, show, self.failed.emit)

    def _close_draft(self) -> None:
        if self.draft is not None:
            self.view.show_draft(None, None)
            self.review.show_draft(None, None, Choices())
            self.draft.close()
            self.draft, self.plan = None, None

    def receive(self, matter: object) -> None:
        """Leave out what the user rejected, or read files: the first, or beside those in use."""
        if isinstance(matter, tuple):
            self.read_files(list(matter))
        if isinstance(matter, Path):
            self.add_files([matter])
        if isinstance(matter, Rejection):
            self._rejected.take(matter)
            folder = self.session.require_project().draft
            if self.plan is not None or not has_draft(folder):
                self._rejected.follow(folder)

    def mix(self, mixture: MixtureOptions) -> None:
        """Mix the training part in another way."""
        # Translators: what undo takes back.
        if self.edits.mix(_("training mix"), mixture):
            self.leave()
            self._show_rest()

    def hold_out(self, percent: int) -> None:
        """Hold back another share."""
        # Translators: what undo takes back.
        if self.edits.hold_out(_("share set aside for testing"), percent):
            self._show_rest()

    def show_receipt(self) -> None:
        """Open the receipt of the version in use."""
        from gui.examples.receipt_dialog import open_receipt

        project, version = self.session.require_project(), self.session.state.dataset_version
        try:
            open_receipt(project.version_folder(version), self)
        except UserFacingError as error:
            self.failed.emit(error)

    def _replan(self) -> None:
        if self.draft is not None:
            self._planner.plan(self.draft, self.session.require_project().draft, self.choices)

    def _show_plan(self, draft: Draft, plan: CleaningPlan, tasks: Tasks) -> None:
        if draft is not self.draft:
            return
        self.plan, self._kinds_of_task = plan, tasks
        self.view.show_draft(draft, plan, self.choices)
        self.review.show_draft(draft, plan, self.choices)
        self.undecided = undecided(draft, plan, self.choices)
        for findings in (self.risks, self.findings):
            findings.show_choices(self.choices, self.edits.last, self.undecided)
        self.notes.show_notes(draft.summary, plan.kept_count)
        self.findings.setVisible(not self._waits_for_a_name())
        self._show_rest()
        self._rejected.follow(self.session.require_project().draft)

    def _show_rest(self) -> None:
        if self.plan is None or self._kinds_of_task is None:
            return
        kept, decided = self.plan.kept, self.edits
        available = self._kinds_of_task.counts(kept)
        self.mixture.show_mixture(decided.mixture, available)
        counts = expected_counts(len(kept), decided.split)
        counts["train"] = expected_training(counts["train"], available, decided.mixture)
        self.split.show_split(counts, decided.held_out, frozen=self._frozen)
        self.changed.emit()
