from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.data.draft import DraftSummary
from gui.examples.speaker_question import SpeakerQuestion
from tests.gui.examples.drafts import make_draft


@pytest.fixture
def summary(tmp_path: Path) -> DraftSummary:
    with make_draft(tmp_path) as draft:
        return draft.summary


def with_people(
    summary: DraftSummary, people: dict[str, int], given: dict[str, str]
) -> DraftSummary:
    read = summary.options.read.model_copy(update={"speakers": given})
    options = summary.options.model_copy(update={"read": read})
    return summary.model_copy(update={"speakers": people, "options": options})


def test_who_wrote_most_comes_first_and_nobody_is_chosen(
    summary: DraftSummary, qtbot: QtBot
) -> None:
    question = SpeakerQuestion()
    qtbot.addWidget(question)
    question.show_summary(summary)
    assert question.isHidden()

    question.show_summary(with_people(summary, {"Jenny": 38, "Margaret": 82}, {"Bot": "user"}))
    assert not question.isHidden()
    assert question.speakers.itemData(0) == "Margaret"
    assert question.speakers.currentIndex() == -1 and not question.learn.isEnabled()

    question.speakers.setCurrentIndex(0)
    with qtbot.waitSignal(question.chosen) as chosen:
        question.learn.click()
    assert chosen.args[0] == {"Bot": "user", "Margaret": "assistant"}


def test_it_stays_to_be_seen_and_changed_who_was_chosen(
    summary: DraftSummary, qtbot: QtBot
) -> None:
    question = SpeakerQuestion()
    qtbot.addWidget(question)
    question.show_summary(with_people(summary, {}, {"Bot": "user", "Margaret": "assistant"}))

    assert question.who.text() == "The model learns from what Margaret wrote."
    with qtbot.waitSignal(question.chosen) as chosen:
        question.change.click()
    assert chosen.args[0] == {"Bot": "user"}
