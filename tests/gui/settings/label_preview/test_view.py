from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from gui.settings.label_preview.view import LabelPreviewView
from tests.gui.settings.label_preview.labels import preview


def shown(qtbot: QtBot, limit: int = 64, **options: int) -> LabelPreviewView:
    view = LabelPreviewView()
    qtbot.addWidget(view)
    view.show_preview(preview(**options), limit)
    return view


def pick(view: LabelPreviewView, name: str) -> None:
    view.which.setCurrentIndex(view.which.findText(name))
    view.which.activated.emit(view.which.currentIndex())


def test_leafing_through(qtbot: QtBot) -> None:
    view = shown(qtbot)
    assert view.where.text() == "1 of 6 · a.jsonl, line 1 · for training · 10 tokens, 5 learned"
    assert not view.previous.isEnabled()
    view.next.click()
    assert "line 2" in view.where.text()
    view.go(99)
    assert "6 of 6" in view.where.text()
    assert not view.next.isEnabled()


def test_what_is_lost_is_offered_only_where_there_is_some(qtbot: QtBot) -> None:
    view = shown(qtbot)
    assert view.which.findText("Nothing to learn") < 0
    view = shown(qtbot, faulty=2)
    pick(view, "Nothing to learn")
    assert view.where.text().startswith("1 of 2 · a.jsonl, line 5")
    assert "no." in view.text.pane.toPlainText()


def test_the_longest_come_first(qtbot: QtBot) -> None:
    view = shown(qtbot, long=1)
    pick(view, "The longest examples")
    assert "line 1" in view.where.text()
    assert "48 tokens" in view.where.text()


def test_another_limit_keeps_the_place(qtbot: QtBot) -> None:
    view = LabelPreviewView()
    qtbot.addWidget(view)
    same = preview()
    view.show_preview(same, 64)
    view.go(3)
    view.show_preview(same, 7)
    assert view.place == 3
    assert "2 learned" in view.where.text()


def test_an_example_of_several_texts_says_which_one(qtbot: QtBot) -> None:
    view = LabelPreviewView()
    qtbot.addWidget(view)
    one = preview(1)
    twice = [
        text.model_copy(update={"texts": 2, "number": n}) for n in (0, 1) for text in one.texts
    ]
    view.show_preview(replace(one, texts=tuple(twice)), 64)
    view.go(1)
    assert "line 1, text 2 of 2" in view.where.text()
