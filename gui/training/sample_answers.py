"""The same question answered at each check, so that progress can be read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from core.events import SampleAnswer
from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.fields.dropdown import Dropdown
from gui.kit.labels import label, set_look, text_pane
from gui.kit.theme import Space

_PANE_HEIGHT = 90
_GAP = Space.MEDIUM


class SampleAnswers(QFrame):
    """Question and expected answer, below them the first and the newest, or any other check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self._answers: list[SampleAnswer] = []
        self.pick = Dropdown()
        self.pick.setAccessibleName(_("Which check"))
        self.pick.currentIndexChanged.connect(self._show)
        self.question = text_pane(_("Question"), role="mono")
        self.expected = text_pane(_("Answer in your examples"), role="mono")
        self.before = text_pane(_("Answer before training"), role="mono")
        self.answer = text_pane(_("Answer of the model being trained"), role="mono")
        self._empty = label(_("The first answer comes with the first check."), "muted")
        self._lay_out()
        self.show_answers(())

    def _lay_out(self) -> None:
        head = hbox(label(_("A sample answer"), "heading", wrap=False), 1, self.pick)
        self._panes = QWidget()
        self._now = _column(_("Answer now"), self.answer)
        self._wanted = _column(_("Answer in your examples"), self.expected)
        asked = hbox((_column(_("Question"), self.question), 1), (self._wanted, 1), spacing=_GAP)
        said = hbox((_column(_("Before training"), self.before), 1), (self._now, 1), spacing=_GAP)
        vbox(asked, said, on=self._panes, margins=0, spacing=_GAP)
        vbox(head, self._empty, self._panes, on=self, margins=Space.CARD)

    def show_answers(self, answers: Sequence[SampleAnswer]) -> None:
        """Offer all answers, newest first; stay at the one being read."""
        self._empty.setVisible(not answers)
        self._panes.setVisible(bool(answers))
        self.pick.setVisible(len(answers) > 1)
        if list(answers) == self._answers:
            return
        looked_at = self.pick.currentData() if self.pick.currentIndex() > 0 else None
        self._answers = list(answers)
        self.pick.blockSignals(True)
        self.pick.clear()
        for position, answer in reversed(list(enumerate(self._answers))):
            when = _("Step {step:,}", step=answer.step) if answer.step else _("Before training")
            self.pick.addItem(when, position)
        self.pick.setCurrentIndex(max(0, self.pick.findData(looked_at)))
        self.pick.blockSignals(False)
        self._show()

    def _show(self) -> None:
        position = self.pick.currentData()
        if position is None:
            return
        shown = self._answers[position]
        first = next((one for one in self._answers if one.question == shown.question), shown)
        self.before.setPlainText(first.answer or _("(no answer)"))
        self.question.setPlainText(shown.question)
        self.expected.setPlainText(shown.expected)
        self._wanted.setVisible(bool(shown.expected))
        self.answer.setPlainText(shown.answer or _("(no answer)"))
        self._now.setVisible(shown is not first)  # the same text twice would say nothing


def _column(caption: str, pane: QPlainTextEdit) -> QWidget:
    made = QWidget()
    pane.setMinimumHeight(_PANE_HEIGHT)
    vbox(label(caption, "small"), pane, on=made, margins=0)
    return made
