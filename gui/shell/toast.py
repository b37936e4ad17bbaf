"""A sentence at the bottom of the window that goes away by itself, with Undo where there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

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
_SAID = N_("Good: {text}")


class Toast(QFrame):
    """Lies over the page and moves nothing; one at a time.

    It stays while the mouse or the keyboard is on it.

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

    def say(self, text: str, action: str = "", do: Callable[[], None] | None = None) -> None:
        """Show a sentence, and a button for what can be done about it."""
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
        self._clock.start(seconds * 1000)
        announce(self, text)

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
        left = (self._around.width() - wide) // 2
        self.setGeometry(left, self._around.height() - high - _ABOVE, wide, high)

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
        """Keep its place when the window changes its size."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape sends it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
