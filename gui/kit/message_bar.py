"""A sentence with its next step: coloured, with an icon, technical text folded away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QPushButton,
    QToolButton,
    QWidget,
)

from core.errors import UserFacingError
from core.language import N_, _
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.icons import icon, pixmap
from gui.kit.labels import announce, label, selectable, set_look, text_pane
from gui.kit.question import Question
from gui.kit.theme import Space, Tone, colors

_ICONS = {"neutral": "info", "good": "good", "warning": "warning", "problem": "problem"}
_SAID = {
    "neutral": N_("Note: {text}"),
    "good": N_("Good: {text}"),
    "warning": N_("Warning: {text}"),
    "problem": N_("Problem: {text}"),
}
_DETAILS_HEIGHT = 140


class MessageBar(QFrame):
    """Hidden until it has something to say.

    Attributes:
        tone: of what is said now.
        what: the label with the sentence.
        todo: the label with the next step.
    """

    def __init__(self, parent: QWidget | None = None, *, dismissable: bool = True) -> None:
        super().__init__(parent)
        self._sign = QLabel()
        self.tone: Tone = "neutral"
        self.what = selectable()
        self.todo = selectable(role="muted")
        self._details = text_pane(_("Details"), role="mono")
        self._details.setFixedHeight(_DETAILS_HEIGHT)
        self._details_button = QPushButton(_("Details"))
        self._details_button.setCheckable(True)
        self._details_button.setProperty("kind", "link")
        self._details_button.toggled.connect(self._details.setVisible)
        self._actions: list[QPushButton] = []
        self._dismiss = QToolButton()
        self._dismiss.setProperty("kind", "quiet")
        self._dismiss.setAccessibleName(_("Dismiss this message"))
        self._dismiss.clicked.connect(self.hide)
        self._dismissable = dismissable
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        self._buttons = Flow(self._details_button)
        texts = vbox(
            self._first_line(), self.todo, self._buttons, self._details, spacing=Space.TINY
        )
        hbox(
            (self._sign, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            (self._dismiss, 0, Qt.AlignmentFlag.AlignTop),
            on=self,
            margins=(Space.MEDIUM, Space.SMALL, Space.SMALL, Space.SMALL),
            spacing=Space.MEDIUM,
        )

    def _first_line(self) -> QWidget | QLayout:
        """What stands at the top."""
        return self.what

    def say(
        self,
        tone: Tone,
        what: str,
        todo: str = "",
        details: str = "",
        actions: tuple[tuple[str, Callable[[], None]], ...] = (),
    ) -> None:
        """Show a message; each action is a button's label and what it does."""
        self.tone = tone
        set_look(self, card=tone)
        self._sign.setPixmap(pixmap(_ICONS[tone], colors().of(tone), 20))
        self._dismiss.setIcon(icon("close"))
        self.what.setText(what)
        self.todo.setText(todo)
        self.todo.setVisible(bool(todo))
        self._details.setPlainText(details)
        self._details_button.setChecked(False)
        self._details_button.setVisible(bool(details))
        self._details.setVisible(False)
        self._set_actions(actions)
        self._dismiss.setVisible(self._dismissable)
        said = _(_SAID[tone], text=f"{what} {todo}".strip())
        new = self.isHidden() or said != self.accessibleName()
        self.setAccessibleName(said)
        self.show()
        if new:  # a page that is drawn again repeats nothing to screen readers
            announce(self, said)

    def say_error(self, error: UserFacingError) -> None:
        """Show what happened, what to do, and the technical text under Details."""
        self.say("problem", error.what, error.todo, error.details)

    def ask(self, question: Question) -> None:
        """Ask above the page, where it is seen even when the page is scrolled."""

        def answer(do: Callable[[], None]) -> Callable[[], None]:
            def take() -> None:
                self.hide()
                do()

            return take

        actions = tuple((text, answer(do)) for text, do in question.answers)
        self.say("warning", question.what, question.todo, actions=actions)
        self.focus_first_action()

    def hide_problem(self) -> None:
        """Hide a problem that is over; any other message stays."""
        if self.tone == "problem":
            self.hide()

    def focus_first_action(self) -> None:
        """Move the keyboard to the first action, if there is one."""
        if self._actions:
            self._actions[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses the message, if it may be dismissed."""
        if event.key() == Qt.Key.Key_Escape and self._dismissable:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _set_actions(self, actions: tuple[tuple[str, Callable[[], None]], ...]) -> None:
        for button in self._actions:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self._actions = []
        self._buttons.removeWidget(self._details_button)
        for text, do in actions:
            button = QPushButton(text)
            button.clicked.connect(lambda _=False, do=do: do())
            self._buttons.addWidget(button)
            self._actions.append(button)
        self._buttons.addWidget(self._details_button)


def note(tone: Tone, text: str) -> QFrame:
    """Return a fixed sentence with its icon, for a warning shown beside its cause."""
    frame = QFrame()
    set_look(frame, card=tone)
    sign = QLabel()
    sign.setPixmap(pixmap(_ICONS[tone], colors().of(tone), 18))
    hbox(
        (sign, 0, Qt.AlignmentFlag.AlignTop),
        (label(text), 1),
        on=frame,
        margins=(Space.MEDIUM, Space.SMALL),
    )
    frame.setAccessibleName(_(_SAID[tone], text=text))
    return frame
