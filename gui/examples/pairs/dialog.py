"""The dialog in which a base model draws questions from documents and you accept some of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from core.data.draft import DraftSummary
from core.errors import UserFacingError
from core.jobs.supervisor import is_alive
from core.language import _, ngettext
from core.pairs.proposals import (
    accepted_file,
    proposals_file,
    read_proposals,
    write_examples,
    write_proposals,
)
from core.pairs.spec import DEFAULT_PASSAGES, MOST_PASSAGES, PairsParams
from core.project import RunFolder
from gui.examples.pairs.model_choice import ModelChoice
from gui.examples.pairs.proposal_list import ProposalList
from gui.jobs.job_progress import JobProgress
from gui.jobs.page_job import PageJob
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.number_field import NumberField
from gui.kit.flow import Flow
from gui.kit.labels import label
from gui.kit.message_bar import MessageBar
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.kit.window_place import fit_dialog
from gui.wizard.session import Session

_SIZE = (1000, 680)


class PairsDialog(QDialog):
    """What was made stays in the project until it is used; a cancel keeps it too.

    Attributes:
        made: a file of the pairs that you accepted.
    """

    made = Signal(Path)

    def __init__(
        self, session: Session, summary: DraftSummary, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Questions from your documents"))
        self._session = session
        self._summary = summary
        self._run: RunFolder | None = None
        self.message = MessageBar()
        self.model = ModelChoice(session, self)
        self.count = NumberField()
        self.count.setAccessibleName(_("At most this many passages"))
        self.count.setRange(1, MOST_PASSAGES)
        self.count.setValue(DEFAULT_PASSAGES)
        self.start = QPushButton(_("Make questions"))
        self.start.clicked.connect(self.make)
        self.progress = JobProgress()
        self.job = PageJob(self.progress, self)
        self.job.changed.connect(self._job_changed)
        self.job.failed.connect(self.message.say_error)
        self.passed = label("", "muted")
        self.list = ProposalList()
        self.list.changed.connect(self._count)
        self.use = QPushButton()
        self.use.clicked.connect(self._use)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._find_earlier()

    def _lay_out(self) -> None:
        text = _(
            "A base model reads your documents and writes one question with its answer about each "
            "passage. A pair fails the check if a number, a name or too many words are not in "
            "its passage. Read the others too: a model can still be wrong."
        )
        asked = label(_("Base model:"), wrap=False)
        most = label(_("Passages:"), wrap=False)
        content = vbox(
            label(text),
            Flow(asked, self.model, most, self.count, self.start, stretch=self.model),
            self.progress,
            self.passed,
            (self.list, 1),
            spacing=Space.MEDIUM,
        )
        page = QWidget()
        scrolled(page, content)
        vbox(
            self.message,
            (page, 1),
            hbox(1, self.use, self.close_button, spacing=Space.SMALL),
            on=self,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        fit_dialog(self, *_SIZE)

    def _find_earlier(self) -> None:
        """Follow what is being made, or show what was made and not used yet."""
        run = self._session.require_project().latest_run("pairs")
        if run is not None and is_alive(run):
            self._run = run
            self.job.run(run, _("Asking about your documents"))
        elif run is not None and not accepted_file(run).exists():
            self._run = run
            self._show_made()
        self._job_changed()

    def make(self) -> None:
        """Let the chosen model ask."""
        self.message.hide()
        self._keep_decisions()
        self._run = self._session.require_project().new_run("pairs")
        paths = dict.fromkeys(source.path for source in self._summary.sources)
        params = PairsParams(
            paths=tuple(paths),
            base_model=str(self.model.folder()),
            most=self.count.value(),
            read=self._summary.options.read,
        )
        self.list.show_proposals([])
        self.job.run(self._run, _("Reading your documents"), params)

    def _job_changed(self) -> None:
        running = self.job.is_running()
        for widget in (self.model, self.count, self.start, self.list):
            widget.setEnabled(not running)
        if not running:
            self._show_made()
        self._count()

    def _show_made(self) -> None:
        if self._run is None:
            return
        try:
            self.list.show_proposals(read_proposals(proposals_file(self._run)))
        except UserFacingError as error:
            self.message.say_error(error)

    def _count(self) -> None:
        everything = self.list.proposals()
        passed = sum(not one.fault for one in everything)
        self.passed.setText(
            ngettext(
                "{passed:,} of {count:,} pair passed the check.",
                "{passed:,} of {count:,} pairs passed the check.",
                len(everything),
                passed=passed,
            )
            if everything
            else ""
        )
        accepted = len(self.list.accepted())
        self.use.setText(
            ngettext("Use {count:,} pair", "Use {count:,} pairs", accepted)
            if accepted
            else _("Use the accepted pairs")
        )
        self.use.setEnabled(accepted > 0 and not self.job.is_running())

    def _use(self) -> None:
        if self._run is None:
            return
        self._keep_decisions()
        path = accepted_file(self._run)
        try:
            write_examples(path, self.list.accepted())
        except UserFacingError as error:
            self.message.say_error(error)
            return
        self._run = None
        self.made.emit(path)
        self.accept()

    def _keep_decisions(self) -> None:
        proposals = self.list.proposals()
        if self._run is None or not proposals or self.job.is_running():
            return
        try:
            write_proposals(proposals_file(self._run), proposals)
        except UserFacingError as error:
            self.message.say_error(error)

    def done(self, result: int) -> None:
        """Keep what was decided; what is being made continues."""
        self._keep_decisions()
        self.job.let_go()
        self.model.shut_down()
        super().done(result)
