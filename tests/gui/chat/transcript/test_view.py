from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.conversations.conversation import Answer, Conversation, Exchange
from gui.chat.transcript.view import Transcript
from gui.kit.theme import apply_theme


def talk(count: int, text: str = "A stone.") -> Conversation:
    return Conversation(
        exchanges=tuple(
            Exchange(question=f"Question {n}?", answers=(Answer(model="base", text=text),))
            for n in range(count)
        )
    )


@pytest.fixture
def transcript(qapp: QApplication, qtbot: QtBot) -> Iterator[Transcript]:
    apply_theme(qapp, "light")
    made = Transcript()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    yield made
    made.shut_down()


def test_the_end_of_a_long_conversation_is_shown_first(
    transcript: Transcript, qtbot: QtBot
) -> None:
    transcript.show_conversation(talk(40))
    assert [view.place for view in transcript.views] == [39]
    qtbot.waitUntil(lambda: len(transcript.views) == 12)
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    assert transcript.earlier.isVisible()
    transcript.earlier.click()
    qtbot.waitUntil(lambda: len(transcript.views) == 24)
    assert [view.place for view in transcript.views] == list(range(16, 40))


def test_only_the_last_question_can_be_changed(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.show_conversation(talk(3))
    qtbot.waitUntil(lambda: len(transcript.views) == 3)
    assert [view.edit.isVisibleTo(transcript) for view in transcript.views] == [False, False, True]


def test_a_long_answer_is_drawn_in_turns(transcript: Transcript, qtbot: QtBot) -> None:
    long = ("Words of a sentence. " * 90 + "\n\nMore.\n\n```\ncode\n```\n\n") * 30
    begun = time.perf_counter()
    transcript.show_conversation(talk(12, long))
    assert time.perf_counter() - begun < 0.5  # all of it takes seconds
    body = transcript.views[-1].cards[0].body
    qtbot.waitUntil(lambda: body.plain_text().count("code") == 30)


def test_who_reads_above_is_not_pulled_down(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.show_conversation(talk(12))
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: len(transcript.views) == 12 and bar.maximum() > 300)
    qtbot.wait(100)
    bar.setValue(0)
    transcript.views[-1].cards[0].body.show_text("word\n\n" * 50)
    qtbot.wait(100)
    assert bar.value() == 0


def test_the_field_of_a_correction_stays_in_sight(transcript: Transcript, qtbot: QtBot) -> None:
    transcript.show_conversation(talk(4))
    qtbot.waitUntil(lambda: len(transcript.views) == 4)
    bar = transcript.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    card = transcript.views[1].cards[0]
    transcript.ensureWidgetVisible(card)

    card.begin_correction()

    field = card.correction.field
    qtbot.waitUntil(lambda: field.height() > 100)
    qtbot.wait(50)
    top = field.mapTo(transcript.viewport(), field.rect().topLeft()).y()
    assert top >= 0 and top + field.height() <= transcript.viewport().height()


def test_who_answered_is_named_as_the_fine_tune_is_called(
    transcript: Transcript, qtbot: QtBot
) -> None:
    answers = (Answer(model="train-001", text="A stone."), Answer(model="train-002", text="Two."))
    exchange = Exchange(question="What?", answers=answers)
    transcript.show_conversation(Conversation(exchanges=(exchange,)))
    (view,) = transcript.views
    assert [card.name.text() for card in view.cards] == ["train-001", "train-002"]
    transcript.call({"train-001": "Margaret bot"})
    assert [card.name.text() for card in view.cards] == ["Margaret bot", "train-002"]
    assert view.cards[0].accessibleName() == "Answer of Margaret bot"
    transcript.show_conversation(Conversation(exchanges=(exchange,)))
    assert transcript.views[0].cards[0].name.text() == "Margaret bot", "also what comes later"


def test_names_stay_hidden_in_a_blind_question(transcript: Transcript) -> None:
    exchange = Exchange(question="?", answers=(Answer(model="train-001", text="A"),), blind=True)
    transcript.show_conversation(Conversation(exchanges=(exchange,)))
    transcript.call({"train-001": "Margaret bot"})
    (card,) = transcript.views[0].cards
    assert "Margaret" not in card.name.text() + card.accessibleName()
    transcript.reveal()
    assert card.name.text() == "Margaret bot"
