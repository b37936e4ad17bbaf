"""A sentence over the page that goes away by itself, with Undo where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLineEdit,
    QPushButton,
    QWidget,
)

from core.language import N_, _
from gui.kit.boxes import hbox
from gui.kit.icons import icon
from gui.kit.labels import announce, label, set_look
from gui.kit.look.motion import fade_in
from gui.kit.look.sizes import Space
from gui.kit.theme import colors
from gui.kit.tool_button import tool_button

_SECONDS = 6
_SECONDS_WITH_ACTION = 15  # one must be able to reach it
_READ_PER_SECOND = 10  # letters
_ABOVE = 84  # pixels between it and the lower end of the window
_BELOW_EDGE = 12  # and its upper end
_SAID = N_("Good: {text}")
_CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)


class Toast(QFrame):
    """Lies over the page and moves nothing; one at a time.

    It stays while the mouse or the keyboard is on it, and covers nothing that can be pressed:
    beside the page's headline there is nearly always room.

    Attributes:
        what: the label with the sentence.
        action: the button behind it, hidden where there is nothing to do.
    """

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self._around = around
        self._do: Callable[[], None] | None = None
        set_look(self, card="toast")
        self.what = label("", wrap=False)
        self.action = QPushButton()
        self.action.clicked.connect(self._act)
        self.close_button = tool_button("close", _("Dismiss this message"), self.hide)
        self.close_button.setIcon(icon("close", colors().window))
        hbox(
            self.what,
            self.action,
            self.close_button,
            on=self,
            margins=(Space.CARD, Space.SMALL, Space.SMALL, Space.SMALL),
            spacing=Space.MEDIUM,
        )
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._leave)
        around.installEventFilter(self)
        self.hide()

    def say(
        self,
        text: str,
        action: str = "",
        do: Callable[[], None] | None = None,
        *,
        stays: bool = False,
    ) -> None:
        """Show a sentence, and a button for what can be done about it.

        Args:
            stays: until it is answered, dismissed or left behind with its page.
        """
        self._do = do
        self.what.setWordWrap(False)
        self.what.setText(text)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(_(_SAID, text=text))
        self._place()
        self.show()
        self.raise_()
        fade_in(self)
        seconds = _SECONDS_WITH_ACTION if action else max(_SECONDS, len(text) // _READ_PER_SECOND)
        self._clock.stop()
        if not stays:
            self._clock.start(seconds * 1000)
        announce(self, text)

    def leave_behind(self) -> None:
        """Go away with the page that it offered to change; what was only told may stay."""
        if not self.action.isHidden():
            self.hide()

    def _act(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def _leave(self) -> None:
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget() or self._around):
            self._clock.start(_SECONDS * 1000)
            return
        self.hide()

    def _place(self) -> None:
        room = self._around.width() - 2 * Space.HUGE
        if (layout := self.layout()) is not None:
            layout.activate()
        if self.sizeHint().width() > room:
            self.what.setWordWrap(True)
        wide = min(room, self.sizeHint().width())
        high = self.heightForWidth(wide) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(self._free_place(QSize(wide, high)))

    def _free_place(self, size: QSize) -> QRect:
        """Return the first place that covers no control, or the one that covers the least."""
        controls = list(visible_controls(self._around, self))

        def covered(place: QRect) -> int:
            over = (place.intersected(control) for control in controls)
            return sum(one.width() * one.height() for one in over)

        return min(self._places(size), key=covered)

    def _places(self, size: QSize) -> Iterator[QRect]:
        around, beside = self._around.size(), Space.HUGE
        right, middle = around.width() - size.width() - beside, (around.width() - size.width()) // 2
        low = around.height() - size.height() - _ABOVE
        lines = ((right, _BELOW_EDGE), (middle, low), (right, low), (beside, low))
        for left, top in (*lines, (middle, low - size.height() - Space.LARGE)):
            yield QRect(QPoint(left, top), size)

    def _look_again(self) -> None:
        """Move away where the page has changed beneath it."""
        here = self.geometry()
        if self.isVisible() and any(
            here.intersects(control) for control in visible_controls(self._around, self)
        ):
            self._place()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is left to wait for."""
        self._clock.stop()
        super().hideEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait as long as the mouse is on it."""
        if self._clock.isActive():
            self._clock.start(_SECONDS * 1000)
        super().enterEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep its place when the window changes its size, or the page beneath it."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        elif event.type() is QEvent.Type.LayoutRequest and not self.isHidden():
            QTimer.singleShot(0, self, self._look_again)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape sends it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


def visible_controls(around: QWidget, but: QWidget) -> Iterator[QRect]:
    """Yield where something can be pressed or typed into now, in the coordinates of ``around``.

    Args:
        but: what is not looked into.
    """
    for widget in around.findChildren(QWidget):
        if not isinstance(widget, _CONTROLS) or not widget.isVisible() or but.isAncestorOf(widget):
            continue
        seen = widget.visibleRegion().boundingRect()
        if not seen.isEmpty():
            yield QRect(widget.mapTo(around, seen.topLeft()), seen.size())
