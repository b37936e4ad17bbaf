"""Answers in which something may be invented, one after the other: you judge with a key.

Nothing in here shows which model wrote an answer.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QTextEdit, QWidget

from core.errors import UserFacingError
from core.evaluation.facts.review import FactReview, Item, Model, Rate, Said
from core.language import N_, _, ngettext
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, text_pane
from gui.kit.theme import Space, colors
from gui.kit.window_place import fit_dialog

_SIZE = (820, 620)
_QUESTION_HEIGHT = 120
_EXPECTED_HEIGHT = 90
_TINT = 60  # alpha of what is marked
_CHOICES: tuple[tuple[Said, str, Qt.Key], ...] = (
    ("invented", N_("←  Invented"), Qt.Key.Key_Left),
    ("sound", N_("Not invented  →"), Qt.Key.Key_Right),
)
_RATES: dict[Model, str] = {
    "base": N_("Base model: something invented in {low:.0%} to {high:.0%} of {count:,} answers."),
    "tuned": N_("Yours: something invented in {low:.0%} to {high:.0%} of {count:,} answers."),
}


class FactsDialog(QDialog):
    """The list of one run; what you say is stored at once."""

    def __init__(self, review: FactReview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Invented facts"))
        fit_dialog(self, *_SIZE)
        self.review = review
        self.item: Item | None = None
        self.where = label("", "muted")
        self.rates = label("", "heading")
        self.question = text_pane(_("Question"))
        self.question.setFixedHeight(_QUESTION_HEIGHT)
        self.answer = text_pane(_("Answer"))
        self.expected = text_pane(_("Expected answer"))
        self.expected.setFixedHeight(_EXPECTED_HEIGHT)
        self.choices = {said: QPushButton(_(text)) for said, text, _key in _CHOICES}
        self.undo = QPushButton(_("Undo"))
        self.undo.clicked.connect(self.take_back)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.accept)
        for said, _text, key in _CHOICES:
            self.choices[said].setAutoDefault(False)
            self.choices[said].clicked.connect(lambda _=False, s=said: self.say(s))
            QShortcut(QKeySequence(key), self).activated.connect(lambda s=said: self.say(s))
        QShortcut(QKeySequence(Qt.Key.Key_Backspace), self).activated.connect(self.take_back)
        self._lay_out()
        self.show_next()

    def _lay_out(self) -> None:
        self._panes = QWidget()
        vbox(
            label(_("Question"), "small"),
            self.question,
            label(_("Answer"), "small"),
            (self.answer, 1),
            label(_("Expected answer"), "small"),
            self.expected,
            Flow(*self.choices.values(), even=True),
            on=self._panes,
            margins=0,
            spacing=Space.TINY,
        )
        vbox(
            self.where,
            self.rates,
            (self._panes, 1),
            hbox(self.undo, 1, self.close_button),
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def show_next(self, item: Item | None = None) -> None:
        """Show ``item``, or the most doubtful answer that is left; the result at the end."""
        self.item = item or self.review.next_item()
        self._panes.setVisible(self.item is not None)
        self.undo.setEnabled(self.review.looked_at > 0)
        looked_at, count = self.review.looked_at, self.review.count
        self.where.setText(
            ngettext(
                "{done:,} of {count:,} answer judged. You do not know which model wrote it.",
                "{done:,} of {count:,} answers judged. You do not know which model wrote them.",
                count,
                done=looked_at,
            )
        )
        enough = self.review.is_narrow
        self.rates.setText(rates_in_words(self.review) if enough else "")
        self.rates.setVisible(enough)
        if self.item is None:
            self.close_button.setFocus()
            announce(self, self.rates.text())
            return
        self.question.setPlainText(self.item.question)
        self.answer.setPlainText(self.item.answer.text)
        nothing = _("None.") if self.item.known else _("Nothing: this cannot be known.")
        self.expected.setPlainText(self.item.reference or nothing)
        underline(self.answer, [(mark.start, mark.end) for mark in self.item.answer.marks])
        announce(self, self.where.text())

    def say(self, said: Said) -> None:
        """Store your word and go on."""
        if self.item is None:
            return
        try:
            self.review.say(self.item, said)
        except UserFacingError as error:
            self.where.setText(error.what)
            return
        self.show_next()

    def take_back(self) -> None:
        """Show the answer that was judged last again."""
        try:
            item = self.review.undo()
        except UserFacingError as error:
            self.where.setText(error.what)
            return
        self.show_next(item)


def rates_in_words(review: FactReview) -> str:
    """Return how often each model invents something, as far as is known."""
    return "\n".join(_in_words(model, review.rate(model)) for model in _RATES)


def _in_words(model: Model, rate: Rate) -> str:
    return _(_RATES[model], low=rate.low, high=rate.high, count=rate.answers)


def underline(pane: QPlainTextEdit, spans: list[tuple[int, int]]) -> None:
    """Mark pieces of the text: by colour and by a line, never by colour alone."""
    text = pane.toPlainText()
    look = QTextCharFormat()
    tint = QColor(colors().warning)
    look.setUnderlineColor(tint)
    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    tint = QColor(tint)
    tint.setAlpha(_TINT)
    look.setBackground(tint)
    shown = []
    for start, end in spans:
        one = QTextEdit.ExtraSelection()
        cursor = QTextCursor(pane.document())
        cursor.setPosition(_units(text, start))
        cursor.setPosition(_units(text, end), QTextCursor.MoveMode.KeepAnchor)
        one.cursor, one.format = cursor, look
        shown.append(one)
    pane.setExtraSelections(shown)


def _units(text: str, place: int) -> int:
    """Qt counts in UTF-16, where some signs are two."""
    return len(text[:place].encode("utf-16-le")) // 2
