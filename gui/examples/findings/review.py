"""The guided review: random examples one by one, judged with one key each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from core.data.cleaning import Choices, CleaningPlan, ReviewDecision
from core.data.draft import Draft
from core.data.example import Example
from core.data.review import REVIEW_ROWS, is_one_question, more_rows
from core.language import N_, _, ngettext
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.labels import announce, label, set_look, set_tip, stacked
from gui.kit.theme import Space
from gui.rows.code_look import show_text
from gui.rows.difference import readable
from gui.wizard.part_sheet import PartSheet

_PANE_HEIGHT = 150  # pixels at least
_BUTTONS = (
    (ReviewDecision.KEEP, N_("Keep"), "Alt+K"),
    (ReviewDecision.EDIT, N_("Save my changes"), "Alt+S"),
    (ReviewDecision.DROP, N_("Leave out"), "Alt+L"),
    (ReviewDecision.FLAG, N_("Flag for later"), "Alt+F"),
)
_SAID = {
    ReviewDecision.KEEP: N_("kept"),
    ReviewDecision.EDIT: N_("changed by you"),
    ReviewDecision.DROP: N_("left out"),
    ReviewDecision.FLAG: N_("flagged"),
}
_ASK = N_(
    "Is it true? Is it the answer you want? Does it contain anything one-sided, hurtful or private?"
)


class Review(QFrame):
    """Opens in a window of its own when you begin.

    Attributes:
        judged: a row's number, its ``Verdict`` and the texts of its turns (for an edited row).
    """

    judged = Signal(int, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="neutral")
        self._draft: Draft | None = None
        self._plan: CleaningPlan | None = None
        self._choices = Choices()
        self._rows: list[int] = []
        self._example: Example | None = None
        self.place = 0
        self.head = label("", "strong")
        self.said = label("", "small")
        self.begin = QPushButton(_("Begin"))
        self.begin.setCheckable(True)
        self.begin.setAccessibleName(_("Look through random examples"))
        self.more = QPushButton(ngettext("{count} more", "{count} more", REVIEW_ROWS))
        self.more.setAccessibleName(
            ngettext(
                "Look through {count} more random example",
                "Look through {count} more random examples",
                REVIEW_ROWS,
            )
        )
        self.more.clicked.connect(self._draw_more)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Examples looked through"))
        self.where = label("", "muted")
        self.question = self._pane(_("Question"))
        self.answer = self._pane(_("Answer, which you can change"))
        self.back = QPushButton(_("Back"))
        self.back.clicked.connect(self._step_back)
        self.buttons = {verdict: self._button(verdict, *how) for verdict, *how in _BUTTONS}
        self.panel = QWidget()
        self.begin.toggled.connect(self._toggle)
        self._lay_out()

    def _pane(self, name: str) -> QPlainTextEdit:
        pane = QPlainTextEdit()
        pane.setAccessibleName(name)
        pane.setTabChangesFocus(True)
        pane.setMinimumHeight(_PANE_HEIGHT)
        pane.textChanged.connect(self._update_buttons)
        return pane

    def _button(self, verdict: ReviewDecision, text: str, keys: str) -> QPushButton:
        button = QPushButton(f"{_(text)} ({keys})")
        set_tip(button, keys)
        button.clicked.connect(lambda: self._judge(verdict))
        return button

    def _lay_out(self) -> None:
        texts = stacked(self.head, self.said)
        head = Flow(texts, self.more, self.begin, stretch=texts)
        panes = QHBoxLayout()
        for title, pane in ((_("Question"), self.question), (_("Answer"), self.answer)):
            panes.addLayout(vbox(label(title, "small"), (pane, 1), spacing=Space.TINY))
        row = Flow(self.back, *self.buttons.values(), at_end=True)
        progress = hbox((self.bar, 1), (self.where, 1), spacing=Space.MEDIUM)
        vbox(
            label(_(_ASK)),
            progress,
            (panes, 1),
            row,
            on=self.panel,
            margins=0,
            spacing=Space.SMALL,
        )
        self.panel.hide()
        vbox(head, on=self, margins=(Space.CARD, Space.MEDIUM))
        self.sheet = PartSheet(_("Look through random examples"), self.panel, self)
        self.sheet.went.connect(lambda: self.begin.setChecked(False))
        for verdict, _text, keys in _BUTTONS:
            QShortcut(QKeySequence(keys), self.sheet, self.buttons[verdict].click)

    def show_draft(self, draft: Draft | None, plan: CleaningPlan | None, choices: Choices) -> None:
        """Review ``draft``; the rows are drawn once for each draft."""
        if draft is not self._draft:
            self._rows, self.place = [], 0
            self.begin.setChecked(False)
        self._draft, self._plan, self._choices = draft, plan, choices
        if draft is not None and plan is not None and not self._rows:
            # Reviewed rows stay in the list even when a later choice leaves them out.
            self._rows = sorted(choices.reviewed)
            missing = max(0, REVIEW_ROWS - len(self._rows))
            self._rows += more_rows(plan.kept, draft.name, self._rows, missing)
        self._update_head()
        if self.begin.isChecked():
            self._update_buttons()

    def _name_begin(self) -> None:
        """Call the button by what it does now."""
        begin = _("Continue") if self._done() else _("Begin")
        self.begin.setText(_("Close") if self.begin.isChecked() else begin)

    def _keep_typed(self) -> None:
        """What you typed is not lost when you close the window or step back."""
        if self._example is not None and self._is_changed():
            self._tell(ReviewDecision.EDIT)

    def _step_back(self) -> None:
        self._keep_typed()
        self.go(self.place - 1)

    def _draw_more(self) -> None:
        if self._draft is None or self._plan is None:
            return
        self._rows += more_rows(self._plan.kept, self._draft.name, self._rows, REVIEW_ROWS)
        self._update_head()
        self.begin.setChecked(True)
        self._toggle(True)

    def _done(self) -> int:
        return sum(row in self._choices.reviewed for row in self._rows)

    def _update_head(self) -> None:
        done, count = self._done(), len(self._rows)
        self._name_begin()
        self.head.setText(_head(count, done))
        self.said.setText(self._in_words() or _("For mistakes and bias that no rule can find."))
        self.begin.setEnabled(count > 0)
        self.bar.setRange(0, max(1, count))
        self.bar.setValue(done)
        all_kept = self._plan.kept_count if self._plan is not None else 0
        self.more.setVisible(0 < count == done and count < all_kept)

    def _in_words(self) -> str:
        verdicts = list(self._choices.reviewed.values())
        counts = ((verdict, verdicts.count(verdict)) for verdict in _SAID)
        text = ", ".join(_counted(verdict, count) for verdict, count in counts if count)
        return _("So far: {counts}.", counts=text) if text else ""

    def _toggle(self, shown: bool) -> None:
        self.panel.setVisible(shown)
        self.sheet.open_beside() if shown else self.sheet.hide()
        self._name_begin()
        if not shown:
            self._keep_typed()
        if shown:
            reviewed = self._choices.reviewed
            self.go(next((n for n, row in enumerate(self._rows) if row not in reviewed), 0))

    def go(self, place: int) -> None:
        """Show the example at ``place`` of those to review."""
        if self._draft is None or self._plan is None or not self._rows:
            return
        self.place = min(max(0, place), len(self._rows) - 1)
        row = self._rows[self.place]
        item = self._draft.row(row)
        if not isinstance(item, Example):
            return
        item = self._draft.repaired(item, int(self._plan.repairs[row]), self._choices.rows.get(row))
        self._example = item
        self.question.setReadOnly(not is_one_question(item))
        show_text(self.question, self._asked(item))
        show_text(self.answer, item.answer)
        self._update_buttons()
        announce(self, self.where.text())

    def _asked(self, item: Example) -> str:
        """A single question can be changed; a longer talk is shown with its roles."""
        if is_one_question(item):
            return item.messages[0].content
        return readable(replace(item, messages=item.messages[:-1]))

    def _is_changed(self) -> bool:
        item = self._example
        return item is not None and (
            self.answer.toPlainText() != item.answer
            or self.question.toPlainText() != self._asked(item)
        )

    def _update_buttons(self) -> None:
        if not self._rows:
            return
        verdict = self._choices.reviewed.get(self._rows[self.place])
        where = _("{place:,} of {total:,}", place=self.place + 1, total=len(self._rows))
        self.where.setText(f"{where} · {_(_SAID[verdict])}" if verdict else where)
        changed = self._is_changed()
        self.buttons[ReviewDecision.EDIT].setEnabled(changed)
        self.buttons[ReviewDecision.KEEP].setEnabled(not changed)
        self.back.setEnabled(self.place > 0)

    def _judge(self, verdict: ReviewDecision) -> None:
        if self._example is None:
            return
        dropped = self.buttons[ReviewDecision.DROP].hasFocus()
        self._tell(verdict)
        self._example = None  # it is judged; what is typed belongs to it
        if self.place == len(self._rows) - 1:
            self.begin.setChecked(False)
        else:
            self.go(self.place + 1)
        if dropped:  # one more Return would leave out the next
            self.buttons[ReviewDecision.KEEP].setFocus()

    def _tell(self, verdict: ReviewDecision) -> None:
        item = self._example
        if item is None:
            return
        texts = [m.content for m in item.messages[:-1]]
        if is_one_question(item):
            texts = [self.question.toPlainText()]
        self.judged.emit(self._rows[self.place], verdict, (*texts, self.answer.toPlainText()))


def _head(count: int, done: int) -> str:
    if not done:
        return ngettext(
            "Look through {count:,} random example", "Look through {count:,} random examples", count
        )
    return ngettext(
        "Look through {count:,} random example ({done:,} done)",
        "Look through {count:,} random examples ({done:,} done)",
        count,
        done=done,
    )


def _counted(verdict: ReviewDecision, count: int) -> str:
    match verdict:
        case ReviewDecision.KEEP:
            return ngettext("{count:,} kept", "{count:,} kept", count)
        case ReviewDecision.EDIT:
            return ngettext("{count:,} changed by you", "{count:,} changed by you", count)
        case ReviewDecision.DROP:
            return ngettext("{count:,} left out", "{count:,} left out", count)
        case ReviewDecision.FLAG:
            return ngettext("{count:,} flagged", "{count:,} flagged", count)
