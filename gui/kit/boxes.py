"""Rows and columns of widgets, written as one expression."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Item = QWidget | QLayout
Part = Item | int | tuple[Item, int] | tuple[Item, int, Qt.AlignmentFlag]
"""A widget or layout, with its stretch and its place where it needs them; a number is a gap that
stretches that much."""
Margins = int | tuple[int, int] | tuple[int, int, int, int]
"""Pixels: the same all around; at the sides, above and below; or as Qt counts them."""

Box = TypeVar("Box", bound=QBoxLayout)  # not shown: a type


def hbox(
    *parts: Part,
    on: QWidget | None = None,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QHBoxLayout:
    """Return a row of ``parts``, laid out on a widget if one is given."""
    return _filled(QHBoxLayout() if on is None else QHBoxLayout(on), parts, margins, spacing)


def vbox(
    *parts: Part,
    on: QWidget | None = None,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QVBoxLayout:
    """Return a column of ``parts``, laid out on a widget if one is given."""
    return _filled(QVBoxLayout() if on is None else QVBoxLayout(on), parts, margins, spacing)


def settle() -> None:
    """Give what has grown its room at once: a layout within others would take several turns."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _filled(box: Box, parts: tuple[Part, ...], margins: Margins | None, spacing: int | None) -> Box:
    if margins is not None:
        sides = (margins, margins) if isinstance(margins, int) else margins
        left, top, right, bottom = sides if len(sides) == 4 else sides * 2
        box.setContentsMargins(left, top, right, bottom)
    if spacing is not None:
        box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addStretch(part)
            continue
        _add(box, *part) if isinstance(part, tuple) else _add(box, part)
    return box


def _add(
    box: QBoxLayout, item: Item, stretch: int = 0, place: Qt.AlignmentFlag | None = None
) -> None:
    if isinstance(item, QWidget):
        box.addWidget(item, stretch)
    else:
        box.addLayout(item, stretch)
    if place is not None:
        box.setAlignment(item, place)
