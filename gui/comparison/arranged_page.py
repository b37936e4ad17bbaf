"""What the page Comparison is made of, and where it stands."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QStackedWidget, QWidget

from core.chat.everyday import everyday_questions
from core.jobs.spec import DEFAULT_QUESTIONS
from core.language import _, ngettext, one_after_another
from core.wording import duration
from gui.comparison.blind_rating import BlindRating
from gui.comparison.forgotten_bar import ForgottenBar
from gui.comparison.measure_again import MeasureAgain
from gui.comparison.next_steps import NextSteps
from gui.comparison.own_questions_dialog import OwnQuestionsButton
from gui.comparison.rating.block import RatingBlock
from gui.comparison.rating.setup import RatingSetup
from gui.comparison.report_button import ReportButton
from gui.comparison.score_table import ScoreTable
from gui.comparison.verdict_view import VerdictView
from gui.kit.boxes import hbox, vbox
from gui.kit.cards.fold import Fold
from gui.kit.fields.dropdown import Dropdown
from gui.kit.flow import Flow
from gui.kit.labels import label, selectable, set_look
from gui.kit.scroll import scrolled
from gui.kit.theme import Space
from gui.wizard.job_page import JobPage
from gui.wizard.session import Session

_QUESTIONS = (10, 20, 50, 100)
FIRST, SCORES, RATING = range(3)
_LARGE_TEXT = 1.4


class ArrangedComparison(JobPage):
    """Three views: how it works, what was found, and two answers to judge.

    What was found begins with the sentence; what to do next follows, then the rating, and the
    scores lie folded below.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._time = label("", "muted")
        self.questions = Dropdown()
        self.questions.setAccessibleName(_("Number of questions"))
        for count in _QUESTIONS:
            self.questions.addItem(
                ngettext("{count:,} question", "{count:,} questions", count), count
            )
        self.questions.setCurrentIndex(_QUESTIONS.index(DEFAULT_QUESTIONS))
        self.prompted = QCheckBox(_("Also try a prompt with examples"))
        self.prompted.setChecked(True)
        self.own_first = OwnQuestionsButton(session)
        self.own_first.failed.connect(self.failed)
        self.summary = selectable(role="hero")
        self.found = selectable()  # the same in detail, a line for each score
        self.next_steps = NextSteps()
        self.learn = QPushButton(_("Learn from your ratings …"))
        self.next_steps.row.addWidget(self.learn)
        self.scores = ScoreTable()
        self.forgotten = ForgottenBar()
        self.again = MeasureAgain(self.prompted)
        self.facts = QPushButton(_("Check invented facts …"))
        self.own = OwnQuestionsButton(session)
        self.report = ReportButton(session)
        self.rating = BlindRating()
        self.early = QPushButton(_("Finish early and see the result"))
        self.verdict = VerdictView()
        self.setup = RatingSetup()
        self.block = RatingBlock(self.setup, self.verdict)
        self._stack = QStackedWidget()
        for view in (self._first_view(), self._found_view(), self._rating_view()):
            self._stack.addWidget(view)
        vbox(
            self.progress,
            (self._stack, 1),
            on=self,
            margins=(0, Space.SMALL, 0, 0),
            spacing=Space.MEDIUM,
        )
        self.say_time(None)
        self.show_state(revealed=False)

    def _first_view(self) -> QWidget:
        view = QWidget()
        card = QFrame()
        set_look(card, card="true")
        row = hbox(label(_("Let both models answer"), wrap=False), self.questions, 1)
        vbox(
            label(_("How it works"), "heading"),
            label(
                _(
                    "Both models answer questions that neither has been trained on, and {count:,} "
                    "short everyday questions that show what your model has forgotten. You see the "
                    "scores first. Then you judge the answers without knowing which model wrote "
                    "them.",
                    count=len(everyday_questions(0)),
                )
            ),
            self._time,
            row,
            label(_("Fewer are asked if fewer of your examples were set aside."), "muted"),
            self.prompted,
            hbox(self.own_first, 1),
            on=card,
            margins=Space.LARGE,
            spacing=Space.MEDIUM,
        )
        vbox(card, 1, on=view, margins=0)
        return view

    def say_time(self, last: tuple[int, float] | None) -> None:
        """Say how long it takes as far as it was measured: questions and seconds of the last."""
        meanwhile = _(
            "It takes longer the more questions you choose. Meanwhile you can use the other pages "
            "or close the window."
        )
        if last is None:
            self._time.setText(meanwhile)
            return
        asked, seconds = last
        took = ngettext(
            "The last comparison, with {count:,} question, took {time}.",
            "The last comparison, with {count:,} questions, took {time}.",
            asked,
            time=duration(seconds),
        )
        self._time.setText(one_after_another([took, meanwhile]))

    def _found_view(self) -> QWidget:
        view = QWidget()
        self._what = label("", "muted")
        self.details = Fold(
            _("Scores"),
            vbox(
                self.scores,
                Flow(self.own, self.facts, self.report),
                self.again,
                spacing=Space.MEDIUM,
            ),
        )
        content = vbox(
            self.verdict.sentence,
            self.summary,
            self.found,
            self._what,
            self.forgotten,
            self.next_steps,
            self.block,
            self.details,
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

    def show_state(self, *, revealed: bool) -> None:
        """Show what comes next, and the result of the rating if it may be seen."""
        session = self.rating.session
        self.verdict.sentence.setVisible(revealed)
        set_look(self.summary, role="strong" if revealed else self._first_role())
        set_look(self.verdict.sentence.what, role=self._first_role())
        self.next_steps.show_state(session, revealed=revealed)
        self.learn.setVisible(revealed and not self.session.read_only)
        self.block.show_state(session, revealed=revealed)

    def _first_role(self) -> str:
        """Large, unless the text is large already: it would leave room for nothing else."""
        return "hero" if self.session.settings.text_scale < _LARGE_TEXT else "heading"
