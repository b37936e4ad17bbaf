from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.events import Notice
from gui.training.notice_list import NoticeList


def test_the_newest_come_first_and_each_once(qtbot: QtBot) -> None:
    widget = NoticeList()
    qtbot.addWidget(widget)
    assert widget.isHidden()
    texts = ["one", "two", "one", "three", "four", "five", "six"]
    widget.show_notices([Notice(code="x", text=text, todo="Do it.") for text in texts])
    names = [widget._layout.itemAt(i).widget().accessibleName() for i in range(5)]
    assert names == [f"Note: {text} Do it." for text in ("six", "five", "four", "three", "one")]
    widget.show_notices([])
    assert widget.isHidden()
