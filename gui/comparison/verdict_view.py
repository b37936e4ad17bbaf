"""The end of the blind rating: what it proves, how raters agree, the marks of both models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from core.evaluation.rating.criteria import Named, usual_criteria
from core.evaluation.rating.ratings import Criterion, RatingSession
from core.evaluation.rating.wording import authors, rated_text
from core.language import N_, _, ngettext, number
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.labels import label, set_look
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
_INTERVAL_BY_NAME = N_(
    "The range is the share of clear decisions that “{mine}” would win if you judged very many "
    "answers. It is right in 95 of 100 such comparisons."
)
_KINDS = {
    "held_out": N_("Examples not trained on: {verdict}"),
    "general": N_("Everyday questions: {verdict}"),
    "own": N_("Your own questions: {verdict}"),
}


class VerdictView(QWidget):
    """Filled by ``show_result``.

    Attributes:
        sentence: what it proves; stands at the top of the page, outside of this.
        taken_back: the rating is to continue: the result is hidden again.
        answers_wanted: all answers are to be shown with their authors.
    """

    taken_back = Signal()
    answers_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = MessageBar(dismissable=False)
        set_look(self.sentence.what, role="hero")
        self._kinds = label("", "muted")
        self.back = QPushButton()
        self.back.clicked.connect(self.taken_back)
        self.answers = QPushButton(_("Answers and their authors …"))
        self.answers.clicked.connect(self.answers_wanted)
        back = Flow(self.back, self.answers)
        self.agreement = label("", "muted")
        self._interval = label("", "small")
        self._marks = QWidget()
        self._layout = vbox(
            label(_("Result of your blind rating"), "heading"),
            back,
            self.agreement,
            self._kinds,
            self._marks,
            self._interval,
            on=self,
            margins=0,
            spacing=Space.MEDIUM,
        )

    def show_result(
        self,
        session: RatingSession,
        criteria: Sequence[Named] | None = None,
        agreement: Sequence[str] = (),
        called: Callable[[str], str] = str,
    ) -> None:
        """Reveal the totals, and how far this rater agrees with others.

        Args:
            called: gives what a run is called.
        """
        totals = session.totals()
        verdict = totals.verdict
        self.sentence.say(_TONES[verdict.outcome], verdict.sentence, rated_text(totals))
        self.agreement.setText("\n".join(agreement))
        self.agreement.setVisible(bool(agreement))
        name = verdict.mine
        self._interval.setText(_(_INTERVAL_BY_NAME, mine=name) if name else _(_INTERVAL))
        left = totals.questions - totals.rated
        what = ngettext("Rate the other question", "Rate the other {count:,} questions", left)
        self.back.setText(what if left else _("Change the last rating"))
        of_kind = {kind: session.totals(kind) for kind in _KINDS}
        rated = {kind: one.verdict.sentence for kind, one in of_kind.items() if one.rated}
        lines = [_(_KINDS[kind], verdict=said) for kind, said in rated.items()]
        lines = lines if len(lines) > 1 else []
        self._kinds.setText("\n".join(lines))
        self._kinds.setVisible(bool(lines))
        named = usual_criteria() if criteria is None else criteria
        other = session.opponent
        columns = authors(called(other), called(session.run)) if other else None
        heads = (columns["base"], columns["tuned"]) if columns else (_("Base"), _("Yours"))
        self._show_marks(named, heads, totals.base_scores, totals.tuned_scores)

    def _show_marks(
        self, criteria: Sequence[Named], heads: tuple[str, str], base: Marks, tuned: Marks
    ) -> None:
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.HUGE)
        grid.setColumnStretch(3, 1)
        for column, text in enumerate((_("Mean mark, 1 to 5"), *heads)):
            grid.addWidget(label(text, "small", wrap=False), 0, column)
        for row, criterion in enumerate(criteria, 1):
            grid.addWidget(label(criterion.name, wrap=False), row, 0)
            for column, marks in ((1, base), (2, tuned)):
                mark = marks.get(criterion.key)
                shown: str = "–" if mark is None else number(mark, ".1f")
                grid.addWidget(label(shown, wrap=False), row, column)
        self._layout.replaceWidget(self._marks, fresh)
        self._marks.deleteLater()
        self._marks = fresh
        fresh.setVisible(bool(base or tuned))
