"""The answers that were drawn for review: right, wrong, or as they should have been."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QWidget

from core.conversations.export import name_of
from core.language import _, ngettext
from core.serving.use.record import Mark, Use
from gui.kit.boxes import vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon
from gui.kit.labels import announce, label, set_look, text_pane
from gui.kit.theme import Space

_QUESTION_HEIGHT = 72
_ANSWER_HEIGHT = 130


class ReviewCard(QFrame):
    """One after the other; the answer itself can be edited.

    Attributes:
        marked: row of the record, mark, and the better answer (or ``""``).
        undone: row of the record whose mark is taken back.
    """

    marked = Signal(int, str, str)
    undone = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, card="true")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(_("Review"))
        self._waiting: list[Use] = []
        self._done: list[Use] = []
        self.where = label("", "muted")
        self.question = text_pane(_("Question"))
        self.question.setFixedHeight(_QUESTION_HEIGHT)
        self.model = label("", "small")
        self.answer = QPlainTextEdit()
        self.answer.setAccessibleName(_("Answer"))
        self.answer.setTabChangesFocus(True)
        self.answer.setFixedHeight(_ANSWER_HEIGHT)
        self.answer.textChanged.connect(self._edited)
        self.buttons: dict[Mark, QPushButton] = {
            "wrong": QPushButton(_("←  Wrong")),
            "edited": QPushButton(_("Save as edited")),
            "right": QPushButton(_("Right  →")),
        }
        for mark, button in self.buttons.items():
            button.clicked.connect(lambda _on=False, mark=mark: self.mark(mark))
        self.back = QPushButton(f" {_('Undo')}")
        self.back.setIcon(icon("undo"))
        self.back.clicked.connect(self.undo)
        self._asked = QWidget()
        self._lay_out()
        self._keys()
        self.show_uses(())

    def _lay_out(self) -> None:
        vbox(
            self.question,
            self.model,
            self.answer,
            Flow(*self.buttons.values(), even=True),
            label(_("Arrow keys choose. Edit the answer to say how it should have been."), "small"),
            on=self._asked,
            margins=0,
            spacing=Space.SMALL,
        )
        title = label(_("Review"), "heading")
        vbox(
            Flow(title, self.back, stretch=title),
            self.where,
            self._asked,
            on=self,
            margins=Space.LARGE,
            spacing=Space.SMALL,
        )

    def _keys(self) -> None:
        chosen: tuple[tuple[Qt.Key, Mark], ...] = (
            (Qt.Key.Key_Left, "wrong"), (Qt.Key.Key_Right, "right")
        )  # fmt: skip
        for key, mark in chosen:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda mark=mark: self._by_key(mark))

    def _by_key(self, mark: Mark) -> None:
        """The arrows belong to the text while it is edited."""
        if not self.answer.hasFocus():
            self.mark(mark)

    @property
    def use(self) -> Use | None:
        """The answer that is shown."""
        return self._waiting[0] if self._waiting else None

    def show_uses(self, uses: Sequence[Use]) -> None:
        """Offer these for review."""
        current = self.use
        done = {use.id for use in self._done}
        self._waiting = [use for use in uses if use.id not in done]
        if current is None or not self._waiting or self._waiting[0].id != current.id:
            self._show()
        else:
            self._count()

    def _show(self) -> None:
        use = self.use
        self._asked.setVisible(use is not None)
        if use is not None:
            self.model.setText(name_of(use.model))
            self.question.setPlainText(use.prompt)
            self.answer.setPlainText(use.answer)
            self._edited()
        self._count()

    def _count(self) -> None:
        use = self.use
        self.back.setVisible(bool(self._done))
        if use is None:
            self.where.setText(_("One answer in twenty is drawn for review. None is waiting."))
            return
        self.where.setText(
            ngettext("{count:,} answer waits.", "{count:,} answers wait.", len(self._waiting))
        )

    def _edited(self) -> None:
        use, text = self.use, self.answer.toPlainText().strip()
        changed = use is not None and bool(text) and text != use.answer.strip()
        self.buttons["edited"].setEnabled(changed)
        self.buttons["right"].setEnabled(not changed)

    def mark(self, mark: Mark) -> None:
        """Judge the answer that is shown, and go on to the next."""
        use = self.use
        if use is None or not self.buttons[mark].isEnabled():
            return
        text = self.answer.toPlainText().strip() if mark == "edited" else ""
        self._done.append(self._waiting.pop(0))
        self.marked.emit(use.id, mark, text)
        self._show()
        announce(self, self.where.text())
        self.answer.setFocus() if mark == "edited" else self.setFocus()

    def undo(self) -> None:
        """Take the last judgement back."""
        if self._done:
            use = self._done.pop()
            self._waiting.insert(0, use)
            self.undone.emit(use.id)
            self._show()
