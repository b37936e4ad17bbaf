"""Five hints, each beside what it is about; shown once, and again whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.labels import announce, label, letters, set_look
from gui.kit.look.motion import fade_in
from gui.kit.look.sizes import Space
from gui.kit.theme import colors

_WIDTH, _LETTERS = 320, 36


@dataclass(frozen=True, slots=True)
class Hint:
    """What is said about a part of the window."""

    about: QWidget
    title: str
    text: str


class Ring(QWidget):
    """A frame around what a hint is about; the mouse goes through it."""

    _AROUND, _WIDTH, _CORNER = 4, 3, 10

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self._window = around
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def surround(self, place: QRect) -> None:
        """Stand around ``place``, which is in the coordinates of the window."""
        grown = place.adjusted(-self._AROUND, -self._AROUND, self._AROUND, self._AROUND)
        self.setGeometry(grown.intersected(self._window.rect()))
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors().accent), self._WIDTH))
        inset = self._WIDTH // 2 + 1
        inside = self.rect().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(inside, self._CORNER, self._CORNER)


class Tour(QFrame):
    """Lies over the window; the arrow keys, Return and Escape work.

    Attributes:
        ended: it was seen or skipped.
    """

    ended = Signal()

    def __init__(self, hints: Sequence[Hint], around: QWidget) -> None:
        super().__init__(around)
        self._hints = hints
        self._at = 0
        self._around = around
        self.ring = Ring(around)
        set_look(self, card="float")
        self.setFixedWidth(min(letters(_LETTERS, _WIDTH), around.width() - 2 * Space.LARGE))
        self.count = label("", "small", wrap=False)
        self.title = label("", "heading")
        self.text = label("", "")
        self.skip = QPushButton(_("Skip"))
        self.skip.setProperty("kind", "quiet")
        self.skip.clicked.connect(self.end)
        self.next = QPushButton()
        self.next.setProperty("kind", "primary")
        self.next.clicked.connect(lambda: self.show_hint(self._at + 1))
        vbox(
            self.count, self.title, self.text,
            hbox(self.skip, 1, self.next, spacing=Space.SMALL),
            on=self, margins=Space.CARD, spacing=Space.SMALL,
        )  # fmt: skip
        around.installEventFilter(self)

    def show_hint(self, number: int) -> None:
        """Show one hint, or end behind the last."""
        if number >= len(self._hints):
            self.end()
            return
        self._at = max(0, number)
        hint = self._hints[self._at]
        self.count.setText(_("{number} of {total}", number=self._at + 1, total=len(self._hints)))
        self.title.setText(hint.title)
        self.text.setText(hint.text)
        last = self._at == len(self._hints) - 1
        self.next.setText(_("Done") if last else _("Next"))
        self.setAccessibleName(f"{hint.title}. {hint.text}")
        self._place()
        self.show()
        self.raise_()
        fade_in(self)
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.accessibleName())

    def _place(self) -> None:
        """Stand beside what it is about, inside the window."""
        about = self._hints[self._at].about
        around = about.parentWidget()
        if not about.isVisible() and around is not None:
            about = around  # the button is only there when something can be done
        high = self.heightForWidth(self.width())
        self.resize(self.width(), high)
        place = QRect(about.mapTo(self._around, QPoint(0, 0)), about.size())
        self.ring.surround(place)
        inside = self._around.rect().adjusted(
            Space.MEDIUM, Space.MEDIUM, -Space.MEDIUM, -Space.MEDIUM
        )
        left, top = place.right() + Space.MEDIUM, place.top()
        if left + self.width() > inside.right():  # above or below it
            left, top = place.right() - self.width(), place.bottom() + Space.MEDIUM
            if top + high > inside.bottom():
                top = place.top() - high - Space.MEDIUM
        left = max(inside.left(), min(left, inside.right() - self.width()))
        self.move(left, max(inside.top(), min(top, inside.bottom() - high)))

    def end(self) -> None:
        """Go away."""
        self.hide()
        self.ring.hide()
        self.ring.deleteLater()
        self._around.removeEventFilter(self)
        self.ended.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or end."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.end()
            case Qt.Key.Key_Right:
                self.show_hint(self._at + 1)
            case Qt.Key.Key_Left:
                self.show_hint(self._at - 1)
            case _:
                super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay beside it when the window changes its size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
