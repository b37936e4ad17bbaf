from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.kit.glossary import GlossaryButton, entries, explained

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
