from __future__ import annotations

import time

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.chat.transcript.later import Later


def test_work_is_done_in_order_and_in_short_turns(qtbot: QtBot) -> None:
    around = QObject()
    later, done = Later(around), []

    def work(name: str, times: int):  # type: ignore[no-untyped-def]
        left = [times]

        def turn() -> bool:
            time.sleep(0.005)
            done.append(name)
            left[0] -= 1
            return left[0] > 0

        return turn

    later.add(work("a", 12))
    later.add(work("b", 2))
    assert done == []
    later._turn()
    assert 1 <= len(done) <= 6
    qtbot.waitUntil(lambda: len(done) == 14)
    assert done == ["a"] * 12 + ["b"] * 2
    qtbot.waitUntil(lambda: not later._timer.isActive())
    later.add(work("c", 3))
    later.forget()
    assert not later._timer.isActive()
