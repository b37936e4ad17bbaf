from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.kit.look import motion


@pytest.fixture
def shown(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show()
    return widget


def test_nothing_moves_where_that_is_asked_for(
    shown: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(motion.STILL, "1")
    assert motion.fade_in(shown) is None
    motion.crossfade(shown, shown)
    assert shown.children() == []


@pytest.mark.parametrize("asked", ["style", "environment"])
def test_nothing_moves_where_the_desktop_wants_no_animations(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.delenv(motion.STILL, raising=False)
    monkeypatch.delenv(motion.GTK, raising=False)
    monkeypatch.setattr(motion.QGuiApplication, "platformName", lambda: "xcb")
    takes = {"now": 200}
    style = SimpleNamespace(styleHint=lambda _hint: takes["now"])
    monkeypatch.setattr(motion.QApplication, "style", lambda: style)
    assert not motion.is_reduced()
    if asked == "style":
        takes["now"] = 0
    else:
        monkeypatch.setenv(motion.GTK, "0")
    assert motion.is_reduced()


def test_a_widget_fades_in_and_is_then_drawn_as_usual(
    shown: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "is_reduced", lambda: False)
    running = motion.fade_in(shown)
    assert running.duration() == 150
    qtbot.waitUntil(lambda: shown.graphicsEffect() is None)


def test_what_was_seen_fades_over_what_comes(
    shown: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "is_reduced", lambda: False)
    motion.crossfade(shown, shown)
    assert len(shown.findChildren(QWidget)) == 1
    qtbot.waitUntil(lambda: not shown.findChildren(QWidget))


def test_a_page_that_comes_late_is_not_seen_through_the_one_before(
    shown: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "is_reduced", lambda: False)
    motion.crossfade(shown, shown)
    (picture,) = shown.findChildren(QWidget)
    time.sleep(0.2)  # the page is made, and the window has no turn
    QApplication.processEvents()
    assert not picture.isVisible()
