from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.hardware.system.awake import paused_notice, unwanted_notice
from gui.training.awake_line import AwakeLine
from tests.gui import scenes


def test_both_states_are_said_while_it_runs(qtbot: QtBot) -> None:
    line = AwakeLine()
    qtbot.addWidget(line)
    line.show_notice(None, running=True)
    assert line.isHidden()
    line.show_notice(scenes.awake(works=True), running=True)
    assert not line.isHidden()
    assert line.accessibleName() == "The computer stays awake during the run."
    good = line._sign.pixmap().cacheKey()
    line.show_notice(scenes.awake(works=False), running=True)
    assert "cannot keep the computer awake" in line.text.text()
    assert "power settings" in line.text.text()
    assert line._sign.pixmap().cacheKey() != good, "not by words alone"
    for notice in (unwanted_notice(), paused_notice()):
        line.show_notice(notice, running=True)
        assert line.text.text().startswith("The computer may sleep")
        assert line._sign.pixmap().cacheKey() != good
    line.show_notice(scenes.awake(works=False), running=False)
    assert line.isHidden()
