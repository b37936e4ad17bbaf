"""Fields for numbers, whose text keeps its distance from the frame.

A style sheet's padding at the left does not reach the text of Qt's spin boxes.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

_BESIDE = 8  # as the padding of other fields


class NumberField(QSpinBox):
    """A field for a whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _keep_distance(self)

    def sizeHint(self) -> QSize:
        """Return what the longest number needs."""
        return super().sizeHint() + QSize(_BESIDE, 0)


class DecimalField(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _keep_distance(self)

    def sizeHint(self) -> QSize:
        """Return what the longest number needs."""
        return super().sizeHint() + QSize(_BESIDE, 0)


def _keep_distance(field: QAbstractSpinBox) -> None:
    field.lineEdit().setTextMargins(_BESIDE, 0, 0, 0)
