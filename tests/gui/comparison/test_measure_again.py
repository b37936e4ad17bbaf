"""The choice beside the button is the one that was made before."""

from PySide6.QtWidgets import QCheckBox

from gui.comparison.measure_again import MeasureAgain


def test_both_boxes_are_one_choice(qtbot):
    first = QCheckBox("Also try a prompt")
    again = MeasureAgain(first)
    qtbot.addWidget(first)
    qtbot.addWidget(again)
    assert again.prompted.text() == first.text()
    first.setChecked(True)
    assert again.prompted.isChecked()
    again.prompted.setChecked(False)
    assert not first.isChecked()
