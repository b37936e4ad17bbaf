"""What the gallery says of controls can be wrong."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QWidget

from tests.gui.access import lacking


def test_what_lacks_a_name_or_a_size_is_found(qapp: QApplication) -> None:
    window = QWidget()
    small = QToolButton(window)
    small.setFixedSize(18, 18)
    field = QLineEdit(window)
    window.show()
    found = lacking(window)
    assert any("no name" in one and "QLineEdit" in one for one in found)
    assert any("18 x 18" in one for one in found)
    small.setAccessibleName("Close")
    small.setFixedSize(24, 24)
    field.setAccessibleName("Name")
    assert lacking(window) == []
    window.close()
