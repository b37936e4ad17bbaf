"""The comparison: both models are measured, then you judge, and what both prove is said first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.errors import UserFacingError
from core.evaluation.facts.cases import FactCase
from core.evaluation.facts.review import FactReview
from core.evaluation.stored import read_evaluation
from core.evaluation.summary import clauses, headline, text_of
from core.evaluation.wording import measured
from core.jobs.spec import DEFAULT_PROMPTED, EvaluateParams, EvaluationResult, asked_of
from core.jobs.supervisor import is_alive
from core.language import N_, _
from core.project import RunFolder
from core.wizard import Step
from gui.comparison.arranged_page import FIRST, RATING, SCORES, ArrangedComparison
from gui.comparison.facts_dialog import FactsDialog
from gui.comparison.rating.desk import RatingDesk
from gui.kit.look.sizes import READING
from gui.wizard.lessons import Lessons
from gui.wizard.page import Against, Place
from gui.wizard.session import Session

_LOADING = N_("Loading both models …")


class ComparisonPage(ArrangedComparison):
    """Measures both models, lets the user judge blind, and shows the verdict at the end."""

    step = Step.COMPARISON
    limit = READING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._run_name = ""
        self._cases: list[FactCase] = []
        self._desk = RatingDesk(self, self.setup, self.rating, self.verdict)
        self.lessons = Lessons(self)
        self._connect()

    def _connect(self) -> None:
        self._job.completed.connect(self._measured)
        self._job.changed.connect(self._job_changed)
        self.next_steps.wanted.connect(self._go_to)
        self.forgotten.wanted.connect(self._go_to)
        self.again.button.clicked.connect(self.measure)
        self.facts.clicked.connect(self._check_facts)
        self.own.failed.connect(self.failed)
        self.report.failed.connect(self.failed)
        self.learn.clicked.connect(self.lessons.ask)
        self.rating.rated.connect(self._rated)
        self.rating.finished.connect(self._show_verdict)
        self.early.clicked.connect(self._show_verdict)
        self.verdict.taken_back.connect(self._rate_again)
        self._desk.opened.connect(self._rating_opened)
        self._desk.failed.connect(self.failed)

    def title(self) -> str:
        """Return the headline."""
        return _("Comparison")

    def subtitle(self) -> str:
        """Return what is to be done here."""
        if self._stack.currentIndex() == RATING:
            return _("Which answer is better? You do not know which model wrote it. Keys: ← → ↓ ↑")
        if not self._run_name:
            return _("Is your model really better than the base model?")
        session = self.rating.session
        mine = self.called(self._run_name)
        if session is not None and session.opponent:
            other = self.called(session.opponent)
            return _("Is “{run}” better than “{other}”?", run=mine, other=other)
        return _("Is “{run}” really better than the base model?", run=mine)

    def primary_text(self) -> str:
        """Return the next thing to do here."""
        if self._stack.currentIndex() == FIRST:
            return _("Let both models answer")
        if self._stack.currentIndex() == RATING:
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
        if self._stack.currentIndex() == RATING:
            return self.rating.has_choice()
        return not self.is_busy()

    def hint(self) -> str:
        """Say what comes next."""
        if not self._run_name:
            return _("The fine-tune's folder is gone. Choose another one in the library.")
        if self.is_busy() and self._job_about != self._run_name:
            return _("“{run}” is being compared right now.", run=self.called(self._job_about))
        if self._stack.currentIndex() == RATING and not self.rating.has_choice():
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
        self.prompted.setChecked(self.memory().get("prompted") is not False)
        self._desk.close()
        self.show_state(revealed=False)
        self._stack.setCurrentIndex(FIRST)

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
            self._stack.setCurrentIndex(FIRST)
            return
        try:
            evaluation = read_evaluation(run)
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.session.give(evaluated=True)
        self.summary.setText(headline(evaluation))
        self.summary.setVisible(bool(self.summary.text()))
        self.found.setText("\n".join(map(text_of, clauses(evaluation))))
        self.found.setVisible(bool(self.found.text()))
        if not self.summary.text():
            self.details.open()  # all that there is
        self.scores.show_scores(evaluation)
        self.forgotten.show_evaluation(evaluation)
        self._cases = evaluation.cases
        marked = any(case.base.marks or case.tuned.marks for case in self._cases)
        self.facts.setVisible(marked and not self.session.read_only)
        self._what.setText(measured(evaluation))
        if self._stack.currentIndex() == FIRST:
            self._stack.setCurrentIndex(SCORES)
        self._desk.open(run, evaluation)
        self.show_state(revealed=not self.verdict.isHidden())

    def receive(self, matter: object) -> None:
        """Rate against the fine-tune that the library names."""
        if isinstance(matter, Against):
            self._desk.choose(matter.run)

    def _rating_opened(self) -> None:
        if self._desk.is_finished:
            self._show_verdict()
        else:
            self.show_state(revealed=False)
            self.changed.emit()

    def apply(self) -> None:
        """Measure, rate, or continue to saving, whatever comes next."""
        if self._stack.currentIndex() == FIRST:
            self.measure()
        elif self._stack.currentIndex() == RATING:
            self.rating.go_on()
        elif not self.verdict.isHidden() or self.rating.session is None:
            self.finished.emit()
        else:
            self._stack.setCurrentIndex(RATING)
            self.rating.setFocus()
        self.changed.emit()

    def measure(self) -> None:
        """Let both models answer and measure them."""
        project = self.session.require_project()
        prompted = DEFAULT_PROMPTED if self.prompted.isChecked() else 0
        questions = self.questions.currentData()
        params = EvaluateParams(run=self._run_name, questions=questions, prompted=prompted)
        self.remember(prompted=self.prompted.isChecked())
        try:
            folder = project.new_run("evaluate")
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self._job_about = self._run_name
        self._job.run(folder, _(_LOADING), params)

    def _go_to(self, place: Step | Place) -> None:
        self.sent.emit(place, self._run_name if place is Place.CHAT else None)

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
            self.show_state(revealed=False)
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
        was_rating = self._stack.currentIndex() == RATING
        self.show_state(revealed=True)
        self._stack.setCurrentIndex(SCORES)
        if was_rating:  # what had the keyboard is gone; this can be taken back
            self.verdict.back.setFocus()
        self.changed.emit()

    def _rate_again(self) -> None:
        """Hide the result and continue with the questions."""
        self._desk.take_back()
        self.show_state(revealed=False)
        self._stack.setCurrentIndex(RATING)
        self.rating.reopen()
        self.rating.setFocus()
        self.changed.emit()

    def shut_down(self) -> None:
        """Let go of the job, which continues, and of the database."""
        self._job.let_go()
        self.report.shut_down()
        self.lessons.shut_down()
        self._desk.close()
