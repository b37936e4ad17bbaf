from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.chat.options import OptionsPanel
from gui.chat.view_model import Options


def test_options_are_shown_and_told(qtbot: QtBot) -> None:
    panel = OptionsPanel()
    qtbot.addWidget(panel)
    panel.show_options(Options("Be short.", 0.3, 128))
    assert panel.options() == Options("Be short.", 0.3, 128)
    with qtbot.waitSignal(panel.changed):
        panel.length.setValue(0)
    assert panel.length.text() == "as long as it fits"
