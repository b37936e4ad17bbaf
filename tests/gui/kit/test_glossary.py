from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gui.kit.glossary import GlossaryButton, Popover, entries, explained

GUI = Path(__file__).resolve().parents[3] / "gui"


def test_every_word_has_a_plain_explanation() -> None:
    for key, entry in entries().items():
        assert entry.word, key
        assert entry.text.endswith("."), key
        assert len(entry.text.split()) >= 6, key


def test_every_word_that_is_asked_for_exists() -> None:
    asked = set()
    for path in GUI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r'explained\(_\("[^"]+"\), "(\w+)"', text))
        asked |= set(re.findall(r'ValueTile\(_\("[^"]+"\), "(\w+)"', text))
        asked |= set(re.findall(r'glossary="(\w+)"', text))
    assert asked
    assert asked <= set(entries())


def test_a_click_shows_the_explanation(qtbot: QtBot) -> None:
    button = GlossaryButton("perplexity")
    qtbot.addWidget(button)
    button.show()
    assert button.accessibleName() == "What is “perplexity”?"
    popover = button.explain()
    texts = [shown.text() for shown in popover.findChildren(QLabel)]
    assert texts == ["perplexity", entries()["perplexity"].text]
    popover.close()


@pytest.fixture
def shown(qtbot: QtBot) -> tuple[QWidget, GlossaryButton, QPushButton]:
    """A window with a question mark and something else to press."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    button, other = GlossaryButton("loss", window), QPushButton("Other", window)
    other.move(200, 200)
    window.show()
    return window, button, other


def is_open(button: GlossaryButton) -> bool:
    return any(isValid(one) and one.isVisible() for one in button.findChildren(Popover))


def test_the_next_click_closes_it_and_does_its_work(
    shown: tuple[QWidget, GlossaryButton, QPushButton], qtbot: QtBot
) -> None:
    _window, button, other = shown
    pressed: list[str] = []
    other.clicked.connect(lambda: pressed.append("other"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert is_open(button)
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    assert pressed == ["other"]
    assert not is_open(button)


def test_the_question_mark_closes_it_again(
    shown: tuple[QWidget, GlossaryButton, QPushButton], qtbot: QtBot
) -> None:
    _window, button, _other = shown
    for is_shown in (True, False, True):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert is_open(button) is is_shown


def test_escape_closes_it(shown: tuple[QWidget, GlossaryButton, QPushButton], qtbot: QtBot) -> None:
    window, button, _other = shown
    button.explain()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not is_open(button)


@pytest.mark.parametrize("key", sorted(entries()))
def test_an_explanation_is_as_high_as_its_text(key: str, qtbot: QtBot) -> None:
    button = GlossaryButton(key)
    qtbot.addWidget(button)
    button.show()
    popover = button.explain()
    word, text = popover.findChildren(QLabel)
    needed = word.heightForWidth(word.width()) + text.heightForWidth(text.width())
    margins = popover.layout().contentsMargins()
    spare = popover.height() - needed - margins.top() - margins.bottom()
    assert 0 <= spare <= 4 * popover.layout().spacing()
    popover.close()


def test_a_caption_may_carry_its_explanation(qtbot: QtBot) -> None:
    holder = explained("Perplexity", "perplexity")
    qtbot.addWidget(holder)
    assert holder.findChildren(GlossaryButton)


def test_a_word_is_explained_in_the_present_language(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMELAB_TUNER_LANGUAGE", "en_XA")
    button = GlossaryButton("loss")
    qtbot.addWidget(button)
    assert button.entry.word.startswith("⟦ļ")
    assert button.entry.text.startswith("⟦")
