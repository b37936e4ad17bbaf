"""Looks at a window as an impatient reader does: what is cut, and what was never translated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, Qt, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QGraphicsView,
    QGroupBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QWidget,
)
from shiboken6 import isValid

_TOLERANCE = 1  # pixels
_CJK = "\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"
# Lines may end at white space, behind the signs between the parts of a path, and around a Chinese
# or Japanese character.
_UNBREAKABLE = re.compile(rf"[{_CJK}]|[^\s/{_CJK}-]+[/-]?|[/-]")


def visible_texts(window: QWidget) -> Iterator[tuple[QWidget, str]]:
    """Yield each widget that shows a text of its own now, with that text."""
    for widget in window.findChildren(QWidget):
        if not isValid(widget) or not widget.isVisibleTo(window):
            continue
        if isinstance(widget, QLabel | QAbstractButton):
            if widget.text():
                yield widget, widget.text()
        elif isinstance(widget, QGroupBox) and widget.title():
            yield widget, widget.title()
        elif isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
            yield widget, widget.placeholderText()


def cut_texts(window: QWidget) -> list[str]:
    """Return what does not fit into its place, however the page is scrolled."""
    found = [
        f"{type(widget).__name__} {text[:60]!r} needs {need} and has {have}"
        for widget, text in visible_texts(window)
        for need, have in _lacking(widget)
    ]
    for area in window.findChildren(QScrollArea):
        sideways = area.horizontalScrollBar()
        if area.isVisibleTo(window) and sideways.maximum() > 0:
            found.append(f"{area.accessibleName() or type(area).__name__} scrolls sideways")
    return found


def _lacking(widget: QWidget) -> Iterator[tuple[str, str]]:
    """Yield what a widget needs and has, where that is not enough."""
    if isinstance(widget, QLabel):
        yield from _lacking_label(widget)
        return
    if isinstance(widget, QLineEdit):
        return  # a hint in an empty field may be longer than the field
    hint, size = widget.sizeHint(), widget.size()
    if isinstance(widget, QAbstractButton) and not widget.text():
        return
    if isinstance(widget, QCheckBox | QRadioButton | QAbstractButton | QGroupBox):
        if hint.width() > size.width() + _TOLERANCE:
            yield f"width {hint.width()}", f"{size.width()}"
        if hint.height() > size.height() + _TOLERANCE:
            yield f"height {hint.height()}", f"{size.height()}"


def _lacking_label(label: QLabel) -> Iterator[tuple[str, str]]:
    place = label.contentsRect()
    if label.wordWrap():
        need = label.heightForWidth(label.width())
        if need > label.height() + _TOLERANCE:
            yield f"height {need}", f"{label.height()}"
        word = _widest_word(label)
        if word > place.width() + _TOLERANCE:
            yield f"width {word} for its longest word", f"{place.width()}"
        return
    if "…" in label.text() and label.toolTip():
        return  # shortened on purpose; the whole is in its tooltip
    hint = label.sizeHint()
    if hint.width() > label.width() + _TOLERANCE:
        yield f"width {hint.width()}", f"{label.width()}"
    if hint.height() > label.height() + _TOLERANCE:
        yield f"height {hint.height()}", f"{label.height()}"


def _widest_word(label: QLabel) -> int:
    text = label.text()
    if Qt.mightBeRichText(text) and label.textFormat() is not Qt.TextFormat.PlainText:
        document = QTextDocument()
        document.setHtml(text)
        text = document.toPlainText()
    metrics = QFontMetrics(label.font())
    words = _UNBREAKABLE.findall(text)
    return max((metrics.horizontalAdvance(word) for word in words), default=0)


def overlapping(window: QWidget) -> list[str]:
    """Return pairs of texts and plots in one layout that cover each other."""
    found = []
    shown = [widget for widget, _ in visible_texts(window) if isinstance(widget, QLabel)]
    shown += [plot for plot in window.findChildren(QGraphicsView) if plot.isVisibleTo(window)]
    for number, first in enumerate(shown):
        for second in shown[number + 1 :]:
            if first.parentWidget() is not second.parentWidget():
                continue
            common = _place(first).intersected(_place(second))
            if common.width() > 2 and common.height() > 2:
                found.append(f"{_called(first)!r} and {_called(second)!r}")
    return found


def _called(shown: QWidget) -> str:
    return shown.text()[:40] if isinstance(shown, QLabel) else shown.accessibleName()


def _place(widget: QWidget) -> QRect:
    return widget.geometry()


def untranslated_texts(window: QWidget, data: re.Pattern[str]) -> list[str]:
    """Return the words shown under the pseudo-language that did not go through it.

    What ``data`` matches in full was never meant to.
    """
    return [
        f"{type(widget).__name__} {text[:80]!r}"
        for widget, text in visible_texts(window)
        if _has_plain_words(text) and not data.fullmatch(text)
    ]


def _has_plain_words(text: str) -> bool:
    return "⟦" not in text and any(len(word) > 2 and word.isalpha() for word in text.split())
