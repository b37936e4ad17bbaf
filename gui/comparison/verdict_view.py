"""The end of the blind rating: what it proves, and the marks of both models."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from core.evaluation.rating.ratings import CRITERIA, Criterion, RatingSession
from core.language import N_, _, ngettext, number
from gui.comparison.score_grid import CRITERION_NAMES
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import label
from gui.kit.message_bar import MessageBar
from gui.kit.theme import Space, Tone

Marks = Mapping[Criterion, float]

_TONES: dict[str, Tone] = {
    "better": "good",
    "probably_better": "good",
    "not_enough": "neutral",
    "probably_worse": "warning",
    "worse": "problem",
}
_INTERVAL = N_(
    "The range is the share of clear decisions that yours would win if you judged very many "
    "answers. It is right in 95 of 100 such comparisons."
)


class VerdictView(QWidget):
    """Filled by ``show_result``.

    Attributes:
        taken_back: the rating is to continue: the result is hidden again.
    """

    taken_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = MessageBar(dismissable=False)
        self._kinds = label("", "muted")
        self.back = QPushButton()
        self.back.clicked.connect(self.taken_back)
        back = hbox(self.back, 1)
        self._marks = QWidget()
        self._layout = vbox(
            label(_("Result of your blind rating"), "heading"),
            self.sentence,
            back,
            self._kinds,
            self._marks,
            label(_(_INTERVAL), "small"),
            on=self,
            margins=0,
            spacing=Space.MEDIUM,
        )

    def show_result(self, session: RatingSession) -> None:
        """Reveal the totals."""
        totals = session.totals()
        verdict = totals.verdict
        rated = ngettext(
            "You rated {rated:,} of {count:,} question.",
            "You rated {rated:,} of {count:,} questions.",
            totals.questions,
            rated=totals.rated,
        )
        early = verdict.settled and totals.rated < totals.questions
        todo = _("{rated} That is enough to tell.", rated=rated) if early else rated
        self.sentence.say(_TONES[verdict.outcome], verdict.sentence, todo)
        left = totals.questions - totals.rated
        what = ngettext("Rate the other question", "Rate the other {count:,} questions", left)
        self.back.setText(what if left else _("Change the last rating"))
        held_out, general = session.totals("held_out"), session.totals("general")
        lines: list[str] = []
        if held_out.rated and general.rated:
            lines = [
                _("Examples not trained on: {verdict}", verdict=held_out.verdict.sentence),
                _("Everyday questions: {verdict}", verdict=general.verdict.sentence),
            ]
        self._kinds.setText("\n".join(lines))
        self._kinds.setVisible(bool(lines))
        self._show_marks(totals.base_scores, totals.tuned_scores)

    def _show_marks(self, base: Marks, tuned: Marks) -> None:
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.HUGE)
        grid.setColumnStretch(3, 1)
        for column, text in enumerate((_("Mean mark, 1 to 5"), _("Base"), _("Yours"))):
            grid.addWidget(label(text, "small", wrap=False), 0, column)
        for row, criterion in enumerate(CRITERIA, 1):
            grid.addWidget(label(_(CRITERION_NAMES[criterion]), wrap=False), row, 0)
            for column, marks in ((1, base), (2, tuned)):
                mark = marks.get(criterion)
                shown: str = "–" if mark is None else number(mark, ".1f")
                grid.addWidget(label(shown, wrap=False), row, column)
        self._layout.replaceWidget(self._marks, fresh)
        self._marks.deleteLater()
        self._marks = fresh
        fresh.setVisible(bool(base or tuned))
