"""The terms of the field in plain sentences, behind a small question mark."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import announce, label, set_look, set_tip
from gui.kit.look.sizes import LEAST_TARGET
from gui.kit.theme import Space, application, colors

_WIDTH = 320
_CLOSING = (
    QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.WindowDeactivate,
    QEvent.Type.Wheel,
)  # fmt: skip
_BUTTON = LEAST_TARGET
_TIP_LETTERS = 70  # in a line; Qt would write a tip in a single one


@dataclass(frozen=True, slots=True)
class Entry:
    """A word and what it means."""

    word: str
    text: str


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Return the whole glossary by key, in English."""
    content = resources.files("resources").joinpath("glossary.json").read_text("utf-8")
    return {key: Entry(**value) for key, value in json.loads(content).items()}


def explanation(key: str) -> Entry:
    """Return an entry in the present language."""
    entry = entries()[key]
    return Entry(_(entry.word), _(entry.text))


class GlossaryButton(QToolButton):
    """A question mark that explains one word."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = explanation(key)
        self.setIcon(icon("help", colors().muted))
        self.setProperty("kind", "help")
        self.setFixedSize(_BUTTON, _BUTTON)
        self.setAccessibleName(_("What is “{word}”?", word=self.entry.word))
        set_tip(self, "\n".join(textwrap.wrap(self.entry.text, _TIP_LETTERS)))
        self.clicked.connect(self.explain)

    def explain(self) -> Popover:
        """Show the explanation below the button; any click or Escape closes it.

        The click still does what it is for, but on the button itself it only closes.
        """
        popover = Popover(self.entry, self)
        popover.show_below(self)
        announce(self, _("{name}: {value}", name=self.entry.word, value=self.entry.text))
        return popover


class Popover(QFrame):
    """A small window with one explanation.

    It takes neither the keyboard nor the mouse: a popup of Qt's would, and keep the click that
    closes it.
    """

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_look(self, card="choice")
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(entry.word)
        vbox(label(entry.word, "heading"), label(entry.text), on=self, margins=Space.CARD)

    def show_below(self, button: QWidget) -> None:
        """Show it below what it explains, as far to the right as the screen allows."""
        place = button.mapToGlobal(QPoint(0, button.height() + Space.TINY))
        room = button.screen().availableGeometry()
        self.move(max(room.left(), min(place.x(), room.right() - _WIDTH)), place.y())
        self.show()
        if place.y() + self.height() > room.bottom():
            above = button.mapToGlobal(QPoint(0, -Space.TINY - self.height()))
            self.move(self.x(), max(room.top(), above.y()))

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the text is: only now it has its font, and with it its lines."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            self.setFixedHeight(layout.totalHeightForWidth(_WIDTH))
        application().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Watch no longer."""
        super().hideEvent(event)
        application().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close at the next click, key or change of window; what it was for is done as well."""
        if event.type() not in _CLOSING or not isinstance(watched, QWidget):
            return False
        self.close()
        if isinstance(event, QKeyEvent):
            return event.key() == Qt.Key.Key_Escape
        return isinstance(event, QMouseEvent) and watched is self.parentWidget()


def explained(text: str, key: str, role: str = "", *, wrap: bool = False) -> QWidget:
    """Return a label with a question mark behind it."""
    holder = QWidget()
    row = hbox(on=holder, margins=0, spacing=Space.TINY)
    caption: QLabel = label(text, role, wrap=wrap)
    row.addWidget(caption, 1 if wrap else 0)
    row.addWidget(GlossaryButton(key))
    row.addStretch(0 if wrap else 1)
    return holder
