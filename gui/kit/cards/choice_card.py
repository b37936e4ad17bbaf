"""A large radio button: a title, a sentence and room for more, chosen by a click anywhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QRadioButton, QWidget

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.flow import Flow
from gui.kit.icons import pixmap
from gui.kit.labels import label, set_look, show_badge
from gui.kit.theme import Space, Tone, colors


class ChoiceCard(QFrame):
    """One of several choices; put the cards of one question into the same parent.

    Attributes:
        chosen: the card became the choice.
        picked: it was clicked; with the keyboard one passes through the cards.
        body: layout below the sentence for fields that belong to the choice.
    """

    chosen = Signal()
    picked = Signal()

    def __init__(
        self, title: str, text: str, picture: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.button = QRadioButton(title)
        self.button.setAutoExclusive(True)  # else it is read as a check box; a group unchecks it
        self.button.setProperty("role", "choice")
        self.button.setAccessibleDescription(text)
        self.button.toggled.connect(self._toggled)
        self.button.installEventFilter(self)
        self._badge = label("", wrap=False)
        self._badge.hide()
        self._text = label(text, "muted")
        if not text:
            self._text.hide()
        self.body = vbox(spacing=Space.SMALL)
        self._lay_out(picture)
        self._toggled(False)

    def _lay_out(self, picture: str) -> None:
        title = QWidget()  # the button itself stays as narrow as its text, and so does its frame
        hbox(self.button, 1, on=title, margins=0)
        head = Flow(title, self._badge, stretch=title, letters=0)
        texts = vbox(head, self._text, self.body, 1, spacing=Space.SMALL)
        row = hbox(on=self, margins=Space.CARD, spacing=Space.MEDIUM)
        if picture:
            sign = QLabel()
            sign.setPixmap(pixmap(picture, colors().accent, 28))
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)

    def set_badge(self, text: str, tone: Tone = "neutral") -> None:
        """Show a short verdict at the right of the title."""
        show_badge(self._badge, text, tone)
        self.button.setAccessibleDescription(
            _("{verdict}. {sentence}", verdict=text, sentence=self._text.text())
        )

    def set_text(self, text: str) -> None:
        """Replace the sentence below the title."""
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.button.setAccessibleDescription(text)

    def is_chosen(self) -> bool:
        """Return whether this card is the choice."""
        return self.button.isChecked()

    def choose(self) -> None:
        """Make this card the choice."""
        self.button.setChecked(True)

    def _toggled(self, on: bool) -> None:
        set_look(self, card="chosen" if on else "choice")
        if on:
            self.chosen.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose by a click anywhere on the card."""
        if event.button() == Qt.MouseButton.LeftButton and self.button.isEnabled():
            self.button.setFocus(Qt.FocusReason.MouseFocusReason)
            self.choose()
            self.picked.emit()
        super().mousePressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the round button is one on the card, which also shows the keyboard's place."""
        if watched is self.button and event.type() is QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self._pick)  # the button takes the click first
        if watched is self.button and event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            set_look(self, focused="yes" if event.type() is QEvent.Type.FocusIn else "")
        return super().eventFilter(watched, event)

    def _pick(self) -> None:
        if self.is_chosen():
            self.picked.emit()
