from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.serving.use.record import RecordSettings
from gui.daily_use.record_card import RecordCard, learned_in_words


def test_settings_are_told_once_each(qtbot: QtBot) -> None:
    card = RecordCard()
    qtbot.addWidget(card)
    told: list[RecordSettings] = []
    card.changed.connect(told.append)
    card.show_settings(RecordSettings(on=True, characters=500))
    assert told == []
    card.characters.setValue(0)
    assert card.characters.text() == "no text, only figures"
    card.on.click()
    assert told == [RecordSettings(characters=0), RecordSettings(on=False, characters=0)]


@pytest.mark.parametrize(
    ("found", "words"),
    [((2, 0, 0), "2 examples were added. Train again to learn from them."),
     ((0, 1, 0), "No example was added. 1 resembles a held-out example and was left out."),
     ((1, 0, 3), "1 example was added. Train again to learn from it. 3 were known already.")],
)  # fmt: skip
def test_what_became_of_the_answers(found: tuple[int, int, int], words: str) -> None:
    assert learned_in_words(*found) == words
