from __future__ import annotations

from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from core.actions import serving
from core.project import Project
from core.serving.messages import LoadFailed, Ready
from gui.daily_use.server_control import ServerControl


def test_what_the_model_tells_is_shown(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    closed: list[bool] = []
    opened = SimpleNamespace(offer="an offer", close=lambda: closed.append(True))
    monkeypatch.setattr(serving, "look_at_serving", lambda *_given: "an offer")
    monkeypatch.setattr(serving, "serve", lambda *_given, **_more: opened)
    control = ServerControl()
    control.start(Project(tmp_path), ("train-001",))
    qtbot.waitUntil(lambda: control.state == "on")
    control._told.put(Ready(models=("base",), context=10, slots=1, memory=7))
    qtbot.waitUntil(lambda: control.memory == 7)
    with qtbot.waitSignal(control.failed) as failed:
        control._told.put(LoadFailed(code="x", what="It died.", todo="Ask again."))
    assert failed.args[0].what == "It died."
    assert control.state == "on"  # the next question loads it again
    control.end()
    qtbot.waitUntil(lambda: control.state == "off")
    assert closed == [True]
    control.shut_down()
