"""Text on the screen. Everything goes through here, so that no text is ever read as markup."""

from __future__ import annotations

import html
from collections.abc import Collection

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QFontMetrics
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QSizePolicy, QWidget

from gui.kit.boxes import vbox
from gui.kit.theme import Space, application

_BADGE_MARGIN = 26


def label(text: str = "", role: str = "", tone: str = "", *, wrap: bool = True) -> QLabel:
    """Return a label for plain text; ``role`` and ``tone`` are those of the stylesheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        made.setMinimumWidth(1)
    set_look(made, role=role, tone=tone)
    return made


class SteadyLabel(QLabel):
    """A text that changes and always takes the height of its longest one: nothing below jumps.

    Args:
        texts: all that it may show.
    """

    def __init__(self, texts: Collection[str], role: str = "") -> None:
        super().__init__()
        self._texts = texts
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        set_look(self, role=role)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the longest text in ``width``."""
        room = QRect(0, 0, width, 1 << 20)
        metrics, wrapped = self.fontMetrics(), Qt.TextFlag.TextWordWrap
        heights = (metrics.boundingRect(room, wrapped, text).height() for text in self._texts)
        return max(super().heightForWidth(width), *heights)


def stacked(*texts: QWidget) -> QWidget:
    """Return a widget with texts below each other."""
    made = QWidget()
    vbox(*texts, on=made, margins=0, spacing=Space.TINY)
    return made


def letters(count: int, least: int = 0) -> int:
    """Return the width in pixels of this many letters in the size of text that is in use."""
    return max(least, count * QFontMetrics(application().font()).averageCharWidth())


def selectable(text: str = "", role: str = "") -> QLabel:
    """Return a label whose text can be selected and copied, also with the keyboard."""
    made = label(text, role)
    flags = Qt.TextInteractionFlag.TextSelectableByMouse
    made.setTextInteractionFlags(flags | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return made


def text_pane(name: str, text: str = "", role: str = "") -> QPlainTextEdit:
    """Return a read-only pane for long text, called ``name`` by screen readers."""
    pane = QPlainTextEdit(text)
    set_up_pane(pane, name, role)
    return pane


def set_up_pane(pane: QPlainTextEdit, name: str, role: str = "") -> None:
    """Make a pane one to read, as :func:`text_pane` does."""
    pane.setReadOnly(True)
    pane.setTabChangesFocus(True)
    pane.setAccessibleName(name)
    pane.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    set_look(pane, role=role)


def set_tip(widget: QWidget | QAction, text: str) -> None:
    """Show ``text`` when the mouse rests on it; Qt reads what looks like markup as markup."""
    widget.setToolTip(plain_tip(text))


def plain_tip(text: str) -> str:
    """Return what Qt shows as exactly this text."""
    return f"<qt>{html.escape(text)}</qt>" if "<" in text else text


def show_badge(badge: QLabel, text: str, tone: str) -> None:
    """Show a short verdict in a frame; ``badge`` is a label that does not wrap."""
    set_look(badge, tone=tone, role="badge")
    badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
    badge.setText(text)
    badge.ensurePolished()
    wide = badge.fontMetrics().horizontalAdvance(text)
    badge.setMinimumWidth(wide + _BADGE_MARGIN)  # the style forgets its own padding
    badge.setMinimumHeight(badge.fontMetrics().height() + Space.TINY)
    badge.setVisible(bool(text))


def set_look(widget: QWidget, **properties: str) -> None:
    """Set properties that the stylesheet looks at, and redraw the widget."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.updateGeometry()


def announce(widget: QWidget, text: str) -> None:
    """Let screen readers say ``text`` without moving the focus."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
