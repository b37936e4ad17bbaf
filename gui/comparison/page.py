"""The comparison: first the scores, then blind rating, then what it proves."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from core.errors import UserFacingError
from core.evaluation.facts.cases import FactCase
from core.evaluation.facts.review import FactReview
from core.evaluation.stored import read_evaluation
from core.evaluation.summary import sentence
from core.evaluation.wording import measured
from core.jobs.spec import (
    DEFAULT_QUESTIONS,
    EvaluateParams,
    EvaluationResult,
    asked_of,
)
from core.jobs.supervisor import is_alive
from core.language import N_, _, ngettext
from core.project import RunFolder
from core.wizard import Step
from gui.comparison.blind_rating import BlindRating
from gui.comparison.facts_dialog import FactsDialog
from gui.comparison.forgotten_bar import ForgottenBar
from gui.comparison.own_questions_dialog import OwnQuestionsButton
from gui.comparison.rating.desk import RatingDesk
from gui.comparison.rating.setup import RatingSetup
from gui.comparison.report_button import ReportButton
from gui.comparison.score_table import ScoreTable
from gui.comparison.verdict_view import VerdictView
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label, selectable, set_look
from gui.kit.look.sizes import READING
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session

_QUESTIONS = (10, 20, 50, 100)
_LOADING = N_("Loading both models …")
_FIRST, _SCORES, _RATING = range(3)


class ComparisonPage(JobPage):
    """Measures both models, lets the user judge blind, and shows the verdict at the end."""

    step = Step.COMPARISON
    limit = READING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._run_name = ""
        self._job.completed.connect(self._measured)
        self._job.changed.connect(self._job_changed)
        self.questions = Dropdown()
        self.questions.setAccessibleName(_("Number of questions"))
        for count in _QUESTIONS:
            self.questions.addItem(
                ngettext("{count:,} question", "{count:,} questions", count), count
            )
        self.questions.setCurrentIndex(_QUESTIONS.index(DEFAULT_QUESTIONS))
        self.summary = selectable(role="heading")
        self.scores = ScoreTable()
        self.forgotten = ForgottenBar()
        self.forgotten.wanted.connect(self._remedy)
        self.again = QPushButton(_("Measure again"))
        self.again.clicked.connect(self.measure)
        self.facts = QPushButton(_("Check invented facts …"))
        self.facts.clicked.connect(self._check_facts)
        self._cases: list[FactCase] = []
        self.own = OwnQuestionsButton(session)
        self.own.failed.connect(self.failed)
        self.report = ReportButton(session)
        self.report.failed.connect(self.failed)
        self.rating = BlindRating()
        self.rating.rated.connect(self._rated)
        self.rating.finished.connect(self._show_verdict)
        self.early = QPushButton(_("Finish early and see the result"))
        self.early.clicked.connect(self._show_verdict)
        self.verdict = VerdictView()
        self.verdict.taken_back.connect(self._rate_again)
        self.setup = RatingSetup()
        self._desk = RatingDesk(self, self.setup, self.rating, self.verdict)
        self._desk.opened.connect(self._rating_opened)
        self._desk.failed.connect(self.failed)
        self.verdict.hide()
        self._stack = QStackedWidget()
        for widget in (self._first_view(), self._scores_view(), self._rating_view()):
            self._stack.addWidget(widget)
        vbox(
            self.progress,
            (self._stack, 1),
            on=self,
            margins=(0, Space.SMALL, 0, 0),
            spacing=Space.MEDIUM,
        )

    def _first_view(self) -> QWidget:
        view = QWidget()
        card = QFrame()
        set_look(card, card="true")
        row = hbox(label(_("Let both models answer"), wrap=False), self.questions, 1)
        vbox(
            label(_("How it works"), "heading"),
            label(
                _(
                    "Both models answer questions that neither has been trained on, and everyday "
                    "questions that show what your model has forgotten. You see the scores first. "
                    "Then you judge the answers without knowing which model wrote them."
                )
            ),
            row,
            on=card,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        vbox(card, 1, on=view, margins=0)
        return view

    def _scores_view(self) -> QWidget:
        view = QWidget()
        self._what = label("", "muted")
        buttons = self.own, self.facts, self.report, self.again
        row = Flow(self._what, *buttons, stretch=self._what)
        content = vbox(
            self.summary,
            self.forgotten,
            row,
            self.scores,
            self.setup,
            self.verdict,
            1,
            spacing=Space.MEDIUM,
        )
        scrolled(view, content)
        return view

    def _rating_view(self) -> QWidget:
        view = QWidget()
        content = vbox((self.rating, 1))
        row = hbox(1, self.early)
        content.addLayout(row)
        scrolled(view, content)  # large text needs more height than a small screen has
        return view

    def title(self) -> str:
        """Return the headline."""
        return _("Comparison")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        if self._stack.currentIndex() == _RATING:
            return _("Which answer is better? You do not know which model wrote it. Keys: ← → ↓ ↑")
        if not self._run_name:
            return _("Is your model really better than the base model?")
        return _("Is “{run}” really better than the base model?", run=self._run_name)

    def primary_text(self) -> str:
        """Return the next thing to do here."""
        if self._stack.currentIndex() == _FIRST:
            return _("Let both models answer")
        if self._stack.currentIndex() == _RATING:
            return _("Next question")
        if not self.verdict.isHidden():
            return _("Save the fine-tune")
        session = self.rating.session
        if session is None or not session.rated:
            return _("Rate the answers blind")
        known = {"rated": session.rated, "count": session.count}
        return _("Continue rating ({rated:,} of {count:,})", **known)

    def is_ready(self) -> bool:
        """Rating continues when the question was judged."""
        if not self._run_name:
            return False
        if self._stack.currentIndex() == _RATING:
            return self.rating.has_choice()
        return not self.is_busy()

    def hint(self) -> str:
        """Say what comes next."""
        if not self._run_name:
            return _("The fine-tune's folder is gone. Choose another one in the library.")
        if self.is_busy() and self._job_about != self._run_name:
            return _("“{run}” is being compared right now.", run=self._job_about)
        if self._stack.currentIndex() == _RATING and not self.rating.has_choice():
            return _("Choose with ← → ↓ ↑ first.")
        return ""

    def enter(self) -> None:
        """Show the scores of this run, or follow an evaluation that is still running."""
        run = self.session.finished_run()
        name = run.name if run is not None else ""
        if name != self._run_name:
            self._forget(name)
        if run is None:
            self.changed.emit()
            return
        if not self._job.is_running() and not self._reattach(run):
            self._show_evaluation(run)
        self.changed.emit()

    def _forget(self, run_name: str) -> None:
        self._run_name = run_name
        self._desk.close()
        self.verdict.hide()
        self._stack.setCurrentIndex(_FIRST)

    def _reattach(self, run: RunFolder) -> bool:
        latest = self.session.require_project().latest_run("evaluate")
        if latest is None or not is_alive(latest):
            return False
        asked = asked_of(latest)
        if not isinstance(asked, EvaluateParams) or asked.run != run.name:
            return False
        self._job_about = run.name
        self._job.run(latest, _(_LOADING))
        return True

    def _show_evaluation(self, run: RunFolder) -> None:
        if not run.evaluation_file.is_file():
            self._stack.setCurrentIndex(_FIRST)
            return
        try:
            evaluation = read_evaluation(run)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.session.give(evaluated=True)
        self.summary.setText(sentence(evaluation))
        self.summary.setVisible(bool(self.summary.text()))
        self.scores.show_scores(evaluation)
        self.forgotten.show_evaluation(evaluation)
        self._cases = evaluation.cases
        marked = any(case.base.marks or case.tuned.marks for case in self._cases)
        self.facts.setVisible(marked and not self.session.read_only)
        self._what.setText(measured(evaluation))
        if self._stack.currentIndex() == _FIRST:
            self._stack.setCurrentIndex(_SCORES)
        self._desk.open(run, evaluation)

    def _rating_opened(self) -> None:
        if self._desk.is_finished:
            self._show_verdict()
        else:
            self.verdict.hide()
            self.changed.emit()

    def apply(self) -> None:
        """Measure, rate, or continue to saving, whatever comes next."""
        if self._stack.currentIndex() == _FIRST:
            self.measure()
        elif self._stack.currentIndex() == _RATING:
            self.rating.go_on()
        elif not self.verdict.isHidden() or self.rating.session is None:
            self.finished.emit()
        else:
            self._stack.setCurrentIndex(_RATING)
            self.rating.setFocus()
        self.changed.emit()

    def measure(self) -> None:
        """Let both models answer and measure them."""
        project = self.session.require_project()
        params = EvaluateParams(run=self._run_name, questions=self.questions.currentData())
        try:
            folder = project.new_run("evaluate")
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self._job_about = self._run_name
        self._job.run(folder, _(_LOADING), params)

    def _remedy(self, step: Step) -> None:
        try:
            self.session.go_to(step)
        except UserFacingError as error:
            self.failed.emit(error)

    def _check_facts(self) -> None:
        run = self.session.finished_run()
        if run is None:
            return
        try:
            review = FactReview(run, self._cases)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        FactsDialog(review, self).exec()

    def _job_changed(self) -> None:
        self.again.setEnabled(not self._job.is_running())
        self.changed.emit()

    def _measured(self, _result: EvaluationResult) -> None:
        run = self.session.finished_run()
        if run is not None and run.name == self._job_about == self._run_name:
            self._desk.close()
            self.verdict.hide()
            self._show_evaluation(run)

    def _rated(self) -> None:
        session = self.rating.session
        self.early.setEnabled(session is not None and session.rated > 0)
        self.changed.emit()

    def _show_verdict(self) -> None:
        """Reveal the result, also when the project is opened again."""
        if self.rating.session is None:
            return
        self._desk.show_result()
        was_rating = self._stack.currentIndex() == _RATING
        self.verdict.show()
        self._stack.setCurrentIndex(_SCORES)
        if was_rating:  # what had the keyboard is gone; this can be taken back
            self.verdict.back.setFocus()
        self.changed.emit()

    def _rate_again(self) -> None:
        """Hide the result and continue with the questions."""
        self._desk.take_back()
        self.verdict.hide()
        self._stack.setCurrentIndex(_RATING)
        self.rating.reopen()
        self.rating.setFocus()
        self.changed.emit()

    def shut_down(self) -> None:
        """Let go of the job, which continues, and of the database."""
        self._job.let_go()
        self.report.shut_down()
        self._desk.close()
