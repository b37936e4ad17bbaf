"""A field and a list over the window: type, arrow, Return."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from core.language import _
from gui.kit.boxes import hbox, vbox
from gui.kit.icons import icon
from gui.kit.labels import announce, label, set_look
from gui.kit.look.composing import is_composed
from gui.kit.look.fonts import grown
from gui.kit.look.sizes import Space
from gui.kit.theme import colors
from gui.shell.palette.entries import Entry
from gui.shell.palette.fuzzy import ranked

_WIDTH = 600
_ROWS = 9
_ROW = 38
_FROM_TOP = 96
_ESCAPE = "Esc"  # not shown as a sentence: a key
_MOST = 60  # more than these nobody reads
_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class Palette(QDialog):
    """Chooses one of the entries and does it when it has closed."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._is_round = is_composed()  # where nothing lies below, corners would be black
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, self._is_round)
        self.setWindowTitle(_("Go to"))
        self._entries = entries
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Search pages, actions, how-tos, settings and projects"))
        self.field.setAccessibleName(_("Search pages, actions, how-tos, settings and projects"))
        self.field.addAction(
            icon("search", colors().muted), QLineEdit.ActionPosition.LeadingPosition
        )
        set_look(self.field, role="search")
        self.list = QListWidget()
        self.list.setAccessibleName(_("What was found"))
        self.list.setIconSize(QSize(grown(17), grown(17)))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the field
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_look(self.list, role="plain")
        self.nothing = label(_("Nothing of that name."), "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._found = QStackedWidget()  # one of them at a time: both would make the dialog grow
        for shown in (self.list, self.nothing):
            self._found.addWidget(shown)
        self._lay_out()
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self.take())
        self._search("")

    def _lay_out(self) -> None:
        frame, line = QFrame(), QFrame()
        set_look(frame, card="float" if self._is_round else "float_square")
        set_look(line, role="hairline")
        line.setFixedHeight(1)
        keys = hbox(
            label("↑ ↓", "key", wrap=False), label(_("choose"), "small", wrap=False),
            label("↵", "key", wrap=False), label(_("go"), "small", wrap=False),
            label(_ESCAPE, "key", wrap=False), label(_("close"), "small", wrap=False), 1,
            margins=(Space.SMALL, 0), spacing=Space.SMALL,
        )  # fmt: skip
        vbox(
            self.field, line, self._found, keys,
            on=frame, margins=Space.SMALL, spacing=Space.SMALL,
        )  # fmt: skip
        self._found.setFixedHeight(_ROWS * _ROW)
        vbox(frame, on=self, margins=0)
        around = self.parentWidget()
        if around is not None:
            wide = min(_WIDTH, around.width() - 2 * Space.HUGE)
            self.setFixedWidth(wide)
            high = max(4, min(_ROWS, (around.height() - 2 * _FROM_TOP - 80) // _ROW)) * _ROW
            self._found.setFixedHeight(high)
            place = around.mapToGlobal(around.rect().topLeft())
            self.move(place.x() + (around.width() - wide) // 2, place.y() + _FROM_TOP)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep this height: a window manager may place a window again whose limits change."""
        super().showEvent(event)
        self.setFixedHeight(self.height())

    def _search(self, typed: str) -> None:
        self.list.clear()
        found = ranked(typed, self._entries, lambda e: e.name, lambda e: f"{e.words} {e.beside}")
        for entry in found[:_MOST]:
            item = QListWidgetItem(icon(entry.picture, colors().muted), entry.shown())
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.shown())
            item.setSizeHint(QSize(0, _ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._found.setCurrentWidget(self.list if found else self.nothing)
        self._say_chosen()

    def _say_chosen(self) -> None:
        item = self.list.currentItem()
        if self.isVisible():
            announce(self.field, item.text() if item is not None else self.nothing.text())

    def take(self) -> None:
        """Close, and do what is chosen."""
        item = self.list.currentItem()
        if item is None:
            return
        entry: Entry = item.data(Qt.ItemDataRole.UserRole)
        around = self.parentWidget()
        self.accept()
        QTimer.singleShot(0, around or self, entry.do)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows walk through the list while the keyboard stays in the field."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _KEYS:
                self._walk(event.key())
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.take()
                return True
        return super().eventFilter(watched, event)

    def _walk(self, key: int) -> None:
        count = self.list.count()
        if not count:
            return
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS}.get(
            Qt.Key(key), -_ROWS
        )
        row = self.list.currentRow() + by
        self.list.setCurrentRow(row % count if abs(by) == 1 else max(0, min(count - 1, row)))
        self._say_chosen()
