from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.examples.reading_bar import ReadingBar
from tests.gui.examples.drafts import make_draft


def test_the_mapping_unfolds_where_the_guess_is_not_sure(qtbot: QtBot, tmp_path: Path) -> None:
    bar = ReadingBar()
    qtbot.addWidget(bar)
    with make_draft(tmp_path) as draft:
        summary = draft.summary
    bar.show_summary(summary)
    assert "Question: “question”" in bar.guessed.text()
    assert bar.mapping.isHidden()
    bar.show_summary(summary.model_copy(update={"confidence": 0.4}))
    assert bar.correct.isChecked()
    assert not bar.mapping.isHidden()
    with qtbot.waitSignal(bar.corrected) as corrected:
        bar.mapping.again.click()
    assert corrected.args[0].columns == {"question": "question", "answer": "answer"}


def test_whose_messages_are_learned_is_asked_and_kept(qtbot: QtBot, tmp_path: Path) -> None:
    bar = ReadingBar()
    qtbot.addWidget(bar)
    with make_draft(tmp_path) as draft:
        summary = draft.summary
    bar.show_summary(summary)
    assert bar.who.isHidden()
    bar.show_summary(summary.model_copy(update={"speakers": {"Rowan": 4, "Mika": 1}}))
    assert not bar.who.isHidden()
    texts = [bar.who.speakers.itemText(n) for n in range(2)]
    assert texts == ["Rowan (4 messages)", "Mika (1 message)"]
    assert bar.who.speakers.currentIndex() == -1 and not bar.who.learn.isEnabled()
    bar.who.speakers.setCurrentIndex(1)
    with qtbot.waitSignal(bar.corrected) as told:
        bar.who.learn.click()
    assert told.args[0].speakers == {"Mika": "assistant"}
    said = summary.options.model_copy(update={"read": told.args[0]})
    bar.show_summary(summary.model_copy(update={"options": said}))
    with qtbot.waitSignal(bar.corrected) as again:
        bar.mapping.again.click()
    assert again.args[0].speakers == {"Mika": "assistant"}
    assert bar.who.who.text() == "The model learns from what Mika wrote."
    with qtbot.waitSignal(bar.corrected) as other:
        bar.who.change.click()
    assert other.args[0].speakers == {}
